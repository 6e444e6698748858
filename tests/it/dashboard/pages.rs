//! Every page there is, read from where routes are declared: whoever adds one and does
//! not let it be walked is told so.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::PAGES;
use super::scene::{Scene, day};

/// Lead elsewhere, or stand for what is not there.
const NONE: [&str; 2] = ["/dashboard", "/dashboard/{*rest}"];
/// Where a page of the dashboard is declared, and a small page behind a link.
const DASHBOARD: [&str; 2] = ["look(dashboard, \"", "open(dashboard, (Method::GET, \""];
const LINKED: &str = "Route::get(\"";

/// Pages of those who have not signed in. The links in them are good once.
pub(super) fn of_strangers(made: &Scene) -> Vec<(&'static str, String)> {
    vec![
        ("landing", "/".to_owned()),
        ("sign-in", "/dashboard/sign-in".to_owned()),
        ("invitation", format!("/invitation?token={}", made.invitation)),
        ("password-gone", "/nextcloud/password?token=none".to_owned()),
        ("opt-out-gone", "/notifications/opt-out?token=none".to_owned()),
    ]
}

/// Pages of those who have.
pub(super) fn of_readers(made: &Scene) -> Vec<(&'static str, String)> {
    let listed = PAGES.iter().map(|page| {
        let path = page.split('?').next().unwrap().trim_matches('/');
        (path.split('/').nth(1).unwrap_or("overview"), (*page).to_owned())
    });
    let slot = format!("start={day}T13:00:00Z&end={day}T14:00:00Z", day = day(2));
    let own = [
        ("user", format!("/dashboard/users/{}", made.user)),
        ("folder", format!("/dashboard/folders/{}", made.user)),
        ("no-folder", format!("/dashboard/folders/{}", made.other)),
        ("job", format!("/dashboard/jobs/{}", made.failed_job)),
        ("booking", format!("/dashboard/bookings/{}", made.booking)),
        ("webhook", format!("/dashboard/webhooks/{}/{}", made.tenant, made.webhook)),
        ("week", format!("/dashboard/calendar?view=week&resource={}", made.room)),
        ("tomorrow", format!("/dashboard/calendar?date={}", day(1))),
        ("explain", format!("/dashboard/calendar/explain?resource={}&{slot}", made.room)),
        ("run", format!("/dashboard/sync/{}", made.sync)),
        ("consumer", "/dashboard/consumers/webhooks".to_owned()),
        ("nowhere", "/dashboard/nowhere".to_owned()),
    ];
    listed.chain(own).collect()
}

/// The paths of all pages, as they are declared.
fn declared() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeSet::new();
    for file in files(&root) {
        let text = std::fs::read_to_string(&file).unwrap();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ").replace("( ", "(");
        let linked = text.contains("linked::").then_some(LINKED);
        for marker in DASHBOARD.into_iter().chain(linked) {
            let after = text.split(marker).skip(1).filter_map(|rest| rest.split('"').next());
            found.extend(after.map(str::to_owned));
        }
    }
    found.retain(|path| !NONE.contains(&path.as_str()));
    found
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let all = entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] });
    all.filter(|path| path.extension().is_some_and(|ending| ending == "rs")).collect()
}

/// The declared path that an address is of: the one with the fewest parameters.
fn of<'a>(declared: &'a BTreeSet<String>, address: &str) -> Option<&'a String> {
    let path: Vec<_> = address.split('?').next().unwrap().split('/').collect();
    let fits = |template: &&String| {
        let parts: Vec<_> = template.split('/').collect();
        let same = |(part, own): (&&str, &&str)| part.starts_with('{') || part == own;
        parts.len() == path.len() && parts.iter().zip(&path).all(same)
    };
    declared.iter().filter(fits).min_by_key(|template| template.matches('{').count())
}

#[test]
fn every_page_is_walked() {
    let declared = declared();
    assert!(declared.len() >= 25, "the source is not read as it is written: {declared:?}");
    let made = Scene::default();
    let walked = of_strangers(&made).into_iter().chain(of_readers(&made));
    let walked: BTreeSet<_> =
        walked.filter_map(|(_, page)| of(&declared, &page).cloned()).collect();
    let missing: Vec<_> = declared.difference(&walked).collect();
    assert!(missing.is_empty(), "no browser walks {missing:?}: add them above");
}
