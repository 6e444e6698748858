//! The handbook is run: every command of every page, in the order of the page, on a
//! machine with a real daemon, as the page has it.
//!
//! - `USER_ID` and the like, and days of December 2030, stand for something; places
//!   such as `/var/lib/zelador` are below a directory of the test. Nothing else of a
//!   command is changed.
//! - Words of the machine (`sudo`, `systemctl`, `install -o zelador`) are small programs,
//!   in `programs`. Where the tests are run by root, the daemon has a user of its own.
//! - A request that is refused fails the page, unless its comment says so: `# 409 code`.
//!   Any status in such a comment is looked for.
//! - A page that nothing is said of here is run all the same. What can only be run
//!   elsewhere is named, with the file that does so.

mod alone;
mod house;
mod machine;
mod mail;
mod page;
mod quiet;
mod settings;
mod story;

use story::Story;

/// Pages whose commands are run by a test that is told more of them.
const TOLD_ELSEWHERE: [(&str, &str); 1] = [("docs/handbook/first-hour.md", "tests/it/cli.rs")];

/// All pages with commands.
fn pages() -> Vec<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/handbook");
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut pages: Vec<_> =
        names.map(|name| format!("docs/handbook/{}", name.to_str().unwrap())).collect();
    pages.retain(|name| !page::commands(&page::read(name)).is_empty());
    pages.push("systemd/README.md".to_owned());
    pages.sort();
    pages
}
