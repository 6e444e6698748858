//! `zelador demo`: the five concerns at work, told step by step.
//!
//! ```text
//!  a daemon of development answers ──▶ it is used
//!  else ──▶ one is started in a directory of its own, and goes with it
//!
//!  chapter: steps, each a request, its answer, and what must be true of it
//!  the first step that fails ends its chapter, not the others
//! ```
//!
//! Invariants:
//! - No daemon of production is touched, and no upstream that is real.
//! - Whatever was made for the demo is removed, also after a failure.
//! - The exit code is 0 only if every step of every chapter was as it should be.

mod booking;
mod drive;
mod guide;
mod house;
mod nextcloud;
mod scene;
mod users;
mod wispro;

use std::io::IsTerminal as _;

use reqwest::Method;
use serde_json::Value;

use self::guide::{Guide, Stop};
use self::house::House;
use self::scene::{Scene, of};
use super::client::Client;
use super::keeping::blocking;
use super::{Common, Exit, Failure, print};

/// How it is told.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Start a daemon for it even if one answers
    #[arg(long)]
    own: bool,
    /// Leave what was made where it is (a daemon that was started ends all the same)
    #[arg(long)]
    keep: bool,
}

/// Tells it all; 1 if any step was not as it should be.
pub(super) fn run(common: &Common, options: &Options) -> Result<Exit, Failure> {
    blocking(async {
        let (house, client, modes) = find(common, options).await?;
        let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        let mut guide = Guide::new(client, colour, common.json);
        guide.note(&match &house {
            Some(house) => format!("A daemon was started for this in {}.", house.dir().display()),
            None => format!("The daemon at {} is used.", guide.client().address()),
        });
        let drive = house.as_ref().and_then(House::drive);
        tell(&mut guide, &modes, Scene::new(drive), options.keep).await;
        if let Some(house) = house {
            house.end().await;
        }
        finish(common, &guide)
    })
}

fn finish(common: &Common, guide: &Guide) -> Result<Exit, Failure> {
    if common.json {
        print(&guide.told().to_string())?;
    }
    Ok(if guide.failed() == 0 { Exit::Done } else { Exit::No })
}

/// Who is shown things, and which concerns may show theirs.
async fn find(
    common: &Common,
    options: &Options,
) -> Result<(Option<House>, Client, Value), Failure> {
    let named = common.url.is_some();
    if !options.own {
        match standing(common).await {
            Ok((client, config)) if of(&config, "environment") != "production" => {
                return Ok((None, client, config));
            }
            Ok(_) if named => {
                let why = "that daemon is one of production: the demo does not touch it";
                return Err(Failure::new(Exit::No, why));
            }
            Err(failure) if named => return Err(failure),
            Ok(_) | Err(_) => {}
        }
    }
    let house = House::start().await?;
    let (client, config) = standing(&house.common()).await?;
    Ok((Some(house), client, config))
}

/// The daemon that answers, and its settings.
async fn standing(common: &Common) -> Result<(Client, Value), Failure> {
    let client = Client::find(common)?;
    let config = client.get("config").await?;
    Ok((client, of(&config, "settings").clone()))
}

async fn tell(guide: &mut Guide, settings: &Value, mut scene: Scene, keep: bool) {
    let booking = booking::tell(guide, &mut scene).await;
    guide.close(booking);
    let users = users::tell(guide, &scene).await;
    guide.close(users);
    for concern in ["nextcloud", "wispro", "drive"] {
        let mode = of(of(settings, concern), "mode").as_str().unwrap_or("unknown");
        if mode != "sandbox" {
            guide.skip(concern, &format!("it is `{mode}` here; the demo uses stand-ins alone"));
            continue;
        }
        let told = match concern {
            "nextcloud" => nextcloud::tell(guide, &scene).await,
            "wispro" => wispro::tell(guide).await,
            _ => drive::tell(guide, &scene).await,
        };
        guide.close(told);
    }
    if !keep {
        let cleaned = clean(guide, &scene).await;
        guide.close(cleaned);
    }
    guide.end();
}

/// Removes what was made; the daemon does the rest in the background.
async fn clean(guide: &mut Guide, scene: &Scene) -> Result<(), Stop> {
    let Some(tenant) = &scene.tenant else { return Ok(()) };
    guide.chapter("Afterwards", "what was made for this goes, in the background, with a job");
    let path = format!("tenants/{tenant}");
    guide.ask("the tenant is deleted", Method::DELETE, &path, None, 204).await?;
    let gone = guide.ask("and is invisible at once", Method::GET, &path, None, 404).await?;
    guide.check("it is as if it had never been", of(&gone, "error") == "not_found")
}
