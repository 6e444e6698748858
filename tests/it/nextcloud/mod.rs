//! The clients against the stand-in, over real HTTP and real SSH: what zelador
//! makes of every trap that was observed.

mod canary;
mod doubt;
mod flow;
mod injection;
mod keys;
mod kills;
mod lives;
mod openssh;
mod same;
mod storm;
mod troubles;

use std::collections::BTreeSet;

use secrecy::SecretString;
use zelador::sandbox::nextcloud::{ADMIN, Faults, OCC, Plan, SSH_USER, Sandbox};
use zelador_actors::engine::clock::{Clock, Dice};
use zelador_actors::nextcloud::http::{HttpPort, HttpTarget, Trust};
use zelador_actors::nextcloud::port::{Limits, Port};
use zelador_actors::nextcloud::rules::repair;
use zelador_actors::nextcloud::rules::{AccountId, Quota, Trouble, Wanted};
use zelador_actors::nextcloud::ssh::{HostPin, SshAuth, SshPort, SshTarget};

/// The first password of every account here.
const PASSWORD: &str = "canary first password 1";

/// A stand-in that answers at once.
async fn sandbox() -> Sandbox {
    sandbox_with(Faults::quick()).await
}

async fn sandbox_with(faults: Faults) -> Sandbox {
    let plan = Plan { faults, groups: vec!["staff".to_owned()], ..Plan::default() };
    Sandbox::start(plan, Clock::system(), Dice::seeded(11)).await.unwrap()
}

fn http_target(sandbox: &Sandbox) -> HttpTarget {
    HttpTarget {
        base_url: sandbox.url(),
        username: ADMIN.to_owned(),
        password: Plan::default().app_password.into(),
        trust: Trust::Machine,
        limits: Limits::default(),
    }
}

fn ssh_target(sandbox: &Sandbox) -> SshTarget {
    SshTarget {
        host: sandbox.ssh.ip().to_string(),
        port: sandbox.ssh.port(),
        user: SSH_USER.to_owned(),
        auth: SshAuth::Password(Plan::default().password.into()),
        host_key: HostPin::parse(&sandbox.host_key()).unwrap(),
        occ_path: OCC.to_owned(),
        php: "php".to_owned(),
        run_as: None,
        limits: Limits::default(),
    }
}

/// Both ways to one stand-in.
fn ports(sandbox: &Sandbox) -> [(&'static str, Box<dyn Port>); 2] {
    [
        ("http", Box::new(HttpPort::new(http_target(sandbox)).unwrap())),
        ("ssh", Box::new(SshPort::new(ssh_target(sandbox)).unwrap())),
    ]
}

fn id(text: &str) -> AccountId {
    AccountId::new(text).unwrap()
}

fn wanted(text: &str) -> Wanted {
    Wanted {
        id: id(text),
        display_name: Some("Ana d'Ávila".to_owned()),
        email: Some(format!("{}@example.org", text.replace(' ', "-"))),
        quota: Quota::parse("5 GB").unwrap(),
        groups: BTreeSet::from(["staff".to_owned(), "fresh".to_owned()]),
        language: Some("pt_BR".to_owned()),
        enabled: true,
        invite: false,
    }
}

fn password() -> SecretString {
    PASSWORD.into()
}

/// Creates, and after doubt looks, compares and repairs: what the job does.
async fn complete(port: &dyn Port, wanted: &Wanted) -> Result<(), Trouble> {
    match port.create(wanted, &password()).await {
        Err(trouble) if trouble.doubt => {
            let Some(seen) = port.find(&wanted.id).await? else { return Err(trouble) };
            for edit in repair::edits(wanted, &seen) {
                port.edit(&wanted.id, &edit).await?;
            }
            Ok(())
        }
        done => done,
    }
}

/// The account is what was wanted, as the port itself sees it.
async fn is_whole(port: &dyn Port, wanted: &Wanted) {
    let seen = port.find(&wanted.id).await.unwrap().unwrap();
    assert_eq!(repair::edits(wanted, &seen), [], "{seen:?}");
}
