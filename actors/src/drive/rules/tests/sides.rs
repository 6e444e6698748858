//! Files on both sides: versions, twins, settling, notifications.

use std::time::Duration;

use proptest::prelude::*;
use zelador_store::Timestamp;

use crate::drive::port::{FOLDER, RemoteFile};
use crate::drive::rules::files::{
    Twin, Verdict, local_version, remote_version, runs_itself, verdict,
};
use crate::drive::rules::notification::{Heard, Known, Shown, digest, judge};
use crate::drive::rules::settle::{Look, QUIET, QUIET_EMPTY, Settled, settled};

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_000_000_000_000 + millis)
}

fn look(when: i64, size: u64, modified: i64) -> Look {
    Look { at: at(when), size, modified: at(modified), inode: 7 }
}

#[test]
fn a_file_settles_when_it_stands_still() {
    for (first, again, expected) in [
        (look(0, 5, -9000), look(2000, 5, -9000), Settled::Yes),
        (look(0, 5, -9000), look(1999, 5, -9000), Settled::NotBefore(at(2000))),
        (look(0, 5, -500), look(2000, 6, 1000), Settled::Changed(at(4000))),
        (look(0, 5, -9000), look(2000, 5, 100), Settled::Changed(at(4000))),
        (look(0, 0, -9000), look(2000, 0, -9000), Settled::NotBefore(at(30_000))),
        (look(0, 0, -9000), look(30_000, 0, -9000), Settled::Yes),
        // A clock of another machine: the looks alone count.
        (look(0, 5, 99_000), look(2000, 5, 99_000), Settled::Yes),
    ] {
        assert_eq!(settled(&first, &again), expected, "{first:?} {again:?}");
    }
    let other = Look { inode: 8, ..look(5000, 5, -9000) };
    assert!(matches!(settled(&look(0, 5, -9000), &other), Settled::Changed(_)));
}

proptest! {
    /// Nothing is whole that was looked at within the quiet time.
    #[test]
    fn nothing_settles_early(gap in 0_i64..40_000, modified in -50_000_i64..50_000, size in 0_u64..3) {
        let (first, again) = (look(0, size, modified), look(gap, size, modified));
        let quiet = if size == 0 { QUIET_EMPTY } else { QUIET };
        if settled(&first, &again) == Settled::Yes {
            prop_assert!(again.at.since(first.at) >= quiet);
            prop_assert!(modified > gap || again.at.since(again.modified) >= quiet);
        }
    }
}

#[test]
fn our_own_moves_are_no_new_versions() {
    let file =
        RemoteFile { id: "1".into(), md5: Some("m".into()), version: 3, ..RemoteFile::default() };
    let moved =
        RemoteFile { version: 4, parent: Some("x".into()), name: "n".into(), ..file.clone() };
    assert_eq!(remote_version(&file), remote_version(&moved));
    let edited = RemoteFile { md5: Some("n".into()), ..file.clone() };
    assert_ne!(remote_version(&file), remote_version(&edited));
    let native = |version| RemoteFile { version, md5: None, ..file.clone() };
    assert_ne!(remote_version(&native(1)), remote_version(&native(2)));
    assert_ne!(local_version("a", 1, 2, 3), local_version("a", 1, 2, 4));
    assert_eq!(local_version("a", 1, 2, 3), local_version("a", 1, 2, 3));
}

#[test]
fn only_files_in_novos_are_processed() {
    let file = RemoteFile { parent: Some("novos".into()), ..RemoteFile::default() };
    assert_eq!(verdict(&file, "novos"), Verdict::Process);
    for other in [
        RemoteFile { parent: Some("erros".into()), ..file.clone() },
        RemoteFile { parent: None, ..file.clone() },
        RemoteFile { trashed: true, ..file.clone() },
        RemoteFile { mime: FOLDER.into(), ..file.clone() },
    ] {
        assert_eq!(verdict(&other, "novos"), Verdict::Leave, "{other:?}");
    }
}

#[test]
fn the_same_content_is_processed_once() {
    assert_eq!(runs_itself(Twin::None), Some(true));
    assert_eq!(runs_itself(Twin::Working), None);
    assert_eq!(runs_itself(Twin::Done), Some(false));
    assert_eq!(runs_itself(Twin::Failed), Some(true));
}

#[test]
fn a_notification_is_heard_once_and_from_who_it_says() {
    let token = digest("secret");
    let known = Known { token: &token, resource: Some("r"), number: 4 };
    let shown = Shown {
        channel: "c".into(),
        token: "secret".into(),
        resource: "r".into(),
        state: "change".into(),
        number: Some(5),
    };
    assert_eq!(judge(known, &shown), Heard::Look);
    let with = |change: fn(&mut Shown)| {
        let mut shown = shown.clone();
        change(&mut shown);
        judge(known, &shown)
    };
    assert_eq!(with(|shown| shown.token = "other".into()), Heard::Forged);
    assert_eq!(with(|shown| shown.token.clear()), Heard::Forged);
    assert_eq!(with(|shown| shown.resource = "s".into()), Heard::Forged);
    assert_eq!(with(|shown| shown.number = Some(4)), Heard::Nothing);
    assert_eq!(with(|shown| shown.state = "sync".into()), Heard::Nothing);
    assert_eq!(with(|shown| shown.number = None), Heard::Look, "better once too often");
    // The first may come before the answer that names the resource.
    let early = Known { resource: None, number: 0, ..known };
    let sync = Shown { state: "sync".into(), number: Some(1), ..shown };
    assert_eq!(judge(early, &sync), Heard::Nothing);
    assert_eq!(judge(early, &Shown { token: "x".into(), ..sync }), Heard::Forged);
}

#[test]
fn the_quiet_time_is_as_promised() {
    assert_eq!((QUIET, QUIET_EMPTY), (Duration::from_secs(2), Duration::from_secs(30)));
}
