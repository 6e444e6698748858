//! A real Chromium walks every page, in light and dark, on a desktop and on a phone, with
//! mouse and keyboard; signs in, and mends things. Pictures are left in
//! `target/ci/dashboard`.

mod deeds;
mod folders;

use std::path::{Path, PathBuf};

use serde_json::json;

use super::pages::{of_readers, of_strangers};
use super::pilot::{self, Pilot};
use super::scene::{Scene, dropped, scene};
use super::{CONFIG, keys};
use crate::harness::{Home, skipped};

/// Windows and colours in which every page is looked at, and whether axe judges it: so
/// both sizes and both colours are judged.
const LOOKS: [((u32, u32), &str, &str, bool); 4] = [
    (DESKTOP, "light", "desktop-light", false),
    (DESKTOP, "dark", "desktop-dark", true),
    (PHONE, "light", "phone-light", true),
    (PHONE, "dark", "phone-dark", false),
];
const DESKTOP: (u32, u32) = (1280, 900);
const PHONE: (u32, u32) = (390, 844);

/// Somebody who looks at pages.
struct Walker {
    pilot: Pilot,
    base: String,
    axe: String,
    seen: usize,
}

fn pictures() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/ci/dashboard");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// The text of axe-core, which judges whether a page can be used by everybody.
fn axe() -> Result<String, String> {
    let path =
        std::env::var("ZELADOR_AXE").map_err(|_| "ZELADOR_AXE names no axe.min.js".to_owned())?;
    std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))
}

#[tokio::test]
async fn a_browser_walks_every_page_and_mends_what_is_broken() {
    if let Err(why) = pilot::is_there() {
        return skipped(why);
    }
    let axe = match axe() {
        Ok(text) => text,
        Err(why) => return skipped(why),
    };
    let home = Home::new(CONFIG).await;
    let daemon = home.start().await;
    let client = daemon.client();
    let base = format!("http://{}", client.address());
    let made = scene(client, ["Academia Sol", "Ana Rojas", "Sala 1"]).await;
    dropped(client, &made.user, "nota fiscal 4711.pdf", "processed").await;
    dropped(client, &made.user, "broken.pdf", "failed").await;
    // What an earlier walk left is not what this one saw.
    std::fs::remove_dir_all(pictures()).unwrap();
    let mut walker = Walker { pilot: Pilot::start().await, base, axe, seen: 0 };

    walker.strangers(&made).await;
    walker.accepts(client, &made).await;
    walker.signs_in(client).await;
    walker.sees_progress(client).await;
    walker.retries(client, &made).await;
    walker.bans(&made).await;
    walker.books(&made).await;
    walker.readers(&made).await;
    walker.tends_folders((&home, client), &made).await;

    let Walker { pilot, base, .. } = walker;
    assert!(pilot.complaints.is_empty(), "{:#?}", pilot.complaints);
    let own = |url: &String| {
        url.starts_with(&base) || url.starts_with("about:") || url.starts_with("data:")
    };
    let foreign: Vec<_> = pilot.asked.iter().filter(|url| !own(url)).collect();
    assert!(foreign.is_empty(), "{foreign:#?}");
    pilot.end().await;
    assert_eq!(daemon.stop().await.0, Some(0));
}

impl Walker {
    async fn strangers(&mut self, made: &Scene) {
        for (name, page) in of_strangers(made) {
            self.see(name, &page).await;
        }
    }

    async fn readers(&mut self, made: &Scene) {
        for (name, page) in of_readers(made) {
            self.see(name, &page).await;
        }
    }

    async fn go(&mut self, page: &str) {
        self.pilot.look_like(DESKTOP, "light").await;
        self.pilot.go(&format!("{}{page}", self.base)).await;
    }

    /// Looks at a page in every way.
    async fn see(&mut self, name: &str, page: &str) {
        self.go(page).await;
        let skips = self.pilot.eval("!!document.querySelector('.skip')").await == true;
        assert!(skips || page.contains("?token="), "{page} has no way around its menu");
        keys::walk(&mut self.pilot, page, skips).await;
        self.seen += 1;
        for (window, scheme, look, judged) in LOOKS {
            self.pilot.look_like(window, scheme).await;
            let wide = self.pilot.eval("document.documentElement.scrollWidth <= innerWidth").await;
            assert_eq!(wide, true, "{page} is wider than the window on {look}");
            self.picture(&format!("{:02}-{name}-{look}", self.seen)).await;
            if judged {
                self.judge(&format!("{page} {look}")).await;
            }
        }
        // A page that is not there says so in the console, rightly.
        let absent = ["/dashboard/nowhere", "token=none"];
        let rightly = |text: &String| absent.iter().any(|page| text.contains(page));
        self.pilot.complaints.retain(|text| !rightly(text));
    }

    async fn picture(&mut self, name: &str) {
        self.pilot.picture(&pictures().join(format!("{name}.png"))).await;
    }

    /// What the page says of the last form.
    async fn said(&mut self) -> String {
        let said = self.pilot.eval("document.querySelector('.flash')?.textContent ?? ''").await;
        said.as_str().unwrap().to_owned()
    }

    /// No rule of axe is broken.
    async fn judge(&mut self, page: &str) {
        if self.pilot.eval("typeof axe").await != "object" {
            self.pilot.eval(&self.axe).await;
        }
        let found = self
            .pilot
            .eval(
                "axe.run(document, {resultTypes: ['violations']}).then(result => result.violations.map(\
                 one => `${one.id}: ${one.nodes.map(node => node.html + ' ' + node.failureSummary).join(' | ')}`))",
            )
            .await;
        assert_eq!(found, json!([]), "{page}");
    }
}
