//! SIGKILL at random moments, notifications that are lost or come twice, tokens that end,
//! channels that die, limits, answers that are lost, and a full disk on the VM: each file
//! is processed once in effect, each folder is there once, and nothing stays in `novos`.
//!
//! `ZELADOR_FILES` and `ZELADOR_KILLS` ask for another size.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use zelador::sandbox::drive::{PERSON, Sandbox};

use super::outside::{Outside, folder, person, tenant};
use crate::harness::{Client, Mount, PATIENCE, eventually};

const USERS: usize = 3;
const FILES: usize = 30;
const KILLS: usize = 5;

/// Processes whatever it is given.
const PROCESSOR: &str = "cat > /dev/null\necho '{\"type\":\"result\",\"ok\":true}'\n";
const CONFIG: &str = "poll_seconds = 1\n[jobs.\"drive.create_folder\"]\ntries = 50\n\
                      backoff_seconds = [0]\n[jobs.\"drive.process_file\"]\ntries = 50\n\
                      backoff_seconds = [0]\n";

fn asked(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Where a user's folders are.
struct Place {
    user: String,
    novos: String,
    processados: String,
    path: PathBuf,
    /// Files that were dropped on Drive, and on the VM.
    dropped: (usize, usize),
}

async fn place(client: &Client, sandbox: &Sandbox, user: &str) -> Place {
    client.post("/folders", &json!({"user_id": user})).await.is(202);
    let made = super::folders(client, user, "ready").await;
    Place {
        user: user.to_owned(),
        novos: made["novos_folder_id"].as_str().unwrap().to_owned(),
        processados: folder(sandbox, &made, "processados"),
        path: made["local_path"].as_str().unwrap().into(),
        dropped: (0, 0),
    }
}

/// What goes wrong from now on.
fn trouble(sandbox: &Sandbox, random: &mut StdRng) {
    let (status, reason) = [(403, "userRateLimitExceeded"), (500, ""), (503, ""), (429, "")]
        [random.random_range(0..4)];
    let (after, cut) = (random.random(), random.random_bool(0.2));
    sandbox.set(|faults| {
        (faults.status, faults.reason) = (status, reason.to_owned());
        (faults.percent, faults.after, faults.cut) = (15, after, cut);
        (faults.lose_percent, faults.duplicate_percent) = (30, 40);
        faults.token_seconds = 2;
    });
    match random.random_range(0..4) {
        0 => sandbox.kill_channels(),
        1 => sandbox.end_tokens(),
        _ => {}
    }
}

/// Drops a file on one side; on a full disk that may not be had.
fn drop_file(sandbox: &Sandbox, place: &mut Place, number: usize, on_vm: bool) {
    let (name, text) = (format!("{number}.txt"), format!("content of {number}"));
    if on_vm {
        let novos = place.path.join("novos");
        let part = novos.join(format!(".{name}"));
        let whole =
            std::fs::write(&part, text).and_then(|()| std::fs::rename(&part, novos.join(&name)));
        match whole {
            Ok(()) => place.dropped.1 += 1,
            Err(_) => drop(std::fs::remove_file(part)),
        }
    } else {
        sandbox.drop_file(PERSON, &place.novos, &name, text).unwrap();
        place.dropped.0 += 1;
    }
}

fn lies(dir: &Path) -> usize {
    std::fs::read_dir(dir).map_or(0, Iterator::count)
}

#[tokio::test]
async fn whatever_happens_each_file_is_processed_once() {
    let (files, kills) = (asked("ZELADOR_FILES", FILES), asked("ZELADOR_KILLS", KILLS));
    let seed = asked("ZELADOR_SEED", rand::rng().random_range(0..usize::MAX / 2));
    println!("{files} files, {kills} kills, seed {seed}");
    let mut random = StdRng::seed_from_u64(seed as u64);
    let disk = Mount::new(4);
    if let Err(why) = &disk {
        println!("skipped: the disk is never full, for no small one can be mounted: {why}");
    }
    let root = disk.as_ref().ok().map(|disk| disk.path().join("drive"));
    let outside = Outside::new(seed as u64, root.as_deref(), "").await;
    let script = outside.secret("process.sh", PROCESSOR);
    let config = std::fs::read_to_string(outside.home.config()).unwrap();
    outside.home.configure(&format!(
        "{config}{CONFIG}[drive.processor]\ncommand = [\"/bin/sh\", \"{script}\"]\n"
    ));
    let mut daemon = outside.start().await;
    let sandbox = &outside.sandbox;
    let tenant = tenant(daemon.client()).await;
    let mut places = Vec::new();
    for number in 0..USERS {
        let user = person(daemon.client(), &tenant, &format!("ana{number}")).await;
        places.push(place(daemon.client(), sandbox, &user).await);
    }
    for round in 0..kills {
        trouble(sandbox, &mut random);
        for number in round * files / kills..(round + 1) * files / kills {
            let at = random.random_range(0..USERS);
            drop_file(sandbox, &mut places[at], number, random.random_bool(0.25));
        }
        let full = disk.as_ref().ok().filter(|_| round % 2 == 1).map(Mount::fill);
        sleep(Duration::from_millis(random.random_range(50..1200))).await;
        daemon.kill().await;
        if let Some(filler) = full {
            std::fs::remove_file(filler).unwrap();
        }
        daemon = outside.start().await;
    }
    let filler = disk.as_ref().ok().map(Mount::fill);
    // So long the disk stays full; nothing is expected of that moment.
    sleep(Duration::from_millis(500)).await;
    // Things recover.
    sandbox.set(|faults| *faults = zelador::sandbox::drive::Faults::default());
    if let Some(filler) = filler {
        std::fs::remove_file(filler).unwrap();
    }
    let recovered = Instant::now();
    eventually("novos is empty on both sides", PATIENCE, || async {
        let empty = |place: &Place| {
            sandbox.folder(&place.novos).is_empty() && lies(&place.path.join("novos")) == 0
        };
        places.iter().all(empty).then_some(())
    })
    .await;
    println!("novos is empty {:?} after things recover", recovered.elapsed());
    for place in &places {
        once(daemon.client(), sandbox, place).await;
    }
    // The top one and three for each user; the files.
    let on_drive: usize = places.iter().map(|place| place.dropped.0).sum();
    assert_eq!(sandbox.count(), USERS * 4 + on_drive, "nothing is doubled on Drive");
}

/// Every file of a user has reached its folder, and that once.
async fn once(client: &Client, sandbox: &Sandbox, place: &Place) {
    let (on_drive, on_vm) = place.dropped;
    let journeys = eventually("every journey is over", PATIENCE, || async {
        let seen = client.get(&format!("/folders/{}/files?limit=500", place.user)).await.is(200);
        let seen = seen.as_array().unwrap().clone();
        seen.iter().all(|file| file["state"] == "processed").then_some(seen)
    })
    .await;
    let of = |source: &str| journeys.iter().filter(|file| file["source"] == source).count();
    assert_eq!((of("drive"), of("vm")), (on_drive, on_vm), "a journey for each version");
    assert_eq!(sandbox.folder(&place.processados).len(), on_drive);
    assert_eq!(lies(&place.path.join("processados")), on_vm);
    assert_eq!(lies(&place.path.join("erros")), 0);
    let timeline = client.get(&format!("/users/{}/timeline?limit=500", place.user)).await.is(200);
    let count = |kind: &str| {
        timeline.as_array().unwrap().iter().filter(|event: &&Value| event["type"] == kind).count()
    };
    assert_eq!(count("drive.file_processed"), on_drive + on_vm, "told of once each");
    assert_eq!(count("drive.file_failed"), 0, "trouble that passes is no failure of a file");
    assert_eq!(count("drive.folder_created"), 1);
}
