//! The dashboard: what an operator sees in a browser, and mends there.
//!
//! ```text
//!            no session              session
//!  landing ──────────▶ sign in ───────────────▶ overview, a page a concern
//!     ▲                   ▲                          │ its token is nobody's any more,
//!     └──── sign out ─────┴──────────────────────────┘ or twelve hours are over
//!
//!  page ── asks ──▶ the daemon's own routes, with the token of the session
//!  live ── says ──▶ "look again": the page is fetched, what differs is exchanged
//! ```
//!
//! Invariants:
//! - No page reads the store, or tells a concern anything: it asks the routes of the
//!   interface for programs ([`Within`](crate::api::within::Within)) as their reader,
//!   and so shows and does what that reader may, with the same refusals, the same
//!   audit.
//! - Nothing comes from elsewhere, nothing is inline: no style, no script.
//! - Nothing is changed by looking. What changes something is a form with a token
//!   that only a page of ours can hold.
//! - What others have written is text: templates escape, and nothing but
//!   `html.rs` and `plot.rs` makes markup.

mod address;
mod assets;
mod flash;
mod frame;
mod html;
mod live;
mod names;
mod pages;
mod plot;
mod ring;
mod session;
mod shell;
mod text;
mod visit;

use std::sync::Arc;

use zelador_actors::engine::jobs::JobDesk;
use zelador_actors::engine::seal::Seal;
use zelador_store::Store;

use crate::api::Route;
use crate::api::doors::Doors;
use crate::api::health::Vitals;
use crate::api::live::Streams;

use ring::Ring;
use session::Sessions;

/// What the pages share; clones are the same one.
#[derive(Clone)]
pub struct Dashboard(Arc<Shared>);

pub(crate) struct Shared {
    sessions: Sessions,
    seal: Seal,
    vitals: Arc<dyn Vitals>,
    ring: Ring,
    store: Store,
    jobs: JobDesk,
    streams: Streams,
}

impl Dashboard {
    /// These routes, and those of the dashboard of the daemon behind the doors; from
    /// now on it is counted what is done, for as long as the process lives.
    pub fn start(
        doors: &Doors,
        vitals: &Arc<dyn Vitals>,
        mut routes: Vec<Route<Doors>>,
    ) -> Vec<Route<Doors>> {
        let dashboard = Self::new(doors, vitals);
        routes.extend(dashboard.routes());
        tokio::spawn(dashboard.keep_count());
        routes
    }

    fn new(doors: &Doors, vitals: &Arc<dyn Vitals>) -> Self {
        Self(Arc::new(Shared {
            sessions: Sessions::new(doors.seal.clone()),
            seal: doors.seal.clone(),
            vitals: vitals.clone(),
            ring: Ring::default(),
            store: doors.shell.store.clone(),
            jobs: doors.jobs.clone(),
            streams: doors.streams.clone(),
        }))
    }

    fn routes(&self) -> Vec<Route<Doors>> {
        shell::routes(self)
            .into_iter()
            .chain(assets::routes())
            .chain(live::routes(self))
            .chain(pages::routes(self))
            .collect()
    }

    async fn keep_count(self) {
        self.0.ring.keep(&self.0.vitals).await;
    }
}

#[cfg(test)]
mod tests;
