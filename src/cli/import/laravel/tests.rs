//! What becomes of users and jobs of a Laravel system.

use serde_json::{Value, json};

use super::*;
use crate::cli::import::plan::{After, Draft};

fn row(cells: &[(&str, &str)]) -> Row {
    let columns: Vec<_> = cells.iter().map(|(name, _)| (*name).to_owned()).collect();
    let text = |text: &str| (text != "NULL").then(|| text.to_owned());
    Row::new(&columns, cells.iter().map(|(_, cell)| text(cell)).collect()).unwrap()
}

fn given() -> Given {
    Given {
        zone: TimeZone::get("America/Caracas").unwrap(),
        now: "2026-11-20T00:00:00Z".parse().unwrap(),
    }
}

fn drafted(
    cells: &[(&str, &str)],
    ban: Option<&Ban>,
    cloud: bool,
) -> (Draft, Option<&'static str>) {
    let planned = rules::user(&row(cells), ban, cloud, &given());
    match planned.plan {
        Plan::Bring(draft) => (*draft, planned.job_left),
        other => panic!("{other:?}"),
    }
}

fn ban() -> Ban {
    let at = "2026-12-24T12:00:00Z".parse().unwrap();
    Ban { job: "9".into(), at, reason: Some("deuda".into()) }
}

const HASH: &str = "$2y$04$abcdefghijklmnopqrstuuxZ3n0n0n0n0n0n0n0n0n0n0n0n0n0n0";

#[test]
fn a_user_comes_with_what_it_had() {
    let (draft, left) = drafted(
        &[
            ("id", "7"),
            ("name", "Ana"),
            ("email", "ana@x.example"),
            ("password", HASH),
            ("status", "1"),
            ("zone", "Norte"),
            ("plan", "Básico"),
            ("plan_id", "3"),
            ("role", "0"),
            ("phone", "NULL"),
        ],
        None,
        false,
    );
    let body = json!({"name": "Ana", "email": "ana@x.example", "zone": "Norte", "role": 0,
        "plan_id": 3, "plan": "basico", "password_hash": HASH, "status": "ACTIVE"});
    assert_eq!(Value::Object(draft.body), body);
    assert_eq!((draft.after, draft.told, left), (vec![], vec![], None));
}

#[test]
fn statuses_are_read_as_numbers_words_and_flags() {
    for (text, begins, after) in [
        ("0", "INACTIVE", None),
        ("true", "ACTIVE", None),
        ("NULL", "ACTIVE", None),
        ("PENDING", "PENDING", None),
        ("2", "INACTIVE", Some("SUSPENDED")),
        ("4", "INACTIVE", Some("BANNED")),
    ] {
        let (draft, _) = drafted(&[("id", "1"), ("name", "A"), ("status", text)], None, false);
        assert_eq!(draft.body["status"], begins, "{text}");
        assert_eq!(draft.after, Vec::from_iter(after.map(After::Status)), "{text}");
    }
    let bad =
        rules::user(&row(&[("id", "1"), ("name", "A"), ("status", "9")]), None, false, &given());
    assert!(matches!(bad.plan, Plan::Refuse(wrong) if wrong.field == "status"));
}

#[test]
fn the_users_row_decides_about_its_ban() {
    let planned = |cells: &[(&str, &str)], job: Option<&Ban>| {
        let mut all = vec![("id", "1"), ("name", "A"), ("status", "1")];
        all.extend(cells);
        let (draft, left) = drafted(&all, job, false);
        (draft.after, draft.told.len(), left.is_some())
    };
    let at = "scheduled_status_change_at";
    let local = (at, "2026-12-24 08:00:00");
    let reason = ("scheduled_ban_reason", "falta de pago");
    let to = |reason: &str| vec![After::Ban("2026-12-24T12:00:00Z".into(), reason.into())];
    let job = ban();
    for (cells, job, expected) in [
        (vec![local, reason, ("next_status", "4")], None, (to("falta de pago"), 0, false)),
        (vec![local, ("next_status", "4")], Some(&job), (to("deuda"), 0, false)),
        (vec![local], None, (to("import"), 0, false)),
        // Called off there: the row is clear, the job is still queued.
        (vec![(at, "NULL")], Some(&job), (vec![], 0, true)),
        // No such column: only the job knows.
        (vec![], Some(&job), (to("deuda"), 0, false)),
        (vec![(at, "2026-11-01 08:00:00")], None, (vec![], 1, false)),
        (vec![(at, "soon")], None, (vec![], 1, false)),
        (
            vec![local, ("next_status", "2")],
            None,
            (vec![After::Change("SUSPENDED", "2026-12-24T12:00:00Z".into())], 0, false),
        ),
    ] {
        assert_eq!(planned(&cells, job), expected, "{cells:?}");
    }
    let banned = [("id", "1"), ("name", "A"), ("status", "4"), local];
    let (draft, left) = drafted(&banned, Some(&job), false);
    assert_eq!((draft.after, left.is_some()), (vec![After::Status("BANNED")], true));
}

#[test]
fn accounts_that_were_pending_are_asked_for_once() {
    for (status, job, asked) in
        [("pending", true, 1), ("creating", false, 1), ("active", false, 0), ("none", true, 1)]
    {
        let cells = [("id", "1"), ("name", "A"), ("nextcloud_status", status)];
        let (draft, _) = drafted(&cells, None, job);
        assert_eq!(draft.after.iter().filter(|after| **after == After::Cloud).count(), asked);
    }
    let active = row(&[("id", "1"), ("name", "A"), ("nextcloud_status", "active")]);
    assert!(rules::user(&active, None, false, &given()).has_account);
}

#[test]
fn a_user_that_cannot_come_whole_is_told() {
    let cells = [("id", "1"), ("name", "A"), ("password", "12345678"), ("plan", "gold")];
    let (draft, _) = drafted(&cells, None, false);
    assert!(!draft.body.contains_key("password_hash") && !draft.body.contains_key("plan"));
    let fields: Vec<_> = draft.told.iter().map(|wrong| wrong.field.as_str()).collect();
    assert_eq!(fields, ["plan", "password"]);
    let gone = row(&[("id", "1"), ("name", "A"), ("deleted_at", "2026-01-01 00:00:00")]);
    assert!(matches!(rules::user(&gone, None, false, &given()).plan, Plan::Leave(_)));
    let nameless = row(&[("id", "1"), ("name", "NULL")]);
    assert!(matches!(rules::user(&nameless, None, false, &given()).plan, Plan::Refuse(_)));
}

fn job(name: &str, command: &str) -> Row {
    let payload = json!({"displayName": name, "job": "Illuminate\\Queue\\CallQueuedHandler@call",
        "data": {"commandName": name, "command": command}});
    row(&[("id", "5"), ("payload", &payload.to_string()), ("available_at", "1798113600")])
}

#[test]
fn jobs_tell_whom_they_are_about() {
    let model = "O:45:\"Illuminate\\Contracts\\Database\\ModelIdentifier\":5:{s:5:\"class\";\
        s:15:\"App\\Models\\User\";s:2:\"id\";i:7;s:9:\"relations\";a:0:{}}";
    let class = "App\\Jobs\\ScheduledBanUserJob";
    let at: Timestamp = "2026-12-24T12:00:00Z".parse().unwrap();
    for property in ["s:6:\"reason\"", "s:9:\"\0*\0reason\""] {
        let command = format!(
            "O:28:\"{class}\":2:{{s:4:\"user\";{model}{property};s:14:\"débito \"alto\"\";}}"
        );
        let told = payload::work(&job(class, &command)).unwrap();
        let reason = Some("débito \"alto\"".to_owned());
        assert_eq!(told, Work::Ban { user: "7".into(), at, reason });
    }
    let command = format!("O:28:\"{class}\":1:{{s:4:\"user\";{model}}}");
    let told = payload::work(&job(class, &command)).unwrap();
    assert_eq!(told, Work::Ban { user: "7".into(), at, reason: None });
    let told = payload::work(&job("App\\Jobs\\CreateNextcloudUser", &command)).unwrap();
    assert_eq!(told, Work::Account { user: "7".into() });
    assert_eq!(payload::work(&job("App\\Jobs\\SyncWisproClients", "")).unwrap(), Work::Sync);
    let other = payload::work(&job("App\\Jobs\\TestJob", "")).unwrap();
    assert_eq!(other, Work::Other { name: "App\\Jobs\\TestJob".into() });
    assert!(payload::work(&job(class, "eyJpdiI6IkVuY3J5cHRlZCJ9")).is_err(), "encrypted");
    assert!(payload::work(&row(&[("id", "1"), ("payload", "no JSON")])).is_err());
}
