//! Files found, processed, moved; whatever is lost in between.

use std::os::unix::fs::PermissionsExt as _;

use zelador_store::drive::LogPlaces;

use super::*;
use crate::drive::rules::routes::Route;
use crate::drive::settings::{ERROS, NOVOS, ProgramSettings};
use crate::drive::{FileView, Watcher};

/// Folders of a user, and who looks into them.
pub(super) struct Hall {
    pub(super) bench: Bench,
    pub(super) user: UserId,
    pub(super) watcher: Watcher,
    looking: [JoinHandle<()>; 2],
}

impl Drop for Hall {
    fn drop(&mut self) {
        self.looking.iter().for_each(JoinHandle::abort);
    }
}

impl Hall {
    pub(super) async fn new(change: impl FnOnce(&mut DriveSettings)) -> Self {
        Self::with_watches(usize::MAX, change).await
    }

    pub(super) async fn with_watches(
        watches: usize,
        change: impl FnOnce(&mut DriveSettings),
    ) -> Self {
        let bench = Bench::new();
        bench.settings.send_modify(|settings| change(Arc::make_mut(settings)));
        let user = bench.user(Some("ana@sol.example")).await;
        bench.made(user).await;
        let upstream = Arc::new(bench.toy.clone());
        let (shell, settings) = (bench.world.shell.clone(), bench.settings.subscribe());
        let left = bench.left.clone();
        let watcher = Watcher::with_watches(shell, settings, upstream, left, watches);
        let looks = watcher.clone();
        let sees = watcher.clone();
        let looking = [
            tokio::spawn(async move { looks.work().await.unwrap() }),
            tokio::spawn(async move { sees.work_on_vm().await.unwrap() }),
        ];
        Self { bench, user, watcher, looking }
    }

    pub(super) async fn folder(&self, name: &str) -> String {
        let folder = self.bench.view(self.user).await.folder.unwrap();
        folder.part(name).unwrap().drive_id.clone().unwrap()
    }

    pub(super) async fn drop_file(&self, name: &str, content: &str) -> String {
        self.bench.toy.drop_file(&self.folder(NOVOS).await, name, content)
    }

    pub(super) async fn files(&self) -> Vec<FileView> {
        queries::files(&self.bench.world.shell, self.user, None, 500).await.unwrap().0
    }

    /// Waits until novos is empty and nothing is under way.
    async fn settles(&self, files: usize) -> Vec<FileView> {
        let novos = self.folder(NOVOS).await;
        eventually("novos is empty", async || {
            self.watcher.poke();
            self.bench.world.hand.advance(Duration::from_secs(60));
            let seen = self.files().await;
            let over = seen.iter().all(|file| file.journey.ended_at.is_some());
            (over && seen.len() == files && self.bench.toy.holds(&novos).is_empty()).then_some(seen)
        })
        .await
    }
}

fn route(pattern: &str, to: &str) -> Route {
    Route { pattern: pattern.into(), to: to.into(), ..Route::default() }
}

#[tokio::test]
async fn files_go_where_the_routes_say() {
    let hall = Hall::new(|settings| {
        settings.folders.push("notas".into());
        settings.routes = vec![route("*.pdf", "notas")];
    })
    .await;
    for (name, content) in [("a.pdf", "one"), ("b.txt", "two"), ("c.PDF", "three")] {
        hall.drop_file(name, content).await;
    }
    let seen = hall.settles(3).await;
    assert_eq!(hall.bench.toy.holds(&hall.folder("notas").await), ["a.pdf", "c.PDF"]);
    assert_eq!(hall.bench.toy.holds(&hall.folder("processados").await), ["b.txt"]);
    assert!(seen.iter().all(|file| file.journey.state.word() == "processed"), "{seen:?}");
    assert_eq!(hall.bench.events("drive.file_processed").await, 3);
}

/// What lay there before anybody looked, what is there twice in the log, and our own
/// moves: each file is processed once.
#[tokio::test]
async fn each_version_is_processed_once() {
    let hall = Hall::new(|_| {}).await;
    let id = hall.drop_file("a.txt", "one").await;
    hall.bench.toy.0.lock().log.extend([id.clone(), id.clone(), id.clone()]);
    hall.settles(1).await;
    assert_eq!(hall.bench.events("drive.file_processed").await, 1);
    // Put back unchanged, it goes where it went; changed, it is a new version.
    let novos = hall.folder(NOVOS).await;
    let put_back = |content: &str| {
        let mut state = hall.bench.toy.0.lock();
        let file = state.files.get_mut(&id).unwrap();
        (file.parent, file.md5) = (Some(novos.clone()), Some(content.to_owned()));
        state.log.push(id.clone());
    };
    put_back("one");
    hall.settles(1).await;
    put_back("two");
    hall.settles(2).await;
}

/// Each answer of the whole way is lost once, or the call not made at all.
#[tokio::test]
async fn whatever_is_lost_a_file_gets_there_once() {
    for done in [true, false] {
        for at in 0..6 {
            let hall = Hall::new(|settings| settings.poll_seconds = 1).await;
            let mut fates = vec![None; at];
            fates.push(Some(done));
            hall.bench.toy.0.lock().fates = fates;
            hall.drop_file("a.txt", "one").await;
            hall.settles(1).await;
            let there = hall.bench.toy.holds(&hall.folder("processados").await);
            assert_eq!(there, ["a.txt"], "call {at}, done: {done}");
            assert_eq!(hall.bench.events("drive.file_processed").await, 1);
        }
    }
}

pub(super) fn program(hall: &std::path::Path, text: &str) -> ProgramSettings {
    let path = hall.join("process.sh");
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    let command = vec!["/bin/sh".to_owned(), path.display().to_string()];
    ProgramSettings { command, ..ProgramSettings::default() }
}

#[tokio::test]
async fn the_operators_program_decides() {
    let dir = tempfile::tempdir().unwrap();
    let script = r#"read -r asked; echo "$asked" >> "$(dirname "$0")/asked"
case "$asked" in
  *bad.txt*) echo "ilegivel" >&2; exit 65 ;;
  *odd.txt*) echo '{"type":"result","ok":true,"to":"nowhere"}' ;;
  *) echo '{"type":"result","ok":true,"to":"notas"}' ;;
esac
"#;
    let processor = program(dir.path(), script);
    let hall = Hall::new(|settings| {
        settings.folders.push("notas".into());
        settings.processor = processor;
    })
    .await;
    for name in ["good.txt", "bad.txt", "odd.txt"] {
        hall.drop_file(name, name).await;
    }
    let seen = hall.settles(3).await;
    assert_eq!(hall.bench.toy.holds(&hall.folder("notas").await), ["good.txt"]);
    let erros = hall.bench.toy.holds(&hall.folder(ERROS).await);
    assert_eq!(erros, ["bad.txt", "bad.txt.erro.txt", "odd.txt", "odd.txt.erro.txt"]);
    let bad = seen.iter().find(|file| file.journey.name == "bad.txt").unwrap();
    assert!(bad.journey.error.as_deref().unwrap().contains("ilegivel"), "{bad:?}");
    assert_eq!(hall.bench.events("drive.file_failed").await, 2);
    let asked = std::fs::read_to_string(dir.path().join("asked")).unwrap();
    assert_eq!(asked.lines().count(), 3, "each was asked about once");
    let first: serde_json::Value = serde_json::from_str(asked.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&first["action"], &first["file"]["source"]),
        (&json!("process_file"), &json!("drive"))
    );
    assert_eq!(first["file"]["sha256"].as_str().unwrap().len(), 64);
    let work = hall.bench.dir.path().join(".work");
    assert_eq!(std::fs::read_dir(work).unwrap().count(), 0, "no copy stays behind");
}

#[tokio::test]
async fn a_log_that_google_does_not_know_is_begun_anew() {
    let hall = Hall::new(|settings| settings.poll_seconds = 1).await;
    hall.drop_file("a.txt", "one").await;
    hall.settles(1).await;
    eventually("the log is read to its end", async || {
        hall.watcher.poke();
        let store = &hall.bench.world.shell.store;
        let places = store.page::<LogPlaces>(&Query::all()).await.unwrap();
        (places.rows[0].row.token == "2").then_some(())
    })
    .await;
    hall.drop_file("b.txt", "two").await;
    hall.bench.toy.0.lock().log.clear();
    hall.settles(2).await;
}

/// A heap of one user's files is in the queue when another drops one: that one is next.
#[tokio::test]
async fn nobody_waits_behind_the_heap_of_another() {
    let hall = Hall::new(|_| {}).await;
    let bench = &hall.bench;
    let other = bench.user(Some("eva@sol.example")).await;
    let novos = bench.made(other).await.folder.unwrap();
    let novos = novos.part(NOVOS).unwrap().drive_id.clone().unwrap();
    bench.jobs.pause("drive", true, None, None).await.unwrap();
    for number in 0..40 {
        hall.drop_file(&format!("{number}.txt"), &format!("{number}")).await;
    }
    eventually("the heap is in the queue", async || {
        hall.watcher.poke();
        (hall.files().await.len() == 40).then_some(())
    })
    .await;
    bench.toy.drop_file(&novos, "one.txt", "one");
    let one = async || {
        let shell = &bench.world.shell;
        queries::files(shell, other, None, 10).await.unwrap().0.pop()
    };
    eventually("so is the one", async || {
        hall.watcher.poke();
        one().await
    })
    .await;
    bench.jobs.pause("drive", false, None, None).await.unwrap();
    hall.settles(40).await;
    let page = bench.world.shell.store.page::<Events>(&Query::all().limit(10_000)).await.unwrap();
    let ends = page.rows.iter().filter(|event| event.row.kind == "drive.file_processed");
    let place = ends.map(|event| &event.row.data).position(|data| data.contains("one.txt"));
    // What runs beside it at the start may end before it.
    let places = default_queues()["drive"].concurrency as usize;
    assert!(place.is_some_and(|place| place <= places), "it was number {place:?}");
}
