//! One connection for each instance, kept and made anew when it is gone.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex as Held;
use russh::client::{Config, Handle, Handler, connect};
use russh::keys::{Algorithm, EcdsaCurve, PrivateKeyWithHashAlg, PublicKeyOrCertificate};
use russh::{Channel, ChannelMsg, Preferred, client::Msg};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::super::rules::occ::Ran;
use super::super::rules::{Class, Trouble};
use super::pin::{HostPin, fingerprint};
use super::target::{Proof, SshTarget, Unusable};

/// How long it may take until somebody has logged in.
const CONNECT: Duration = Duration::from_secs(15);
/// How often a silent server is asked whether it is there; three silences end it.
const KEEPALIVE: Duration = Duration::from_secs(20);
/// The most of a command's output that is read.
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// Standard error, among a channel's streams.
const STDERR: u32 = 1;

/// Checks the host key, and remembers one that was wrong.
struct Visitor {
    pin: HostPin,
    wrong: Arc<Held<Option<String>>>,
}

impl Handler for Visitor {
    type Error = russh::Error;

    async fn check_server_key(
        &mut self,
        shown: &PublicKeyOrCertificate,
    ) -> Result<bool, Self::Error> {
        let PublicKeyOrCertificate::PublicKey { key, .. } = shown else {
            *self.wrong.lock() = Some("a certificate".to_owned());
            return Ok(false);
        };
        let right = self.pin.is(key);
        if !right {
            *self.wrong.lock() = Some(fingerprint(key));
        }
        Ok(right)
    }
}

/// The way to an instance's shell.
pub(super) struct Connection {
    target: SshTarget,
    proof: Proof,
    kept: Mutex<Option<Arc<Handle<Visitor>>>>,
}

impl Connection {
    pub(super) fn new(target: SshTarget) -> Result<Self, Unusable> {
        target.check()?;
        let proof = target.proof()?;
        Ok(Self { target, proof, kept: Mutex::new(None) })
    }

    pub(super) const fn target(&self) -> &SshTarget {
        &self.target
    }

    /// Runs a command line. An answer without an exit code means that the
    /// connection ended first.
    pub(super) async fn run(
        &self,
        script: &str,
        input: Option<&SecretString>,
        limit: Duration,
    ) -> Result<Ran, Trouble> {
        let channel = self.channel().await?;
        if let Ok(ran) = timeout(limit, execute(channel, script, input)).await {
            return ran;
        }
        self.forget().await;
        Err(Trouble::new(Class::Unreachable, "occ gave no answer in time").in_doubt())
    }

    /// A channel on the kept connection, or on a new one if that is dead: nothing
    /// was sent on it yet.
    async fn channel(&self) -> Result<Channel<Msg>, Trouble> {
        for again in [true, false] {
            let handle = self.handle().await?;
            match timeout(CONNECT, handle.channel_open_session()).await {
                Ok(Ok(channel)) => return Ok(channel),
                Ok(Err(russh::Error::ChannelOpenFailure(why))) => {
                    let words = format!("the SSH server opens no more sessions: {why:?}");
                    return Err(Trouble::new(Class::Unreachable, words));
                }
                _ if again => self.forget().await,
                _ => break,
            }
        }
        Err(Trouble::new(Class::Unreachable, "the SSH connection broke off"))
    }

    async fn forget(&self) {
        *self.kept.lock().await = None;
    }

    /// The kept connection; whoever comes first makes it, the others wait.
    async fn handle(&self) -> Result<Arc<Handle<Visitor>>, Trouble> {
        let mut kept = self.kept.lock().await;
        if let Some(handle) = kept.as_ref().filter(|handle| !handle.is_closed()) {
            return Ok(Arc::clone(handle));
        }
        let late = |_| Trouble::new(Class::Unreachable, "no SSH connection in time");
        let handle = Arc::new(timeout(CONNECT, self.connect()).await.map_err(late)??);
        *kept = Some(Arc::clone(&handle));
        Ok(handle)
    }

    async fn connect(&self) -> Result<Handle<Visitor>, Trouble> {
        let wrong = Arc::new(Held::new(None));
        let pin = self.target.host_key.clone();
        let config = Config {
            preferred: preferred(&pin),
            keepalive_interval: Some(KEEPALIVE),
            nodelay: true,
            ..Config::default()
        };
        let visitor = Visitor { pin, wrong: Arc::clone(&wrong) };
        let address = (self.target.host.as_str(), self.target.port);
        let mut handle = connect(Arc::new(config), address, visitor).await.map_err(|error| {
            match wrong.lock().take() {
                Some(shown) => self.wrong_key(&shown),
                None => unreachable_by(&error),
            }
        })?;
        self.log_in(&mut handle).await?;
        Ok(handle)
    }

    fn wrong_key(&self, shown: &str) -> Trouble {
        let words = format!(
            "the host shows {shown}, pinned is {}: find out why before you pin another",
            self.target.host_key.fingerprint()
        );
        Trouble::new(Class::HostKey, words)
    }

    async fn log_in(&self, handle: &mut Handle<Visitor>) -> Result<(), Trouble> {
        let user = self.target.user.as_str();
        let result = match &self.proof {
            Proof::Password(password) => {
                handle.authenticate_password(user, password.expose_secret()).await
            }
            Proof::Key(key) => {
                let key = PrivateKeyWithHashAlg::new(Arc::clone(key), None);
                handle.authenticate_publickey(user, key).await
            }
        };
        let result = result.map_err(|error| unreachable_by(&error))?;
        if result.success() {
            return Ok(());
        }
        let way = if matches!(self.proof, Proof::Key(_)) { "key" } else { "password" };
        let words = format!("the SSH server refuses the {way} of this user");
        Err(Trouble::new(Class::WrongCredentials, words))
    }
}

fn unreachable_by(error: &russh::Error) -> Trouble {
    match error {
        russh::Error::NoCommonAlgo { .. } => {
            let words = format!("no common SSH algorithm, or a host key of another sort: {error}");
            Trouble::new(Class::HostKey, words)
        }
        _ => Trouble::new(Class::Unreachable, format!("no SSH connection: {error}")),
    }
}

/// The host's other keys are not asked for where one is pinned.
fn preferred(pin: &HostPin) -> Preferred {
    let all = [EcdsaCurve::NistP256, EcdsaCurve::NistP384, EcdsaCurve::NistP521];
    let all = all.into_iter().map(|curve| Algorithm::Ecdsa { curve });
    let keys = match pin {
        HostPin::Key(key) => vec![key.algorithm()],
        HostPin::Fingerprint(_) => std::iter::once(Algorithm::Ed25519).chain(all).collect(),
    };
    Preferred { key: keys.into(), ..Preferred::DEFAULT }
}

/// Everything from here on may have been done when it fails.
async fn execute(
    mut channel: Channel<Msg>,
    script: &str,
    input: Option<&SecretString>,
) -> Result<Ran, Trouble> {
    let broken = |error: russh::Error| {
        Trouble::new(Class::Unreachable, format!("the SSH connection broke off: {error}"))
            .in_doubt()
    };
    channel.exec(true, script).await.map_err(broken)?;
    if let Some(input) = input {
        let line = zeroize::Zeroizing::new(format!("{}\n", input.expose_secret()));
        channel.data(line.as_bytes()).await.map_err(broken)?;
    }
    channel.eof().await.map_err(broken)?;
    let (mut out, mut err, mut ran) = (Vec::new(), Vec::new(), Ran::default());
    while let Some(message) = channel.wait().await {
        match message {
            ChannelMsg::Data { data } => out.extend_from_slice(&data),
            ChannelMsg::ExtendedData { data, ext: STDERR } => err.extend_from_slice(&data),
            ChannelMsg::ExitStatus { exit_status } => ran.code = Some(exit_status),
            ChannelMsg::Failure => {
                let words = "the SSH server runs no commands for this user";
                return Err(Trouble::new(Class::Misconfigured, words));
            }
            _ => {}
        }
        if out.len() + err.len() > MOST_BYTES {
            return Err(Trouble::new(Class::Failed, "occ wrote without end").in_doubt());
        }
    }
    ran.stdout = String::from_utf8_lossy(&out).into_owned();
    ran.stderr = String::from_utf8_lossy(&err).into_owned();
    Ok(ran)
}
