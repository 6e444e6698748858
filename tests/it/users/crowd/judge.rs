//! What became of the crowd, as the store of the daemon that is down tells it.

use std::collections::HashMap;

use serde_json::Value;
use zelador_store::event::{Event, Events};
use zelador_store::id::UserId;
use zelador_store::job::{JobState, Jobs};
use zelador_store::plan::{PlanState, PlansByUser};
use zelador_store::session::Sessions;
use zelador_store::user::{Status, StatusHistory, Users};
use zelador_store::{Cursor, Query, Store, Table};

use super::seed::{Person, open};
use crate::harness::Home;

/// Rows read at once.
const PAGE: usize = 1000;

/// Everybody was suspended and then banned, at the times planned, once; the
/// session ended with the suspension; every row agrees with every other.
pub(super) async fn all(home: &Home, people: &[Person]) {
    let (code, said, errors) = home.run(["check-store"]).await;
    assert_eq!(code, 0, "{said}{errors}");
    let engine = open(home);
    let store = Store::new(engine.clone());
    for one in people {
        person(&store, one).await;
    }
    let changes = changes(&store).await;
    assert_eq!(changes.len(), people.len());
    let wanted = [("ACTIVE", "SUSPENDED"), ("SUSPENDED", "BANNED")];
    for one in people {
        let told = &changes[&one.user];
        let told: Vec<_> = told.iter().map(|(from, to)| (from.as_str(), to.as_str())).collect();
        assert_eq!(told, wanted, "the events of {}", one.user);
    }
    jobs(&store).await;
    engine.close().unwrap();
}

async fn person(store: &Store, one: &Person) {
    let user = store.get::<Users>(&one.user).await.unwrap().unwrap().row;
    assert_eq!((user.status, user.status_since), (Status::Banned, one.planned.banned));
    let query = Query::under(&(one.user,)).limit(PAGE);
    let history = store.page::<StatusHistory>(&query).await.unwrap().rows;
    let history: Vec<_> = history.iter().map(|row| (row.row.to, row.key.1)).skip(1).collect();
    let wanted = [(Status::Suspended, one.planned.suspended), (Status::Banned, one.planned.banned)];
    assert_eq!(history, wanted, "the history of {}", one.user);
    let query = Query::under_key(&one.user).limit(PAGE);
    let plans = store.page_by::<PlansByUser>(&query).await.unwrap().rows;
    assert!(plans.iter().all(|plan| plan.row.state == PlanState::Executed), "{plans:?}");
    let session = store.get::<Sessions>(&one.session).await.unwrap().unwrap().row;
    // Where both were due before a job came by, one commit did both.
    let why = session.revoked_for.as_deref();
    assert!(matches!(why, Some("suspension" | "ban")), "{session:?}");
}

/// Every change that was told, in the order of the log.
async fn changes(store: &Store) -> HashMap<UserId, Vec<(String, String)>> {
    let mut changes: HashMap<UserId, Vec<(String, String)>> = HashMap::new();
    let mut after: Option<Cursor> = None;
    loop {
        let page = store.page::<Events>(&Query::all().after(after).limit(PAGE)).await.unwrap();
        for row in page.rows {
            let event: Event = row.row;
            if event.kind == "user.status_changed" {
                let data: Value = serde_json::from_str(&event.data).unwrap();
                let text = |name: &str| data[name].as_str().unwrap().to_owned();
                let change = (text("old_status"), text("new_status"));
                changes.entry(event.user.unwrap()).or_default().push(change);
            }
        }
        after = page.next;
        if after.is_none() {
            return changes;
        }
    }
}

/// None failed, and none was run twice but those that the kill cut off.
async fn jobs(store: &Store) {
    let (mut again, mut after) = (0, None);
    loop {
        let page = store.page::<Jobs>(&Query::all().after(after).limit(PAGE)).await.unwrap();
        for job in &page.rows {
            if job.row.kind.starts_with("user.") {
                assert_eq!(job.row.state, JobState::Succeeded, "{job:?}");
                again += usize::from(job.row.tries > 1);
            }
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    println!("{again} jobs were tried again after the kill ({})", Jobs::NAME);
    assert!(again <= 12, "{again} jobs ran at the moment of the kill; 12 can");
}
