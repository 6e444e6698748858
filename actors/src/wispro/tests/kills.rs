//! Runs that are cut off at any moment: the users are those of a run that was not.
//! Killing the process itself is in `tests/it/wispro`.

use super::*;

/// As far as the times of their making do not matter.
async fn people(bench: &Bench) -> Vec<User> {
    let mut users = bench.users().await;
    for user in &mut users {
        user.tenant = "01890000-0000-7000-8000-000000000001".parse().unwrap();
        (user.created_at, user.updated_at, user.status_since) = Default::default();
    }
    users
}

fn messy(count: u32) -> Vec<Value> {
    let mut all = clients(count);
    for (at, row) in all.iter_mut().enumerate() {
        match at % 10 {
            3 => row["email"] = json!(format!("c{}@example.com", at - 1)),
            5 => row["national_identification_number"] = json!(format!("v 6.000.{:03}", at - 1)),
            7 => row["name"] = json!(null),
            8 => row["id"] = json!(null),
            _ => {}
        }
    }
    all
}

/// The engine's loop and all it runs end at once, as in a crash; another process
/// begins with what is in the store.
async fn crashed(bench: Bench) -> Bench {
    bench.jobs.stop(std::time::Duration::ZERO).await;
    let world = bench.world.clone();
    Bench::on(world, bench.made.clone(), bench.settings.clone())
}

#[tokio::test]
async fn a_run_that_is_cut_off_again_and_again_ends_like_one_that_is_not() {
    let whole = Bench::new(messy(200));
    let expected = whole.sync().await;
    let mut bench = Bench::new(messy(200));
    let id = bench.start(SyncArgs::default()).await;
    for pause in 0..40_u64 {
        for _ in 0..(pause * 37 % 400) {
            tokio::task::yield_now().await;
        }
        bench = crashed(bench).await;
    }
    let view = bench.reaches(id, "completed").await;
    assert_eq!(view.counts, expected.counts);
    assert_eq!(people(&bench).await, people(&whole).await);
}
