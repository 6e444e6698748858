//! Which instance takes the next account.

use std::collections::BTreeMap;

use proptest::prelude::*;
use zelador_store::Timestamp;
use zelador_store::id::{InstanceId, TenantId};
use zelador_store::nextcloud::{Ailment, Breaker, Health, Instance, InstanceStatus, Method, Taken};

use super::super::choice::{NoRoom, Weighed, choose};

fn id(number: u8) -> InstanceId {
    InstanceId::new(Timestamp::EPOCH, [number; 10])
}

fn tenant(number: u8) -> TenantId {
    TenantId::new(Timestamp::EPOCH, [number; 10])
}

pub(crate) fn instance(name: &str, max_users: u32) -> Instance {
    Instance {
        name: name.to_owned(),
        base_url: "https://cloud.example.org".to_owned(),
        method: Method::Api,
        status: InstanceStatus::Active,
        max_users,
        tenants: Vec::new(),
        ssh: None,
        api: None,
        health: Health::default(),
        breaker: None,
        drift: None,
        sandbox: true,
        version: 0,
        created_at: Timestamp::EPOCH,
        updated_at: Timestamp::EPOCH,
    }
}

fn taken(places: u32) -> Taken {
    Taken { places, turns: places.into() }
}

fn chosen(pool: &[(Instance, Taken)]) -> Result<u8, NoRoom> {
    let numbers = 0_u8..;
    let all: Vec<_> = numbers
        .zip(pool)
        .map(|(number, (instance, taken))| Weighed { id: id(number), instance, taken })
        .collect();
    let found = choose(&all, tenant(1))?;
    Ok((0..=255).find(|number| id(*number) == found).unwrap())
}

#[test]
fn the_emptiest_of_the_fit_is_chosen() {
    let pool = [
        (instance("a", 10), taken(5)),
        (instance("b", 10), taken(3)),
        (instance("c", 3), taken(3)),
        (instance("d", 10), taken(4)),
    ];
    assert_eq!(chosen(&pool), Ok(1));
    let mut off = pool.clone();
    off[1].0.status = InstanceStatus::Disabled;
    assert_eq!(chosen(&off), Ok(3));
    off[3].0.status = InstanceStatus::Maintenance;
    assert_eq!(chosen(&off), Ok(0));
    off[0].0.health.healthy = Some(false);
    assert_eq!(chosen(&off), Err(NoRoom { off: 2, unwell: 1, full: 1, foreign: 0 }));
    off[0].0.health.healthy = None;
    let cause = Ailment { class: "wrong_credentials".to_owned(), message: "no".to_owned() };
    off[0].0.breaker = Some(Breaker { since: Timestamp::EPOCH, until: None, cause });
    let none = chosen(&off).unwrap_err();
    assert_eq!(
        none.to_string(),
        "no Nextcloud instance takes the account: 1 full, 1 unwell, 2 switched off"
    );
    assert_eq!(NoRoom::default().to_string(), "no Nextcloud instance is registered");
}

#[test]
fn an_instance_for_some_tenants_is_for_them_alone() {
    let mut pool = [(instance("a", 10), taken(0)), (instance("b", 10), taken(9))];
    pool[0].0.tenants = vec![tenant(2)];
    assert_eq!(chosen(&pool), Ok(1));
    pool[0].0.tenants.push(tenant(1));
    assert_eq!(chosen(&pool), Ok(0));
}

proptest! {
    #[test]
    fn none_is_overfilled_and_equals_fill_evenly(
        sizes in proptest::collection::vec(0_u32..40, 1..6), people in 0_usize..150
    ) {
        let mut pool: BTreeMap<_, _> = (0_u8..)
            .zip(&sizes)
            .map(|(number, size)| (id(number), (instance("x", *size), Taken::default())))
            .collect();
        let room: u32 = sizes.iter().sum();
        let mut placed = 0;
        for _ in 0..people {
            let all: Vec<_> = pool
                .iter()
                .map(|(id, (instance, taken))| Weighed { id: *id, instance, taken })
                .collect();
            let Ok(found) = choose(&all, tenant(1)) else { break };
            let taken = &mut pool.get_mut(&found).unwrap().1;
            taken.places += 1;
            taken.turns += 1;
            placed += 1;
        }
        prop_assert_eq!(placed, people.min(room as usize));
        let open: Vec<_> = pool.values().filter(|(one, taken)| taken.places < one.max_users).collect();
        for (instance, taken) in pool.values() {
            prop_assert!(taken.places <= instance.max_users);
        }
        if let (Some(most), Some(least)) = (
            open.iter().map(|(_, taken)| taken.places).max(),
            open.iter().map(|(_, taken)| taken.places).min(),
        ) {
            prop_assert!(most - least <= 1);
        }
    }
}
