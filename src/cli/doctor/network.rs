//! Names, connections and certificates of everything that is called.

use std::time::Duration;

use futures::future::join_all;
use reqwest::Url;
use reqwest::header::DATE;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use zelador_actors::engine::Clock;

use super::finding::{Family, Finding};

const FAMILY: Family = Family("network");
/// Slower than this is as good as not at all for whoever waits.
const PATIENCE: Duration = Duration::from_secs(5);

/// How a host is spoken to, no further than to see that it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Speech {
    /// `HEAD /`: any answer will do.
    Http,
    /// The greeting of a mail server.
    Smtp,
    /// `PING`: any answer will do.
    Redis,
    /// A connection.
    Plain,
}

/// What is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// Who calls it, as the configuration names it.
    pub(super) about: String,
    /// Where; its path, its query and who signs in are left out.
    pub(super) url: Url,
    /// How.
    pub(super) speech: Speech,
}

impl Target {
    /// From an address in the configuration; one that is none was refused there.
    pub(super) fn of(about: &str, url: &str, speech: Speech) -> Option<Self> {
        let mut url = Url::parse(url).ok()?;
        url.host_str()?;
        let _ = (url.set_username(""), url.set_password(None));
        url.set_path("/");
        url.set_query(None);
        url.set_fragment(None);
        Some(Self { about: about.to_owned(), url, speech })
    }
}

/// What came of it.
#[derive(Debug, Clone)]
pub(super) struct Probe {
    /// What was called.
    target: Target,
    /// How far that went.
    reached: Result<(), Trouble>,
    /// Seconds by which the host's clock is ahead, if it told the time.
    pub(super) ahead: Option<i64>,
}

/// Where it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Trouble {
    /// Nobody knows the name.
    Name(String),
    /// The host cannot be reached.
    Connection(String),
    /// It is there, and does not speak like that.
    Answer(String),
}

impl Probe {
    /// The host, without its port.
    pub(super) fn host(&self) -> String {
        self.target.url.host_str().unwrap_or_default().to_owned()
    }
}

/// Calls all of them at once.
pub(super) async fn gather(targets: &[Target]) -> Vec<Probe> {
    join_all(targets.iter().map(probe)).await
}

async fn probe(target: &Target) -> Probe {
    let mut ahead = None;
    let reached = async {
        let place = resolve(&target.url).await?;
        match target.speech {
            Speech::Http => ahead = head(&target.url).await?,
            Speech::Smtp => talk(place, b"", b"220").await?,
            Speech::Redis => talk(place, b"PING\r\n", b"").await?,
            Speech::Plain => drop(connect(place).await?),
        }
        Ok(())
    };
    let reached = reached.await;
    Probe { target: target.clone(), reached, ahead }
}

async fn resolve(url: &Url) -> Result<std::net::SocketAddr, Trouble> {
    // An address in brackets is one, and no name.
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let port = url.port_or_known_default().unwrap_or(0);
    let name = |why: String| Trouble::Name(format!("{host}: {why}"));
    let found = timeout(PATIENCE, lookup_host((host, port))).await;
    let mut found = found
        .map_err(|_| name("no answer".to_owned()))?
        .map_err(|error| name(error.to_string()))?;
    found.next().ok_or_else(|| name("no address".to_owned()))
}

async fn connect(place: std::net::SocketAddr) -> Result<TcpStream, Trouble> {
    let trouble = |why: String| Trouble::Connection(format!("{place}: {why}"));
    let connected = timeout(PATIENCE, TcpStream::connect(place)).await;
    connected.map_err(|_| trouble("no answer".to_owned()))?.map_err(|e| trouble(e.to_string()))
}

async fn talk(place: std::net::SocketAddr, say: &[u8], hear: &[u8]) -> Result<(), Trouble> {
    let mut stream = connect(place).await?;
    let mut bytes = [0; 64];
    let said = timeout(PATIENCE, async {
        stream.write_all(say).await?;
        stream.read(&mut bytes).await
    });
    let trouble = |why: &str| Trouble::Answer(format!("{place}: {why}"));
    match said.await {
        Ok(Ok(count)) if count > 0 && bytes.starts_with(hear) => Ok(()),
        Ok(Ok(0)) => Err(trouble("it hung up")),
        Ok(Ok(_)) => Err(trouble("it speaks something else")),
        Ok(Err(error)) => Err(trouble(&error.to_string())),
        Err(_) => Err(trouble("it says nothing")),
    }
}

async fn head(url: &Url) -> Result<Option<i64>, Trouble> {
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(PATIENCE)
        .user_agent(concat!("zelador/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| Trouble::Answer(error.to_string()))?;
    let answer = client.head(url.clone()).send().await.map_err(|error| {
        let mut cause: &dyn std::error::Error = &error;
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        Trouble::Answer(cause.to_string())
    })?;
    let date = answer.headers().get(DATE).and_then(|date| date.to_str().ok());
    Ok(date.and_then(|date| seconds_ahead(date, Clock::system().now())))
}

/// By how many seconds a `Date` is ahead of us.
fn seconds_ahead(date: &str, now: zelador_store::Timestamp) -> Option<i64> {
    let theirs = jiff::fmt::rfc2822::parse(date).ok()?.timestamp();
    Some(theirs.as_second() - now.to_jiff().as_second())
}

/// Judges what came of it.
pub(super) fn judge(probes: &[Probe]) -> Vec<Finding> {
    probes
        .iter()
        .map(|probe| {
            let about = probe.target.about.as_str();
            let host = probe.host();
            match &probe.reached {
                Ok(()) => FAMILY.fine(about, format!("{} is reached", probe.target.url)),
                Err(Trouble::Name(why)) => FAMILY.wrong(
                    about,
                    format!("the name is not found: {why}"),
                    format!("see that it is spelt right; then `resolvectl query {host}` and /etc/resolv.conf"),
                ),
                Err(Trouble::Connection(why)) => FAMILY.wrong(
                    about,
                    format!("not reached: {why}"),
                    "see whether the other side runs, and whether a firewall stands between",
                ),
                Err(Trouble::Answer(why)) => FAMILY.wrong(
                    about,
                    format!("reached, but: {why}"),
                    "see that address and port are those of the right service; \
                     for a certificate, `apt-get install ca-certificates` and the clock",
                ),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;
    use zelador_actors::drive::rules::preflight::Weight;

    use super::*;

    #[test]
    fn what_is_called_is_named_without_its_secrets() {
        let target = Target::of("redis", "redis://u:pw@h.example:6380/3?x=y", Speech::Redis);
        assert_eq!(target.unwrap().url.as_str(), "redis://h.example:6380/");
        assert_eq!(Target::of("x", "mailto:a@b", Speech::Plain), None);
    }

    #[test]
    fn another_clock_is_read_from_its_date() {
        let now = "2026-03-02T12:00:00.900Z".parse().unwrap();
        assert_eq!(seconds_ahead("Mon, 02 Mar 2026 12:01:00 GMT", now), Some(60));
        assert_eq!(seconds_ahead("soon", now), None);
    }

    /// Answers each connection with this, once something was said or at once.
    async fn server(waits: bool, greeting: &'static [u8]) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                if waits {
                    let _ = stream.read(&mut [0; 1024]).await;
                }
                let _ = stream.write_all(greeting).await;
            }
        });
        port
    }

    #[tokio::test]
    async fn how_far_a_call_went_is_told() {
        use Weight::{Fine, Wrong};
        let mail = server(false, b"220 mail.example\r\n").await;
        let other = server(false, b"SSH-2.0-x\r\n").await;
        let closed = {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            listener.local_addr().unwrap().port()
        };
        let http = server(true, b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n").await;
        let target = |port: u16, scheme: &str, speech| {
            Target::of("x", &format!("{scheme}://127.0.0.1:{port}"), speech).unwrap()
        };
        let found = judge(
            &gather(&[
                target(mail, "smtp", Speech::Smtp),
                target(http, "http", Speech::Http),
                target(other, "smtp", Speech::Smtp),
                target(closed, "redis", Speech::Redis),
                Target::of("x", "http://nobody.invalid", Speech::Plain).unwrap(),
            ])
            .await,
        );
        let weights: Vec<_> = found.iter().map(|one| one.weight).collect();
        assert_eq!(weights, [Fine, Fine, Wrong, Wrong, Wrong], "{found:#?}");
        assert!(found[2].words.contains("something else"), "{found:#?}");
        assert!(found[3].words.contains("not reached"), "{found:#?}");
        assert!(found[4].words.contains("name is not found"), "{found:#?}");
    }
}
