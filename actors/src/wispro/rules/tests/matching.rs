//! Which user a client is, and what differs.

use zelador_store::Timestamp;
use zelador_store::id::UserId;
use zelador_store::user::{Status, User};
use zelador_store::wispro::StagedClient;

use crate::id_number::IdNumber;
use crate::users::UserDraft;
use crate::users::rules::record::register;
use crate::wispro::rules::matching::{Candidate, Decision, Facts, Judged, Sibling, changed, judge};
use crate::wispro::rules::report::Code;

fn client(number: &str) -> StagedClient {
    StagedClient {
        name: Some("Ana".into()),
        email: Some("ana@example.com".into()),
        email_malformed: false,
        phone: None,
        address: Some("Av. 1".into()),
        zone: Some("Centro".into()),
        id_number: IdNumber::parse(number).map(|number| number.canonical()),
        letter_guessed: false,
    }
}

fn who(at: u8) -> UserId {
    format!("01890000-0000-7000-8000-0000000000{at:02}").parse().unwrap()
}

/// A user who is already as [`client`] wants it.
fn user(at: u8, number: &str, wispro: Option<&str>) -> Candidate {
    let draft = UserDraft {
        name: "Ana".into(),
        email: Some("ana@example.com".into()),
        address: Some("Av. 1".into()),
        zone: Some("Centro".into()),
        id_number: Some(number.into()),
        id_wispro: wispro.map(str::to_owned),
        ..UserDraft::default()
    };
    let tenant = "01890000-0000-7000-8000-000000000099".parse().unwrap();
    let user = register(tenant, draft, Status::Active, Timestamp::from_seconds(0));
    Candidate { id: who(at), user }
}

fn sibling(id: &str, number: &str) -> Sibling {
    Sibling { id: id.into(), number: IdNumber::parse(number).unwrap() }
}

fn decision(client: &StagedClient, facts: &Facts) -> Decision {
    judge("5", client, facts).decision
}

#[test]
fn somebody_new_is_created() {
    let created = judge("5", &client("V-12345678"), &Facts::default());
    assert_eq!(created, Judged { decision: Decision::Create { email: true }, notes: vec![] });
    let nameless = StagedClient { name: None, ..client("V-12345678") };
    assert_eq!(decision(&nameless, &Facts::default()), Decision::Error(Code::NameMissing));
    let numberless = StagedClient { id_number: None, ..client("V-12345678") };
    assert_eq!(decision(&numberless, &Facts::default()), Decision::Skip(Code::NoNumber));
}

#[test]
fn the_wispro_id_comes_before_the_number() {
    let by_id = user(1, "V-1111111", Some("5"));
    let by_number = vec![user(2, "V-12345678", None)];
    let facts = Facts { by_id: Some(by_id), by_number, ..Facts::default() };
    assert_eq!(decision(&client("V-12345678"), &facts), Decision::Unchanged { user: who(1) });
}

#[test]
fn only_four_fields_change_and_only_if_they_differ() {
    let mut known = user(1, "V-12345678", Some("5"));
    known.user.name = "Otra".into();
    known.user.zone = None;
    known.user.phone = Some("0414".into());
    known.user.role = 7;
    let facts = Facts { by_id: Some(known.clone()), ..Facts::default() };
    let wanted = client("V-12345678");
    let fields = vec!["name", "zone"];
    assert_eq!(decision(&wanted, &facts), Decision::Change { user: who(1), email: false, fields });
    let next = changed("5", &wanted, false, &known.user).unwrap();
    let only = User { name: "Ana".into(), zone: Some("Centro".into()), ..known.user.clone() };
    assert_eq!(next, only);
    assert_eq!(changed("5", &wanted, false, &next), None);
}

#[test]
fn what_the_upstream_leaves_empty_is_kept() {
    let facts = Facts { by_id: Some(user(1, "V-12345678", Some("5"))), ..Facts::default() };
    let empty =
        StagedClient { name: None, email: None, address: None, zone: None, ..client("V-12345678") };
    assert_eq!(decision(&empty, &facts), Decision::Unchanged { user: who(1) });
}

#[test]
fn a_client_known_by_number_alone_gets_its_id() {
    let facts = Facts { by_number: vec![user(1, "v12.345.678", None)], ..Facts::default() };
    let judged = judge("5", &client("V-12345678"), &facts);
    let fields = vec!["id_wispro"];
    assert_eq!(judged.decision, Decision::Change { user: who(1), email: false, fields });
    assert_eq!(judged.notes, [Code::IdGiven]);
    // One that has another keeps it.
    let facts = Facts { by_number: vec![user(1, "V-12345678", Some("9"))], ..Facts::default() };
    let judged = judge("5", &client("V-12345678"), &facts);
    assert_eq!(judged.decision, Decision::Unchanged { user: who(1) });
    assert_eq!(judged.notes, [Code::OtherId]);
}

#[test]
fn a_number_without_a_letter_means_v_unless_only_an_e_user_has_it() {
    let plain = client("12345678");
    for (users, expected) in [
        (vec![user(1, "V-12345678", Some("5"))], Decision::Unchanged { user: who(1) }),
        (vec![user(1, "12345678", Some("5"))], Decision::Unchanged { user: who(1) }),
        (vec![user(2, "E-12345678", Some("5"))], Decision::Unchanged { user: who(2) }),
        (
            vec![user(1, "V-12345678", None), user(2, "E-12345678", None)],
            Decision::Error(Code::Ambiguous),
        ),
    ] {
        let facts = Facts { by_number: users, ..Facts::default() };
        assert_eq!(decision(&plain, &facts), expected, "{:?}", facts.by_number);
    }
}

#[test]
fn v_and_e_are_never_taken_for_each_other() {
    let facts = Facts { by_number: vec![user(2, "E-12345678", None)], ..Facts::default() };
    assert_eq!(decision(&client("V-12345678"), &facts), Decision::Create { email: true });
    let facts = Facts { by_number: vec![user(2, "12345678", None)], ..Facts::default() };
    assert_eq!(decision(&client("E-12345678"), &facts), Decision::Create { email: true });
}

#[test]
fn two_users_of_one_number_are_not_chosen_among() {
    let users = vec![user(1, "V-12345678", None), user(2, "V-12345678-1", None)];
    let facts = Facts { by_number: users, ..Facts::default() };
    assert_eq!(decision(&client("V-12345678"), &facts), Decision::Error(Code::Ambiguous));
}

#[test]
fn the_same_number_twice_upstream_goes_to_the_lowest_id() {
    let with = |siblings| Facts { siblings, ..Facts::default() };
    let ours = client("V-12345678");
    for (other, number, skipped) in [
        ("4", "V-12.345.678", true),
        ("6", "V-12345678", false),
        ("4", "E-12345678", false),
        ("4", "12345678", true),
        ("4", "V-12345678-1", true),
        ("4", "V-12345679", false),
    ] {
        let decided = decision(&ours, &with(vec![sibling(other, number)]));
        assert_eq!(decided == Decision::Skip(Code::Duplicate), skipped, "{other} {number}");
    }
}

#[test]
fn the_user_of_another_client_is_left_alone() {
    let facts = Facts {
        by_number: vec![user(1, "V-12345678", Some("9"))],
        staged: vec!["9".into()],
        ..Facts::default()
    };
    assert_eq!(decision(&client("V-12345678"), &facts), Decision::Error(Code::NumberTaken));
    // Unless that client has the number, too, and comes after.
    let facts = Facts { siblings: vec![sibling("9", "V-12345678")], ..facts };
    assert_eq!(decision(&client("V-12345678"), &facts), Decision::Unchanged { user: who(1) });
}

#[test]
fn an_address_of_somebody_else_is_a_conflict_and_the_old_one_stays() {
    let mut known = user(1, "V-12345678", Some("5"));
    known.user.email = Some("old@example.com".into());
    let base = Facts { by_id: Some(known), ..Facts::default() };
    let taken = Facts { email_holder: Some(who(3)), ..base.clone() };
    let shared = Facts { email_first: Some("4".into()), ..base.clone() };
    for facts in [taken, shared] {
        let judged = judge("5", &client("V-12345678"), &facts);
        assert_eq!(judged.decision, Decision::Unchanged { user: who(1) });
        assert_eq!(judged.notes, [Code::EmailConflict]);
    }
    let malformed = StagedClient { email: None, email_malformed: true, ..client("V-12345678") };
    assert_eq!(judge("5", &malformed, &base).notes, [Code::EmailConflict]);
    let own = Facts { email_holder: Some(who(1)), ..base };
    let fields = vec!["email"];
    let expected = Decision::Change { user: who(1), email: true, fields };
    assert_eq!(decision(&client("V-12345678"), &own), expected);
    // Somebody new comes without it.
    let new = Facts { email_holder: Some(who(3)), ..Facts::default() };
    let judged = judge("5", &client("V-12345678"), &new);
    assert_eq!(judged.decision, Decision::Create { email: false });
    assert_eq!(judged.notes, [Code::EmailConflict]);
    assert_eq!(
        judge("5", &malformed, &Facts::default()).decision,
        Decision::Create { email: false }
    );
}

#[test]
fn an_unreadable_number_matches_itself_alone() {
    let facts = Facts { by_number: vec![user(1, "PENDIENTE", Some("5"))], ..Facts::default() };
    let judged = judge("5", &client("PENDIENTE"), &facts);
    assert_eq!(judged.decision, Decision::Unchanged { user: who(1) });
    assert_eq!(judged.notes, [Code::Unparsed]);
    assert_eq!(decision(&client("Pendiente"), &facts), Decision::Create { email: true });
}
