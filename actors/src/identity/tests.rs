//! Tokens through their doors, on a store in memory.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use zelador_store::author::{Author, AuthorKind};
use zelador_store::token::{Role, Token};

use super::keys::{JwtAlgorithm, Keys};
use super::passwords::Passwords;
use super::scopes::is_scope;
use super::tokens::{self, NewToken, OPERATOR};
use super::{From, IdentityDesk, IdentitySettings, Whither};
use crate::error::{Error, Refusal};
use crate::testkit::World;

fn service(name: &str, scopes: &[&str]) -> NewToken {
    NewToken {
        name: name.to_owned(),
        hash: [7; 32],
        role: Role::Service,
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        tenant: None,
        expires_at: None,
    }
}

fn operator(hash: u8) -> NewToken {
    NewToken { hash: [hash; 32], role: Role::Operator, ..service("a person", &[]) }
}

fn nobody() -> Author {
    Author::new(AuthorKind::Operator, "test")
}

async fn row(world: &World, hash: u8) -> Token {
    tokens::find(&world.shell, [hash; 32]).await.unwrap().unwrap().1
}

fn code(error: &Error) -> Option<&str> {
    match error {
        Error::Refused(Refusal::Conflict { code, .. }) => Some(code),
        _ => None,
    }
}

#[test]
fn scopes_are_a_noun_and_a_verb() {
    for good in ["*", "jobs:read", "folders:*", "bookings:write"] {
        assert!(is_scope(good), "{good}");
    }
    for bad in
        ["", ":", "jobs", "jobs:", "jobs:delete", "shoes:read", "*:read", "jobs:read:x", "**"]
    {
        assert!(!is_scope(bad), "{bad}");
    }
}

#[test]
fn everything_wrong_with_a_token_is_said_at_once() {
    let world = World::new();
    let now = world.shell.now();
    let check = |new: &NewToken| match tokens::check(new, now) {
        Ok(()) => Vec::new(),
        Err(Refusal::Invalid(flaws)) => flaws.into_iter().map(|f| (f.field, f.code)).collect(),
        Err(other) => panic!("{other}"),
    };
    assert_eq!(check(&service("x", &["jobs:read"])), []);
    assert_eq!(check(&operator(1)), []);
    let soon = Some(now + Duration::from_millis(1));
    assert_eq!(check(&NewToken { expires_at: soon, ..operator(1) }), []);
    let flaw = |field: &str, code| (field.to_owned(), code);
    let wrong = NewToken { expires_at: Some(now), ..service(OPERATOR, &["*", "shoes:read"]) };
    let expected = [
        flaw("name", "reserved"),
        flaw("scopes[1]", "unknown_scope"),
        flaw("expires_at", "not_in_the_future"),
    ];
    assert_eq!(check(&wrong), expected);
    assert_eq!(check(&service("x", &[])), [flaw("scopes", "too_few")]);
    let bound = NewToken { tenant: Some(world.shell.id()), ..operator(1) };
    let expected = [flaw("scopes", "operator_may_all"), flaw("tenant_id", "operator_may_all")];
    assert_eq!(check(&NewToken { scopes: vec!["*".to_owned()], ..bound }), expected);
}

#[tokio::test]
async fn a_token_is_bound_to_a_tenant_that_exists() {
    let world = World::new();
    let bound = NewToken { tenant: Some(world.shell.id()), ..service("x", &["*"]) };
    let refused = tokens::create(&world.shell, bound, &nobody()).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::Absent { what: "tenant" }))));
}

#[tokio::test]
async fn the_last_operator_stays() {
    let world = World::new();
    let first = tokens::replace_operator(&world.shell, [1; 32]).await.unwrap();
    let refused = tokens::revoke(&world.shell, first, &nobody()).await.unwrap_err();
    assert_eq!(code(&refused), Some("last_operator_token"));

    let short = Some(world.shell.now() + Duration::from_secs(60));
    let expiring = NewToken { expires_at: short, ..operator(2) };
    let (second, _) = tokens::create(&world.shell, expiring, &nobody()).await.unwrap();
    world.hand.advance(Duration::from_secs(60));
    // The other one has expired: it is no way in.
    assert!(tokens::revoke(&world.shell, first, &nobody()).await.is_err());
    tokens::revoke(&world.shell, second, &nobody()).await.unwrap();

    let (third, _) = tokens::create(&world.shell, operator(3), &nobody()).await.unwrap();
    tokens::revoke(&world.shell, first, &nobody()).await.unwrap();
    let at = row(&world, 1).await.revoked_at;
    assert_eq!(at, Some(world.shell.now()));
    world.hand.advance(Duration::from_secs(1));
    tokens::revoke(&world.shell, first, &nobody()).await.unwrap();
    assert_eq!(row(&world, 1).await.revoked_at, at, "once is enough");
    assert!(tokens::revoke(&world.shell, third, &nobody()).await.is_err());
    let absent = world.shell.id::<zelador_store::id::Token>();
    let refused = tokens::revoke(&world.shell, absent, &nobody()).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::Absent { what: "token" }))));
}

#[tokio::test]
async fn two_operators_cannot_revoke_each_other() {
    let world = World::new();
    let (one, _) = tokens::create(&world.shell, operator(1), &nobody()).await.unwrap();
    let (two, _) = tokens::create(&world.shell, operator(2), &nobody()).await.unwrap();
    // Both decide before either commits.
    let first = tokens::revocation(&world.shell, one, &nobody()).await.unwrap().unwrap();
    let second = tokens::revocation(&world.shell, two, &nobody()).await.unwrap().unwrap();
    world.shell.store.commit(first).await.unwrap();
    assert!(world.shell.store.commit(second).await.unwrap_err().is_conflict());
    let refused = tokens::revoke(&world.shell, two, &nobody()).await.unwrap_err();
    assert_eq!(code(&refused), Some("last_operator_token"));
}

#[tokio::test]
async fn a_new_operator_token_ends_the_one_that_was_lost() {
    let world = World::new();
    tokens::replace_operator(&world.shell, [1; 32]).await.unwrap();
    tokens::create(&world.shell, operator(2), &nobody()).await.unwrap();
    tokens::replace_operator(&world.shell, [3; 32]).await.unwrap();
    assert!(row(&world, 1).await.revoked_at.is_some());
    assert!(row(&world, 2).await.revoked_at.is_none(), "one that a person made stays");
    assert!(row(&world, 3).await.revoked_at.is_none());
}

/// Settings that let so many try in a minute.
fn limited(per_minute: u32) -> Arc<IdentitySettings> {
    Arc::new(IdentitySettings {
        account_per_minute: per_minute,
        address_per_minute: 3 * per_minute,
        ..IdentitySettings::default()
    })
}

/// A desk with these settings.
fn desk(world: &World, settings: watch::Receiver<Arc<IdentitySettings>>) -> IdentityDesk {
    let keys = Keys::new(JwtAlgorithm::HS512, "a key for tests, which is long enough", []);
    let keys = watch::channel(Arc::new(keys)).1;
    IdentityDesk::new(world.shell.clone(), Passwords::new(2), keys, settings)
}

fn from(last: u8) -> From {
    From { address: IpAddr::from([203, 0, 113, last]), agent: None }
}

/// How an attempt to sign in ended, in a word.
async fn attempt(desk: &IdentityDesk, email: &str, last: u8) -> &'static str {
    match desk
        .login(email, "not the password".to_owned().into(), Whither::Any, (&from(last), &nobody()))
        .await
    {
        Ok(_) => "in",
        Err(Error::Refused(Refusal::Unknown { code })) => code,
        Err(Error::TooMany { .. }) => "too many",
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn attempts_are_limited_by_account_and_by_address_whoever_is_there() {
    let world = World::new();
    let desk = desk(&world, watch::channel(limited(2)).1);
    // By account, from wherever, and nobody need be there.
    for (last, told) in [(1, "bad_credentials"), (2, "bad_credentials"), (3, "too many")] {
        assert_eq!(attempt(&desk, "ana@x.example", last).await, told, "from {last}");
    }
    assert_eq!(attempt(&desk, "ANA@X.example", 4).await, "too many", "whatever the case");
    assert_eq!(attempt(&desk, "bia@x.example", 4).await, "bad_credentials");
    // By address, whatever the account.
    for number in 0..6 {
        let told = attempt(&desk, &format!("p{number}@x.example"), 9).await;
        assert_eq!(told, "bad_credentials", "{number}");
    }
    assert_eq!(attempt(&desk, "p7@x.example", 9).await, "too many");
    assert_eq!(attempt(&desk, "p7@x.example", 10).await, "bad_credentials");
}

#[tokio::test]
async fn another_limit_is_in_force_at_once() {
    let world = World::new();
    let (change, settings) = watch::channel(limited(1));
    let desk = desk(&world, settings);
    for told in ["bad_credentials", "too many"] {
        assert_eq!(attempt(&desk, "ana@x.example", 1).await, told);
    }
    change.send_replace(limited(2));
    for told in ["bad_credentials", "bad_credentials", "too many"] {
        assert_eq!(attempt(&desk, "ana@x.example", 1).await, told);
    }
}

#[tokio::test]
async fn a_refusal_takes_as_long_whoever_is_asked_for() {
    let world = World::new();
    let desk = desk(&world, watch::channel(limited(100)).1);
    let began = tokio::time::Instant::now();
    assert_eq!(attempt(&desk, "nobody@x.example", 1).await, "bad_credentials");
    assert!(began.elapsed() >= Duration::from_millis(350), "{:?}", began.elapsed());
}
