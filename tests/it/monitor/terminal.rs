//! A terminal without a window: the program believes that it has one, and the test
//! reads the screen.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::num::NonZeroU16;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::harness::{Home, PATIENCE, eventually};

/// A program in a terminal; dropped, it is killed.
pub(super) struct Terminal {
    child: Child,
    ours: File,
    /// Held open, so that what the program leaves behind can be looked at.
    theirs: OwnedFd,
    screen: Arc<Mutex<vt100::Parser>>,
}

fn winsize((columns, rows): (u16, u16)) -> Winsize {
    Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }
}

fn size_of(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).unwrap()
}

impl Terminal {
    /// Runs the program in a terminal of so many columns and rows.
    pub(super) fn run(home: &Home, args: &[&str], env: &[(&str, &str)], size: (u16, u16)) -> Self {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&ours).unwrap();
        unlockpt(&ours).unwrap();
        let name = ptsname(&ours, Vec::new()).unwrap();
        let place = OsStr::from_bytes(name.as_bytes());
        let open =
            || rustix::fs::open(place, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
        let theirs = open();
        tcsetwinsize(&theirs, winsize(size)).unwrap();
        let inner = home.command::<0>([]);
        let inner = inner.as_std();
        // It makes the terminal that of a new session, so that a new size is told.
        let mut command = Command::new("setsid");
        command.arg("-c").arg(inner.get_program()).args(args).env_clear();
        command.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.env("TERM", "xterm-256color").env("LANG", "C.UTF-8").envs(env.iter().copied());
        command.current_dir(home.path()).kill_on_drop(true);
        command.stdin(open()).stdout(open()).stderr(open());
        let child = command.spawn().unwrap();
        let screen = Arc::new(Mutex::new(vt100::Parser::new(size_of(size.1), size_of(size.0), 0)));
        let ours = File::from(ours);
        read(ours.try_clone().unwrap(), screen.clone());
        Self { child, ours, theirs, screen }
    }

    /// Types.
    pub(super) fn types(&mut self, keys: &str) {
        self.ours.write_all(keys.as_bytes()).unwrap();
    }

    /// Gives the window another size.
    pub(super) fn resize(&self, size: (u16, u16)) {
        self.screen.lock().unwrap().screen_mut().set_size(size_of(size.1), size_of(size.0));
        tcsetwinsize(&self.theirs, winsize(size)).unwrap();
    }

    /// What stands on the screen.
    pub(super) fn text(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    /// Waits until it stands on the screen.
    pub(super) async fn shows(&self, what: &str) -> String {
        self.until(what, |text| text.contains(what)).await
    }

    /// Waits until the screen is as it should be.
    pub(super) async fn until(&self, what: &str, good: impl Fn(&str) -> bool) -> String {
        let found = timeout(PATIENCE, async {
            eventually(what, PATIENCE * 2, || async {
                let text = self.text();
                good(&text).then_some(text)
            })
            .await
        });
        let Ok(text) = found.await else {
            panic!("the screen does not show {what}:\n{}", self.text());
        };
        text
    }

    /// Whether any cell has a colour of its own.
    pub(super) fn has_colour(&self) -> bool {
        let parser = self.screen.lock().unwrap();
        let screen = parser.screen();
        let (rows, columns) = screen.size();
        let (rows, columns) = (rows.get(), columns.get());
        let cells = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
        cells
            .filter_map(|(row, column)| screen.cell(row, column))
            .any(|cell| cell.fgcolor() != vt100::Color::Default)
    }

    /// Waits for the end: the exit code, and whether the terminal is as it was.
    pub(super) async fn ends(mut self, within: Duration) -> (Option<i32>, bool) {
        let ended = timeout(within, self.child.wait()).await.expect("it ends").unwrap();
        let modes = tcgetattr(&self.theirs).unwrap().local_modes;
        let cooked = modes.contains(LocalModes::ICANON | LocalModes::ECHO);
        // What it wrote last is still on its way through the reader.
        eventually("the screen is given back", PATIENCE, || async {
            let parser = self.screen.lock().unwrap();
            let screen = parser.screen();
            (!screen.alternate_screen() && !screen.hide_cursor()).then_some(())
        })
        .await;
        (ended.code(), cooked)
    }
}

/// Takes what the program writes to the screen.
fn read(mut from: File, screen: Arc<Mutex<vt100::Parser>>) {
    std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        // The end of the last one that holds the other side is an error here.
        while let Ok(count) = from.read(&mut bytes) {
            if count == 0 {
                break;
            }
            screen.lock().unwrap().process(&bytes[..count]);
        }
    });
}
