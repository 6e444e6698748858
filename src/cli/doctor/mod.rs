//! `zelador doctor`: what is wrong on this machine, and what to do about it.
//!
//! ```text
//!  gather (files, clock, network, the daemon) ──▶ facts ──▶ judge ──▶ findings
//! ```
//!
//! One file for each family of checks: what it gathers, and how it judges that.
//!
//! Invariants:
//! - Judging is pure: facts in, findings out.
//! - Nothing is changed: a store that another user's daemon owns is not opened.
//! - No upstream is asked to do anything; every question has a limit.
//! - No finding holds a secret.
//! - Every finding that is not fine names what to do.

mod clock;
mod configuration;
mod daemon;
mod disk;
mod files;
mod finding;
mod network;
mod service;
mod store;
mod upstreams;
mod zones;

use serde_json::{Value, json};
use tokio::time::Instant;
use zelador_actors::drive::rules::preflight::Weight;
use zelador_actors::engine::Clock;

use self::finding::{Finding, words};
use super::keeping::blocking;
use super::{Common, Exit, Failure, print};
use crate::config::{Config, Location, Sources, load, locate};

/// What every family looks at.
struct Scene {
    common: Common,
    sources: Sources,
    /// The configuration, if it is good.
    config: Option<Config>,
    /// Where the daemon is, if the configuration says that much.
    location: Option<Location>,
}

/// Looks at everything; 1 if anything is wrong.
pub(super) fn run(common: &Common) -> Result<Exit, Failure> {
    let findings = blocking(async { Ok(examine(common).await) })?;
    let wrong = findings.iter().any(|one| one.weight == Weight::Wrong);
    if common.json {
        let rows: Vec<Value> = findings.iter().map(Finding::json).collect();
        print(&json!({ "well": !wrong, "findings": rows }).to_string())?;
    } else {
        print(&words(&findings))?;
    }
    Ok(if wrong { Exit::No } else { Exit::Done })
}

async fn examine(common: &Common) -> Vec<Finding> {
    let clock = Clock::system();
    let (wall, steady) = (clock.now(), Instant::now());
    let sources = common.sources();
    let loaded = load(&sources);
    let location = locate(&sources).ok();
    let mut found = configuration::judge(&loaded);
    let config = loaded.ok().map(|loaded| loaded.config);
    let scene = Scene { common: common.clone(), sources, config, location };
    let told = daemon::gather(&scene).await;
    found.extend(daemon::judge(&told, env!("CARGO_PKG_VERSION")));
    found.extend(store::judge(&store::gather(&scene, &told)));
    found.extend(disk::judge(&disk::gather(&scene)));
    found.extend(files::judge(&files::gather(&scene)));
    found.extend(zones::judge(&zones::gather(), wall));
    let network = network::gather(&upstreams::targets(&scene)).await;
    found.extend(network::judge(&network));
    found.extend(upstreams::judge(&upstreams::gather(&scene, &told).await));
    found.extend(service::judge(&service::gather().await));
    let facts = clock::Facts {
        synchronised: clock::synchronised().await,
        jumped: clock::jumped((wall, clock.now()), steady.elapsed()),
        others: network.iter().filter_map(|probe| Some((probe.host(), probe.ahead?))).collect(),
        now: wall,
    };
    found.extend(clock::judge(&facts));
    found
}
