//! A mail server that takes everything, for pages that send something.

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// Starts one on this machine; its port.
pub(super) async fn listen() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(talk(stream));
        }
    });
    port
}

/// One caller, until it goes.
async fn talk(stream: TcpStream) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 mail.example\r\n").await?;
    let (mut line, mut in_text) = (String::new(), false);
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let word = line.split_whitespace().next().unwrap_or_default().to_uppercase();
        let answer = match word.as_str() {
            "." if in_text => "250 taken",
            _ if in_text => continue,
            "DATA" => "354 go on",
            "QUIT" => "221 good bye",
            _ => "250 fine",
        };
        in_text = word == "DATA";
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
}
