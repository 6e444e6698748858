//! Files that are dropped on the VM: found, waited for, moved; the same on both sides.

use std::path::PathBuf;

use super::files::{Hall, program};
use super::*;
use crate::drive::FileView;
use crate::drive::settings::{ERROS, NOVOS};

impl Hall {
    fn path(&self, folder: &str) -> PathBuf {
        self.bench.dir.path().join(self.user.to_string()).join(folder)
    }

    fn put(&self, name: &str, text: &str) {
        std::fs::write(self.path(NOVOS).join(name), text).unwrap();
    }

    /// What lies in a folder on the VM, by name.
    fn lies(&self, folder: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.path(folder)).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Waits until everything was looked into from here on: the look that was under way
    /// is not it.
    async fn looked(&self) {
        let before = self.watcher.looks_on_vm();
        eventually("a whole look", async || {
            self.watcher.poke();
            (self.watcher.looks_on_vm() >= before + 2).then_some(())
        })
        .await;
    }

    /// Waits until so many journeys are over, and novos is empty on both sides.
    async fn over(&self, count: usize) -> Vec<FileView> {
        let novos = self.folder(NOVOS).await;
        eventually("novos is empty on both sides", async || {
            self.watcher.poke();
            self.bench.world.hand.advance(Duration::from_secs(60));
            let seen = self.files().await;
            let over = seen.iter().filter(|file| file.journey.ended_at.is_some()).count();
            let empty = self.lies(NOVOS).is_empty() && self.bench.toy.holds(&novos).is_empty();
            (empty && over == count && seen.len() == count).then_some(seen)
        })
        .await
    }
}

#[tokio::test]
async fn a_file_on_the_vm_is_a_journey_as_one_on_drive() {
    let hall = Hall::new(|_| {}).await;
    hall.put("a.txt", "one");
    let seen = hall.over(1).await.remove(0).journey;
    assert_eq!(
        (seen.side.word(), seen.state.word(), seen.to.as_deref()),
        ("vm", "processed", Some("processados"))
    );
    assert_eq!((seen.name.as_str(), seen.mime.as_str(), seen.size), ("a.txt", "text/plain", 3));
    assert_eq!(hall.lies("processados"), ["a.txt"]);
    assert_eq!(hall.bench.events("drive.file_processed").await, 1);
    assert_eq!(
        hall.bench.toy.holds(&hall.folder("processados").await).len(),
        0,
        "it is not uploaded"
    );
    // Another one of the same name lies beside it.
    hall.put("a.txt", "two");
    hall.over(2).await;
    assert_eq!(hall.lies("processados"), ["a (2).txt", "a.txt"]);
    assert!(hall.watcher.is_watched(hall.user));
}

#[tokio::test]
async fn what_is_not_whole_is_waited_for() {
    let hall = Hall::new(|_| {}).await;
    for name in ["b.part", ".c", "d.txt.crdownload"] {
        hall.put(name, "half");
    }
    // It grows between any two looks.
    for length in 1..6 {
        hall.put("a.txt", &"x".repeat(length));
        hall.bench.world.hand.advance(Duration::from_millis(1500));
        hall.looked().await;
    }
    assert!(hall.files().await.is_empty(), "nobody touches it");
    std::fs::rename(hall.path(NOVOS).join("b.part"), hall.path(NOVOS).join("b.txt")).unwrap();
    for name in [".c", "d.txt.crdownload"] {
        std::fs::remove_file(hall.path(NOVOS).join(name)).unwrap();
    }
    let seen = hall.over(2).await;
    let sizes: Vec<_> =
        seen.iter().map(|file| (file.journey.name.clone(), file.journey.size)).collect();
    assert!(sizes.contains(&("a.txt".to_owned(), 5)) && sizes.contains(&("b.txt".to_owned(), 4)));
}

#[tokio::test]
async fn what_fails_goes_to_erros_with_a_note_on_its_own_side() {
    let dir = tempfile::tempdir().unwrap();
    let processor = program(dir.path(), "cat > /dev/null; echo ilegivel >&2; exit 65\n");
    let hall = Hall::new(|settings| settings.processor = processor).await;
    hall.put("vm.txt", "one");
    hall.drop_file("drive.txt", "two").await;
    let seen = hall.over(2).await;
    assert!(seen.iter().all(|file| file.journey.state.word() == "failed"));
    assert_eq!(hall.lies(ERROS), ["vm.txt", "vm.txt.erro.txt"]);
    let note = std::fs::read_to_string(hall.path(ERROS).join("vm.txt.erro.txt")).unwrap();
    assert!(note.contains("ilegivel"), "{note}");
    let on_drive = hall.bench.toy.holds(&hall.folder(ERROS).await);
    assert_eq!(on_drive, ["drive.txt", "drive.txt.erro.txt"]);
}

/// The operator's program sees the content once, whichever side is first, and both go
/// where it says.
#[tokio::test]
async fn the_same_content_on_both_sides_is_handled_once() {
    let dir = tempfile::tempdir().unwrap();
    let script = "read -r asked; echo \"$asked\" >> \"$(dirname \"$0\")/asked\"; sleep 0.2\n\
                  echo '{\"type\":\"result\",\"ok\":true,\"to\":\"notas\"}'\n";
    let processor = program(dir.path(), script);
    let hall = Hall::new(|settings| {
        settings.folders.push("notas".into());
        settings.processor = processor;
    })
    .await;
    hall.put("a.txt", "the same");
    hall.drop_file("b.txt", "the same").await;
    hall.put("c.txt", "another");
    hall.over(3).await;
    assert_eq!(hall.lies("notas"), ["a.txt", "c.txt"]);
    assert_eq!(hall.bench.toy.holds(&hall.folder("notas").await), ["b.txt"]);
    let asked = std::fs::read_to_string(dir.path().join("asked")).unwrap();
    assert_eq!(asked.lines().count(), 2, "{asked}");
    assert_eq!(hall.bench.events("drive.file_processed").await, 3);
    // Later on Drive again, it is another day's.
    hall.bench.world.hand.advance(Duration::from_secs(48 * 60 * 60));
    hall.drop_file("d.txt", "the same").await;
    hall.over(4).await;
    let asked = std::fs::read_to_string(dir.path().join("asked")).unwrap();
    assert_eq!(asked.lines().count(), 3, "{asked}");
}

#[tokio::test]
async fn without_watches_somebody_polls() {
    let hall = Hall::with_watches(0, |settings| settings.poll_seconds = 1).await;
    hall.put("a.txt", "one");
    eventually("it is processed", async || {
        hall.bench.world.hand.advance(Duration::from_secs(5));
        (hall.lies("processados") == ["a.txt"]).then_some(())
    })
    .await;
    assert!(!hall.watcher.is_watched(hall.user), "and it is said so");
}

/// Nobody pokes, and the interval is a day: the event alone leads there.
#[tokio::test]
async fn an_event_leads_there_at_once() {
    let hall = Hall::new(|settings| settings.poll_seconds = 86_400).await;
    eventually("a watch", async || hall.watcher.is_watched(hall.user).then_some(())).await;
    hall.looked().await;
    hall.put("a.txt", "one");
    eventually("it is processed", async || {
        hall.bench.world.hand.advance(Duration::from_secs(5));
        (hall.lies("processados") == ["a.txt"]).then_some(())
    })
    .await;
}

/// The disk that is full is one whose folder cannot be made: the file waits, says why, and
/// goes on when it can.
#[tokio::test]
async fn what_the_disk_refuses_waits_and_says_why() {
    let hall = Hall::new(|settings| settings.poll_seconds = 1).await;
    std::fs::remove_dir(hall.path("processados")).unwrap();
    std::fs::write(hall.path("processados"), "no folder").unwrap();
    hall.put("a.txt", "one");
    let why = eventually("it says why", async || {
        hall.watcher.poke();
        hall.bench.world.hand.advance(Duration::from_secs(5));
        let store = &hall.bench.world.shell.store;
        let jobs = store.page::<zelador_store::job::Jobs>(&Query::all()).await.unwrap().rows;
        let job = jobs.into_iter().find(|job| job.row.kind == crate::drive::jobs::PROCESS)?;
        job.row.history.last()?.error.clone()
    })
    .await;
    assert!(why.contains("processados") && hall.path(NOVOS).join("a.txt").exists(), "{why}");
    std::fs::remove_file(hall.path("processados")).unwrap();
    let seen = hall.over(1).await.remove(0).journey;
    assert_eq!((seen.state.word(), seen.error), ("processed", None));
    assert_eq!(hall.lies("processados"), ["a.txt"]);
}

/// The version that was decided about is moved, or none.
#[tokio::test]
async fn what_changes_meanwhile_is_another_version() {
    let dir = tempfile::tempdir().unwrap();
    let script = "read -r asked; n=$(cat \"$(dirname \"$0\")/n\" 2>/dev/null)x; echo $n > \"$(dirname \"$0\")/n\"\n\
                  [ $n = x ] && sleep 1\necho '{\"type\":\"result\",\"ok\":true}'\n";
    let processor = program(dir.path(), script);
    let hall = Hall::new(|settings| settings.processor = processor).await;
    hall.put("a.txt", "one");
    let counted = dir.path().join("n");
    eventually("the program runs", async || {
        if !counted.exists() {
            hall.watcher.poke();
            hall.bench.world.hand.advance(Duration::from_secs(5));
        }
        counted.exists().then_some(())
    })
    .await;
    hall.put("a.txt", "other");
    let seen = hall.over(2).await;
    let states: Vec<_> = seen.iter().map(|file| file.journey.state.word()).collect();
    assert!(states.contains(&"failed") && states.contains(&"processed"), "{states:?}");
    assert_eq!(std::fs::read_to_string(hall.path("processados").join("a.txt")).unwrap(), "other");
}
