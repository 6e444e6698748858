//! A real Chromium walks every page, in light and dark, on a desktop and on a phone;
//! signs in, and mends things. Pictures are left in `target/ci/dashboard`.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::pilot::{self, Pilot};
use super::scene::{Scene, dropped, ends, scene};
use super::{CONFIG, PAGES};
use crate::harness::{Client, Home, skipped};

const DESKTOP: (u32, u32) = (1280, 900);
const PHONE: (u32, u32) = (390, 844);

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
    let mut pilot = Pilot::start().await;

    sign_in(&mut pilot, &base, client, &axe).await;
    progress(&mut pilot, &base, client).await;
    retry(&mut pilot, &base, client, &made).await;
    ban(&mut pilot, &base, &made).await;
    book(&mut pilot, &base, &made).await;
    walk(&mut pilot, &base, &made, &axe).await;

    assert!(pilot.complaints.is_empty(), "{:#?}", pilot.complaints);
    let own = |url: &String| {
        url.starts_with(&base) || url.starts_with("about:") || url.starts_with("data:")
    };
    let foreign: Vec<_> = pilot.asked.iter().filter(|url| !own(url)).collect();
    assert!(foreign.is_empty(), "{foreign:#?}");
    pilot.end().await;
    assert_eq!(daemon.stop().await.0, Some(0));
}

async fn sign_in(pilot: &mut Pilot, base: &str, client: &Client, axe: &str) {
    pilot.look_like(DESKTOP, "light").await;
    pilot.go(&format!("{base}/")).await;
    judge(pilot, axe, "landing").await;
    pilot.picture(&pictures().join("landing.png")).await;
    pilot.press("a.button.main").await;
    judge(pilot, axe, "sign-in").await;
    pilot.picture(&pictures().join("sign-in.png")).await;
    pilot.fill("input[name=token]", &client.bearer()).await;
    pilot.press("form.card button").await;
    let title = pilot.eval("document.title").await;
    assert!(title.as_str().unwrap().starts_with("Overview"), "{title}");
    let cookies = pilot.eval("document.cookie").await;
    assert_eq!(cookies, "", "scripts see no cookie");
}

/// A job's bar moves on the overview, and nobody loads the page again.
async fn progress(pilot: &mut Pilot, base: &str, client: &Client) {
    pilot.go(&format!("{base}/")).await;
    pilot.eval("window.untouched = true").await;
    let job = json!({ "kind": "diagnostic", "args": { "sleep_ms": 5000 } });
    let job = client.post("/jobs", &job).await.is(201)["id"].as_str().unwrap().to_owned();
    let bar = "document.querySelector('#running progress')";
    pilot.until("the job is shown", &format!("!!{bar}")).await;
    let first = pilot.eval(&format!("{bar}.value")).await.as_f64().unwrap();
    pilot.until("its bar moves", &format!("({bar}?.value ?? 1e9) > {first}")).await;
    pilot.picture(&pictures().join("running.png")).await;
    pilot.until("it is gone", &format!("!{bar}")).await;
    assert_eq!(pilot.eval("window.untouched === true").await, true, "without a reload");
    ends(client, &job, "succeeded").await;
}

async fn retry(pilot: &mut Pilot, base: &str, client: &Client, made: &Scene) {
    pilot.go(&format!("{base}/dashboard/jobs?state=failed")).await;
    let retry = format!("form[action='/dashboard/jobs/{}/retry'] button", made.failed_job);
    pilot.press(&retry).await;
    let said = pilot.eval("document.querySelector('.flash').textContent").await;
    assert_eq!(said, "The job will be tried again.");
    ends(client, &made.failed_job, "failed").await;
}

async fn ban(pilot: &mut Pilot, base: &str, made: &Scene) {
    pilot.go(&format!("{base}/dashboard/users/{}", made.user)).await;
    pilot.fill("input[name=ban_date]", "2034-05-01T08:00").await;
    pilot.fill("input[name=ban_reason]", "cuota impaga").await;
    pilot.press("#ban form[method=get] button").await;
    pilot.picture(&pictures().join("ban.png")).await;
    pilot.press("#ban form[method=post] button").await;
    let planned = "document.querySelector('#plans').textContent.includes('cuota impaga')";
    assert_eq!(pilot.eval(planned).await, true);
    pilot.press("#plans form[action$='/plans/ban/cancel'] button").await;
    assert_eq!(pilot.eval(planned).await, false);
}

async fn book(pilot: &mut Pilot, base: &str, made: &Scene) {
    let day = super::scene::day(2);
    pilot.go(&format!("{base}/dashboard/calendar?date={day}")).await;
    pilot.press("a.free").await;
    pilot.picture(&pictures().join("explain.png")).await;
    pilot.fill("form[action='/dashboard/calendar/book'] select", &made.user).await;
    pilot.press("form[action='/dashboard/calendar/book'] button").await;
    let said = pilot.eval("document.querySelector('.flash').textContent").await;
    assert!(said.as_str().unwrap().starts_with("Booked"), "{said}");
}

async fn walk(pilot: &mut Pilot, base: &str, made: &Scene, axe: &str) {
    let own = [
        format!("/dashboard/users/{}", made.user),
        format!("/dashboard/folders/{}", made.user),
        format!("/dashboard/jobs/{}", made.failed_job),
        format!("/dashboard/bookings/{}", made.booking),
        format!("/dashboard/webhooks/{}/{}", made.tenant, made.webhook),
        format!("/dashboard/calendar?view=week&resource={}", made.room),
        format!("/dashboard/calendar?date={}", super::scene::day(1)),
        "/dashboard/consumers/webhooks".to_owned(),
        "/dashboard/nowhere".to_owned(),
    ];
    let pages = PAGES.iter().map(|page| (*page).to_owned()).chain(own);
    for (number, page) in pages.enumerate() {
        pilot.look_like(DESKTOP, "light").await;
        pilot.go(&format!("{base}{page}")).await;
        let path = page.split('?').next().unwrap().trim_matches('/');
        let name = path.split('/').nth(1).unwrap_or("overview");
        for (window, scheme, word) in [
            (DESKTOP, "light", "desktop-light"),
            (DESKTOP, "dark", "desktop-dark"),
            (PHONE, "light", "phone-light"),
            (PHONE, "dark", "phone-dark"),
        ] {
            pilot.look_like(window, scheme).await;
            let wide = pilot.eval("document.documentElement.scrollWidth <= innerWidth").await;
            assert_eq!(wide, true, "{page} is wider than the window on {word}");
            pilot.picture(&pictures().join(format!("{number:02}-{name}-{word}.png"))).await;
            // Both are judged in turn: pages are made of the same parts.
            if word == ["desktop-dark", "phone-light"][number % 2] {
                judge(pilot, axe, &format!("{page} {word}")).await;
            }
        }
    }
    // A page that is not there says so in the console, rightly.
    pilot.complaints.retain(|text| !text.contains("/dashboard/nowhere"));
}

/// No rule of axe is broken.
async fn judge(pilot: &mut Pilot, axe: &str, page: &str) {
    if pilot.eval("typeof axe").await != "object" {
        pilot.eval(axe).await;
    }
    let found = pilot
        .eval(
            "axe.run(document, {resultTypes: ['violations']}).then(result => result.violations.map(\
             one => `${one.id}: ${one.nodes.map(node => node.html + ' ' + node.failureSummary).join(' | ')}`))",
        )
        .await;
    assert_eq!(found, json!([]), "{page}");
}
