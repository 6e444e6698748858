//! The least edits.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::super::repair::{after, edits, scarce};
use super::super::{AccountId, Edit, Quota, Seen, SeenQuota, Wanted};

const GB: u64 = 1024 * 1024 * 1024;

fn wanted() -> Wanted {
    Wanted {
        id: AccountId::new("ana").unwrap(),
        display_name: Some("Ana".to_owned()),
        email: Some("ana@example.org".to_owned()),
        quota: Quota::Limit(5 * GB),
        groups: BTreeSet::from(["staff".to_owned()]),
        language: Some("pt_BR".to_owned()),
        enabled: true,
        invite: false,
    }
}

fn bare() -> Seen {
    Seen {
        id: "Ana".to_owned(),
        display_name: "ana".to_owned(),
        email: None,
        quota: SeenQuota::Unlimited,
        groups: BTreeSet::new(),
        language: Some("en".to_owned()),
        enabled: true,
    }
}

#[test]
fn a_bare_account_needs_everything() {
    let all = edits(&wanted(), &bare());
    assert_eq!(all.len(), 5);
    assert_eq!(all[0], Edit::Join("staff".to_owned()));
    assert_eq!(scarce(&all), 4);
}

#[test]
fn what_is_right_is_left() {
    let mut seen = bare();
    for edit in edits(&wanted(), &bare()) {
        seen = after(&seen, &edit);
    }
    assert_eq!(edits(&wanted(), &seen), []);
    seen.email = Some("ANA@Example.org".to_owned());
    seen.groups.insert("friends".to_owned());
    assert_eq!(edits(&wanted(), &seen), [], "letters of an address, and others' groups");
    seen.quota = SeenQuota::Bytes(5);
    assert_eq!(edits(&wanted(), &seen), [Edit::Quota(Quota::Limit(5 * GB))]);
}

fn quotas() -> impl Strategy<Value = Quota> {
    prop_oneof![Just(Quota::Unlimited), (1_u64..500).prop_map(|gb| Quota::Limit(gb * GB))]
}

fn seens() -> impl Strategy<Value = Seen> {
    let quota = prop_oneof![
        Just(SeenQuota::Unlimited),
        Just(SeenQuota::Unreadable),
        (0_u64..500 * GB).prop_map(SeenQuota::Bytes)
    ];
    let groups = proptest::collection::btree_set("[a-c]", 0..3);
    let texts = proptest::option::of("[a-c]{1,2}");
    (quota, groups, texts.clone(), texts, "[a-c]{1,2}", any::<bool>()).prop_map(
        |(quota, groups, email, language, name, enabled)| Seen {
            id: "ana".to_owned(),
            display_name: name,
            email,
            quota,
            groups,
            language,
            enabled,
        },
    )
}

fn wanteds() -> impl Strategy<Value = Wanted> {
    let groups = proptest::collection::btree_set("[a-c]", 0..3);
    let texts = proptest::option::of("[a-c]{1,2}");
    (quotas(), groups, texts.clone(), texts.clone(), texts, any::<bool>()).prop_map(
        |(quota, groups, email, language, display_name, enabled)| Wanted {
            invite: false,
            display_name,
            email,
            quota,
            groups,
            language,
            enabled,
            ..wanted()
        },
    )
}

proptest! {
    #[test]
    fn edits_lead_to_what_is_wanted_and_none_is_in_vain(wanted in wanteds(), seen in seens()) {
        let all = edits(&wanted, &seen);
        let done = all.iter().fold(seen.clone(), |seen, edit| after(&seen, edit));
        prop_assert_eq!(edits(&wanted, &done), []);
        // Without any one of them something is missing.
        for left_out in 0..all.len() {
            let others = all.iter().enumerate().filter(|(at, _)| *at != left_out);
            let done = others.fold(seen.clone(), |seen, (_, edit)| after(&seen, edit));
            prop_assert_eq!(edits(&wanted, &done).len(), 1);
        }
    }
}
