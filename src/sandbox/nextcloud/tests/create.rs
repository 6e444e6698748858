//! The table of answers to `POST /cloud/users`, and of who may ask.

use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Faults, Got, PASSWORD, Plan, Rig, got, new_user};

/// A row: what is sent, what comes back, whether the account stands afterwards.
struct Row {
    name: &'static str,
    body: fn() -> Value,
    http: u16,
    code: u64,
    words: Option<&'static str>,
    stands: Option<(&'static str, bool)>,
}

const fn row(name: &'static str, body: fn() -> Value, http: u16, code: u64) -> Row {
    Row { name, body, http, code, words: None, stands: None }
}

impl Row {
    const fn says(mut self, words: &'static str) -> Self {
        self.words = Some(words);
        self
    }

    const fn leaves(mut self, id: &'static str, stands: bool) -> Self {
        self.stands = Some((id, stands));
        self
    }
}

fn long(length: usize) -> String {
    "correct horse ".chars().cycle().take(length).collect()
}

/// Alice, who exists in no row.
const A: &str = "alice";

pub(super) const NAMES: [&str; 24] = [
    "created",
    "duplicate userid",
    "duplicate userid in other letters",
    "racing duplicate",
    "SQLite locked",
    "bad userid",
    "empty userid",
    "missing userid",
    "malformed JSON",
    "password refused by policy",
    "password too long",
    "no password and no email",
    "email only",
    "group missing",
    "scalar groups",
    "quota banana at create",
    "language zz_QQ at create",
    "not an email at create",
    "no auth",
    "session cookie",
    "wrong password",
    "disabled admin",
    "non-admin creates",
    "left-over data folder",
];

fn rows() -> Vec<Row> {
    vec![
        row("created", || new_user(json!({"groups": ["staff"], "quota": "5 GB"})), 200, 200)
            .says("OK")
            .leaves(A, true),
        row("duplicate userid", || new_user(json!({"userid": "dave"})), 400, 102)
            .says("User already exists"),
        row("duplicate userid in other letters", || new_user(json!({"userid": "DAVE"})), 400, 102),
        row("bad userid", || new_user(json!({"userid": "joão"})), 400, 101).leaves("joão", false),
        row("empty userid", || new_user(json!({"userid": ""})), 400, 101),
        row("missing userid", || json!({"password": PASSWORD}), 500, 996)
            .says("Internal Server Error\n"),
        row("password refused by policy", || new_user(json!({"password": "password"})), 400, 107)
            .says("Password is among the 1,000,000 most common ones. Please make it unique. Password needs to be at least 10 characters long.")
            .leaves(A, false),
        row("password too long", || new_user(json!({"password": long(470)})), 400, 101)
            .says("Invalid password value")
            .leaves(A, false),
        row("no password and no email", || json!({"userid": A}), 400, 108)
            .says("An email address is required, to send a password link to the user."),
        row("email only", || json!({"userid": A, "email": "a@example.org"}), 200, 200)
            .leaves(A, true),
        row("group missing", || new_user(json!({"groups": ["nosuchgroup"]})), 400, 104)
            .says("Group nosuchgroup does not exist")
            .leaves(A, false),
        row("scalar groups", || new_user(json!({"groups": "staff"})), 500, 996).leaves(A, false),
        row("quota banana at create", || new_user(json!({"quota": "banana"})), 400, 101)
            .says("Invalid quota value: banana")
            .leaves(A, true),
        row("language zz_QQ at create", || new_user(json!({"language": "zz_QQ"})), 400, 101)
            .says("Invalid language")
            .leaves(A, true),
        row("not an email at create", || new_user(json!({"email": "not an email"})), 200, 200)
            .leaves(A, true),
    ]
}

fn check(row: &Row, got: &Got, rig: &Rig) {
    assert_eq!((got.http, got.code), (row.http, row.code), "{}: {got:?}", row.name);
    if let Some(words) = row.words {
        assert_eq!(got.words, words, "{}", row.name);
    }
    if let Some((id, stands)) = row.stands {
        assert_eq!(rig.has(id), stands, "{}", row.name);
    }
}

#[tokio::test]
async fn rows_of_creating() {
    for row in rows() {
        assert!(NAMES.contains(&row.name), "{}", row.name);
        let rig = Rig::new().await;
        let answer = rig.post((row.body)()).await;
        check(&row, &answer, &rig);
    }
}

#[tokio::test]
async fn what_was_asked_for_is_there() {
    let rig = Rig::new().await;
    let all = json!({
        "displayName": "Alice A", "email": "a@example.org", "quota": "5 GB",
        "groups": ["staff", "eng"], "language": "de",
    });
    let made = rig.post(new_user(all)).await;
    assert_eq!(made.data, json!({"id": "alice"}));
    let seen = rig.get("users/alice").await.data;
    assert_eq!(seen["quota"]["quota"], json!(5_368_709_120_u64));
    assert_eq!(seen["groups"], json!(["eng", "staff"]));
    assert_eq!(seen["displayname"], json!("Alice A"));
    assert_eq!((&seen["email"], &seen["language"]), (&json!("a@example.org"), &json!("de")));
    assert!(rig.sandbox.opens("alice", PASSWORD));
}

#[tokio::test]
async fn forms_work_like_json() {
    let rig = Rig::new().await;
    let body = "userid=alice&password=correct+horse+battery&groups%5B%5D=staff&groups[]=eng";
    let request = rig.request(Method::POST, "users").body(body);
    let request = request.header("Content-Type", "application/x-www-form-urlencoded");
    assert_eq!(got(request).await.code, 200);
    assert_eq!(rig.sandbox.account("alice").unwrap()["groups"], json!(["eng", "staff"]));
    let request = rig.request(Method::POST, "users").body("{\"userid\":");
    let answer = got(request.header("Content-Type", "application/json")).await;
    assert_eq!((answer.http, answer.code), (500, 996), "malformed JSON");
}

/// Rows: `racing duplicate`.
#[tokio::test]
async fn of_racing_duplicates_one_wins() {
    let rig = Rig::with(Faults { create_ms: 100, ..Faults::default() }).await;
    let racers = (0..4).map(|_| rig.post(new_user(json!({}))));
    let mut codes: Vec<_> = join_all(racers).await.iter().map(|got| got.code).collect();
    codes.sort_unstable();
    assert_eq!(codes, [101, 101, 101, 200]);
}

/// Rows: `SQLite locked`.
#[tokio::test]
async fn sqlite_is_locked_while_another_is_at_work() {
    let rig = Rig::with(Faults { create_ms: 100, sqlite: true, ..Faults::default() }).await;
    let ids: Vec<_> = (0..4).map(|at| format!("u{at}")).collect();
    let racers = ids.iter().map(|id| rig.post(new_user(json!({"userid": id}))));
    let answers = join_all(racers).await;
    let refused: Vec<_> = answers.iter().filter(|got| got.code != 200).collect();
    assert!(refused.len() >= 3, "{answers:?}");
    assert!(
        refused.iter().all(|got| (got.http, got.code) == (400, 101) && got.words == "Bad request")
    );
}

/// Rows: `no auth`; `wrong password`.
#[tokio::test]
async fn who_may_ask() {
    let rig = Rig::new().await;
    let body = new_user(json!({}));
    let path = "/ocs/v2.php/cloud/users";
    let nobody = got(rig.anyone(Method::POST, path).json(&body)).await;
    assert_eq!((nobody.http, nobody.code), (401, 997));
    assert_eq!(nobody.words, "Current user is not logged in");
    let cookie = rig.anyone(Method::POST, path).json(&body).header("Cookie", "nc_session=1");
    assert_eq!(got(cookie).await.http, 401, "session cookie");
    let wrong = rig.anyone(Method::POST, path).json(&body).basic_auth("admin", Some("wrong"));
    let answer = wrong.send().await.unwrap();
    assert_eq!(answer.status(), 401);
    assert!(answer.headers()["www-authenticate"].to_str().unwrap().starts_with("Basic"));
    let user = rig.anyone(Method::POST, path).json(&body).basic_auth("dave", Some(PASSWORD));
    let answer = got(user).await;
    assert_eq!((answer.http, answer.code), (403, 403), "non-admin creates");
    assert_eq!(answer.words, "Logged in account must be at least a sub admin");
    assert!(!rig.has("alice"));
}

#[tokio::test]
async fn three_ways_to_show_who_one_is() {
    let rig = Rig::new().await;
    let plan = Plan::default();
    let path = "/ocs/v2.php/cloud/users";
    let login = rig.anyone(Method::GET, path).basic_auth("admin", Some(&plan.password));
    assert_eq!(got(login).await.code, 200);
    let bearer = rig.anyone(Method::GET, path).bearer_auth(&plan.app_password);
    assert_eq!(got(bearer).await.code, 200);
    rig.occ("php occ user:disable admin").await;
    assert_eq!(rig.get("users").await.code, 997, "disabled admin");
}

/// Rows: `left-over data folder`.
#[tokio::test]
async fn a_folder_left_behind_blocks_its_id() {
    let rig = Rig::new().await;
    rig.post(new_user(json!({}))).await;
    rig.sandbox.lose("alice");
    let again = rig.post(new_user(json!({}))).await;
    assert_eq!(again.code, 101);
    assert!(again.words.contains("files already exist for this user"), "{again:?}");
}

#[tokio::test]
async fn which_ids_are_taken() {
    let rig = Rig::new().await;
    let long = "x".repeat(65);
    for bad in ["joão", "日本", "a/b", "a;b", "a+b", "$(id)", "a\tb", "a\nb", " a", "a ", "..", "."]
    {
        let got = rig.post(new_user(json!({"userid": bad}))).await;
        assert_eq!(got.code, 101, "{bad:?}");
    }
    let got = rig.post(new_user(json!({"userid": long}))).await;
    assert_eq!((got.code, got.words.as_str()), (101, "Username is too long"));
    for bad in ["files_external", "__groupfolders"] {
        let got = rig.post(new_user(json!({"userid": bad}))).await;
        assert!(got.words.contains("files already exist for this user"), "{bad}");
    }
    for good in ["--help", "-dash", "o'brien", "a b", "avatar", &"x".repeat(64)] {
        let got = rig.post(new_user(json!({"userid": good}))).await;
        assert_eq!(got.code, 200, "{good}");
    }
}
