//! Accounts and the places they take: a sound store, and one with each flaw.

use super::{at, each_is_named, told_of};
use crate::Write;
use crate::id::{InstanceId, TenantId, UserId};
use crate::nextcloud::{
    Account, AccountState, Accounts, Health, Instance, InstanceStatus, Instances, Method, Moving,
    Occupancy, Place, Taken,
};

struct Story {
    instances: Vec<InstanceId>,
    told: Vec<(InstanceId, u32)>,
    accounts: Vec<Account>,
}

fn instance(n: u8) -> InstanceId {
    InstanceId::new(at(0), [n; 10])
}

fn place(n: u8, remote: &str) -> Place {
    let remote_id = remote.to_owned();
    Place { instance: instance(n), remote_id, go: 0, taken_at: at(1), called: true, made: true }
}

fn account(state: AccountState, place: Option<Place>) -> Account {
    Account {
        tenant: TenantId::new(at(0), [9; 10]),
        state,
        place,
        quota: None,
        groups: Vec::new(),
        language: None,
        password: None,
        error: None,
        tries: 0,
        job: None,
        moving: None,
        locked_out: false,
        switched_by: None,
        created_at: None,
        version: 1,
        updated_at: at(1),
    }
}

/// One stands, one is being moved, one waits for a place, one was given up; the first
/// instance counts one more, which a move has left behind.
fn story() -> Story {
    let mut moved = account(AccountState::Creating, Some(place(2, "bia")));
    moved.moving = Some(Moving { from: place(1, "bia"), to: instance(2), password: None });
    Story {
        instances: vec![instance(1), instance(2)],
        told: vec![(instance(1), 3), (instance(2), 1)],
        accounts: vec![
            account(AccountState::Active, Some(place(1, "ana"))),
            moved,
            account(AccountState::Pending, None),
            account(AccountState::Failed, None),
        ],
    }
}

async fn findings(story: &Story) -> Vec<String> {
    let mut write = Write::new();
    for id in &story.instances {
        let row = Instance {
            name: id.to_string(),
            base_url: "https://nuvem.example".into(),
            method: Method::Api,
            status: InstanceStatus::Active,
            max_users: 10,
            tenants: Vec::new(),
            ssh: None,
            api: None,
            health: Health::default(),
            breaker: None,
            drift: None,
            sandbox: false,
            version: 1,
            created_at: at(0),
            updated_at: at(0),
        };
        write.insert::<Instances>(id, &row);
    }
    for (id, places) in &story.told {
        write.insert::<Occupancy>(id, &Taken { places: *places, turns: 7 });
    }
    for (n, account) in (10..).zip(&story.accounts) {
        write.insert::<Accounts>(&UserId::new(at(0), [n; 10]), account);
    }
    told_of(write).await
}

#[tokio::test]
async fn accounts_in_their_places_are_sound() {
    assert_eq!(findings(&story()).await, Vec::<String>::new());
}

#[tokio::test]
async fn each_contradiction_is_named() {
    type Spoil = fn(&mut Story);
    let spoils: [(Spoil, &str); 8] = [
        (|s| s.told[0].1 = 1, "2 accounts are placed there, it says 1"),
        (|s| s.told[1].1 = 0, "1 accounts are placed there, it says 0"),
        (|s| s.told.truncate(1), "1 accounts are placed there, it says 0"),
        (|s| s.told.push((instance(3), 0)), "is counted, and is gone"),
        (|s| s.instances.truncate(1), "which is gone"),
        (|s| s.accounts[0].place = None, "is active and has no place"),
        (|s| s.accounts[1].place = None, "is creating and has no place"),
        (|s| s.accounts[0].state = AccountState::Pending, "is pending and has a place"),
    ];
    each_is_named(story, findings, &spoils).await;
}
