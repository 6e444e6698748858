//! The SSH face: a real server with a host key, passwords and public keys, which
//! runs commands (and nothing else) in the stand-in's shell.

mod occ;
pub(crate) mod shell;

use std::net::Shutdown;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use russh::keys::{PrivateKey, PublicKey};
use russh::server::{Auth, ChannelOpenHandle, Config, Handler, Msg, Session, VerifiedPublicKey};
use russh::{Channel, ChannelId, ChannelMsg};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use self::shell::{Output, Shell};
use super::stage::Stage;

/// Standard error, among the streams of a channel.
const STDERR: u32 = 1;
/// The most input that a command is given.
const MOST_INPUT: usize = 64 * 1024;

/// Who may log in.
#[derive(Debug, Clone)]
pub(crate) struct Logins {
    /// The one name.
    pub(crate) user: String,
    /// The password, if there is one.
    pub(crate) password: Option<String>,
    /// The public keys, which a test may change.
    pub(crate) keys: Arc<Mutex<Vec<PublicKey>>>,
}

/// Serves until `stop`.
pub(crate) async fn serve(
    listener: TcpListener,
    stage: Stage,
    host_key: PrivateKey,
    logins: Logins,
    stop: CancellationToken,
) {
    let config = Arc::new(Config {
        keys: vec![host_key],
        auth_rejection_time: Duration::from_millis(10),
        auth_rejection_time_initial: Some(Duration::ZERO),
        nodelay: true,
        ..Config::default()
    });
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                let cut = stop.child_token();
                let handler = Visitor::new(stage.clone(), logins.clone(), cut.clone());
                tokio::spawn(connection(config.clone(), stream, handler, cut));
            }
        }
    }
}

async fn connection(
    config: Arc<Config>,
    stream: TcpStream,
    visitor: Visitor,
    cut: CancellationToken,
) {
    if visitor.stage.faults().dead {
        return;
    }
    let _ = stream.set_nodelay(true);
    let Ok((stream, twin)) = twins(stream) else { return };
    let began = tokio::select! {
        began = russh::server::run_stream(config, stream, visitor) => began,
        () = cut.cancelled() => return,
    };
    let Ok(session) = began else { return };
    tokio::select! {
        // How it ends is the client's affair.
        _ = session => {}
        // A session is a task of its own; without a wire it ends, and nothing is said.
        () = cut.cancelled() => drop(twin.shutdown(Shutdown::Both)),
    }
}

/// A stream, and a second hold on it to cut it by.
fn twins(stream: TcpStream) -> std::io::Result<(TcpStream, std::net::TcpStream)> {
    let stream = stream.into_std()?;
    let twin = stream.try_clone()?;
    Ok((TcpStream::from_std(stream)?, twin))
}

/// One connection.
struct Visitor {
    stage: Stage,
    logins: Logins,
    /// Channels that were opened and not used yet.
    open: Vec<Channel<Msg>>,
    cut: CancellationToken,
}

impl Visitor {
    fn new(stage: Stage, logins: Logins, cut: CancellationToken) -> Self {
        Self { stage, logins, open: Vec::new(), cut }
    }

    fn judge(&self, user: &str, right: bool) -> Auth {
        if right && user == self.logins.user && !self.stage.faults().ssh_refuses {
            Auth::Accept
        } else {
            Auth::reject()
        }
    }
}

impl Handler for Visitor {
    type Error = russh::Error;

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth, Self::Error> {
        let right = self.logins.password.as_deref() == Some(password);
        Ok(self.judge(user, right))
    }

    async fn auth_publickey(
        &mut self,
        user: &str,
        key: VerifiedPublicKey<'_>,
    ) -> Result<Auth, Self::Error> {
        let known = self.logins.keys.lock();
        let right = known.iter().any(|known| known.key_data() == key.public_key.key_data());
        drop(known);
        Ok(self.judge(user, right))
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Self::Error> {
        self.open.push(channel);
        reply.accept().await;
        Ok(())
    }

    async fn exec_request(
        &mut self,
        id: ChannelId,
        script: &[u8],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        let Some(at) = self.open.iter().position(|channel| channel.id() == id) else {
            return session.channel_failure(id);
        };
        let channel = self.open.swap_remove(at);
        session.channel_success(id)?;
        let script = String::from_utf8_lossy(script).into_owned();
        let (stage, user) = (self.stage.clone(), self.logins.user.clone());
        tokio::spawn(execute(channel, stage, user, script, self.cut.clone()));
        Ok(())
    }
}

/// Reads the input, runs the script, answers.
async fn execute(
    mut channel: Channel<Msg>,
    stage: Stage,
    user: String,
    script: String,
    cut: CancellationToken,
) {
    let mut input = Vec::new();
    // A script that reads nothing does not wait for the end of its input.
    let reads = script.contains("read ");
    while reads && input.len() < MOST_INPUT && !input.contains(&b'\n') {
        match channel.wait().await {
            Some(ChannelMsg::Data { data }) => input.extend_from_slice(&data),
            Some(ChannelMsg::Eof | ChannelMsg::Close) | None => break,
            Some(_) => {}
        }
    }
    let input = String::from_utf8_lossy(&input).into_owned();
    let output = Shell::new(stage, &user, &input).run(&script).await;
    if output.cut {
        cut.cancel();
        return;
    }
    let _ = answer(&channel, output).await;
}

async fn answer(channel: &Channel<Msg>, output: Output) -> Result<(), russh::Error> {
    if !output.stdout.is_empty() {
        channel.data_bytes(output.stdout.into_bytes()).await?;
    }
    if !output.stderr.is_empty() {
        channel.extended_data_bytes(STDERR, output.stderr.into_bytes()).await?;
    }
    channel.exit_status(output.code).await?;
    channel.eof().await?;
    channel.close().await
}
