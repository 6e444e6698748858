//! What buttons do is what routes do: with the reader's rights, once, on record.

use serde_json::{Value, json};

use super::reader::{Reader, encoded, form};
use super::scene::{ends, failed, scene};
use super::{CONFIG, PAGES};
use crate::harness::{Client, Home};

const PASSWORD: &str = "correto cavalo bateria";

async fn audited(client: &Client, action: &str) -> usize {
    let entries = client.get(&format!("/audit?action={action}")).await.is(200);
    entries.as_array().unwrap().len()
}

/// A form of a page, sent; it must have led back, and what it said is given.
pub(super) async fn done(
    reader: &mut Reader,
    from: &str,
    path: &str,
    fields: &[(&str, &str)],
) -> String {
    let answer = reader.submit(from, path, fields).await;
    assert_eq!(answer.status, 303, "{path}: {}", answer.text);
    let next = reader.get(answer.header("location")).await;
    let (_, rest) = next.text.split_once("class=\"flash ").expect("something is said");
    rest.split('<').next().unwrap().to_owned()
}

#[tokio::test]
async fn an_operator_mends_what_is_broken() {
    let home = Home::new(CONFIG).await;
    let daemon = home.start().await;
    let client = daemon.client();
    let made = scene(client, ["Academia Sol", "Ana Rojas", "Sala 1"]).await;
    let mut reader = Reader::signed_in(client).await;

    // A failed job, from the overview and from its own page.
    let page = reader.get("/").await.text;
    assert!(page.contains(&format!("/dashboard/jobs/{}/retry", made.failed_job)), "{page}");
    let job = format!("/dashboard/jobs/{}", made.failed_job);
    let said = done(&mut reader, "/", &format!("{job}/retry"), &[]).await;
    assert!(said.starts_with("good"), "{said}");
    ends(client, &made.failed_job, "failed").await;
    let page = reader.get(&job).await.text;
    assert!(page.contains("told to fail 1 times") && page.contains("fail_times"), "{page}");

    // All of them: first how many.
    failed(client).await;
    let page = reader.get("/dashboard/jobs/sweep?do=retry&kind=diagnostic").await.text;
    assert!(page.contains("2 failed jobs fit this filter"), "{page}");
    let fields = [("do", "forget"), ("kind", "diagnostic")];
    done(&mut reader, "/dashboard/jobs", "/dashboard/jobs/sweep", &fields).await;
    assert_eq!(client.get("/jobs?state=failed").await.is(200), json!([]));

    ban(&mut reader, client, &made.user).await;
    calendar(&mut reader, client, &made.room, &made.user).await;

    let booking = format!("/dashboard/bookings/{}", made.booking);
    done(&mut reader, &booking, &format!("{booking}/cancel"), &[("reason", "obra")]).await;
    let record = client.get(&format!("/bookings/{}", made.booking)).await.is(200);
    assert_eq!(
        (&record["status"], &record["cancellation_reason"]),
        (&json!("cancelado"), &json!("obra"))
    );

    let hook = format!("/dashboard/webhooks/{}/{}", made.tenant, made.webhook);
    done(&mut reader, &hook, &format!("{hook}/test"), &[]).await;
    assert!(reader.get(&hook).await.text.contains("webhook.test"));
    assert_eq!(daemon.stop().await.0, Some(0));
}

/// First what would happen, then the deed, then its undoing.
async fn ban(reader: &mut Reader, client: &Client, user: &str) {
    let own = format!("/dashboard/users/{user}");
    let page = reader.get(&format!("{own}?ban_date=2034-05-01T08:00&ban_reason=cuota")).await.text;
    assert!(page.contains("What would happen") && page.contains("would be called off"), "{page}");
    let record = client.get(&format!("/users/{user}")).await.is(200);
    assert_eq!(record["scheduled_ban_reason"], Value::Null, "a look changes nothing");
    let past = reader.get(&format!("{own}?ban_date=2001-01-01T08:00&ban_reason=x")).await.text;
    assert!(past.contains("role=\"alert\""), "{past}");

    let fields = [("date", "2034-05-01T08:00"), ("reason", "cuota"), ("key", "once")];
    let said = done(reader, &own, &format!("{own}/ban"), &fields).await;
    assert!(said.starts_with("good"), "{said}");
    let record = client.get(&format!("/users/{user}")).await.is(200);
    assert_eq!(record["scheduled_ban_reason"], "cuota");
    done(reader, &own, &format!("{own}/plans/ban/cancel"), &[]).await;
    let record = client.get(&format!("/users/{user}")).await.is(200);
    assert_eq!(record["scheduled_ban_reason"], Value::Null);
    assert_eq!(audited(client, "user.plan_ban").await, 1);
}

/// A free slot leads to what can be said about it, and from there to a booking; a
/// form that is sent twice books once.
async fn calendar(reader: &mut Reader, client: &Client, room: &str, user: &str) {
    let page = reader.get(&format!("/dashboard/calendar?date={}", super::scene::day(2))).await.text;
    let (_, rest) = page.split_once("class=\"free\" href=\"").expect("something is free");
    let explain = rest.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&");
    let page = reader.get(&explain).await;
    assert!(page.text.contains("It can be booked"), "{}", page.text);
    let field = |name: &str| {
        let (_, rest) = page.text.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let count = || async {
        let target = format!("/bookings?resource_id={room}&limit=500");
        client.get(&target).await.is(200).as_array().unwrap().len()
    };
    let before = count().await;
    let (form, key, start, end) = (form(&page), field("key"), field("start"), field("end"));
    let fields = [
        ("form", form.as_str()),
        ("key", &key),
        ("resource", room),
        ("start", &start),
        ("end", &end),
        ("user", user),
    ];
    let first = reader.post("/dashboard/calendar/book", &fields).await;
    let again = reader.post("/dashboard/calendar/book", &fields).await;
    assert!(first.header("location").starts_with("/dashboard/bookings/"), "{}", first.text);
    assert_eq!(first.header("location"), again.header("location"), "sent twice, booked once");
    assert_eq!(count().await, before + 1);
    let taken = format!(
        "/dashboard/calendar/explain?resource={room}&start={}&end={}",
        encoded(&start),
        encoded(&end)
    );
    assert!(reader.get(&taken).await.text.contains("It cannot be booked"));
}

#[tokio::test]
async fn a_reader_sees_and_does_what_the_role_may() {
    let home = Home::new(CONFIG).await;
    let daemon = home.start().await;
    let client = daemon.client();
    let made = scene(client, ["Academia Sol", "Ana Rojas", "Sala 1"]).await;
    let other = client
        .post("/tenants", &json!({"name": "Geheim GmbH", "domain": "other.example"}))
        .await
        .is(201);

    // A token for jobs alone.
    let token = json!({"name": "jobs", "scopes": ["jobs:read"]});
    let token = client.post("/tokens", &token).await.is(201)["token"].as_str().unwrap().to_owned();
    let mut service = Reader::new(client);
    assert_eq!(service.sign_in(&token).await.status, 303);
    let page = service.get("/dashboard/jobs").await;
    assert_eq!(page.status, 200);
    assert!(
        !page.text.contains("/dashboard/audit") && !page.text.contains("/retry\""),
        "no such menu, no such button"
    );
    assert_eq!(service.get("/dashboard/audit").await.status, 403);
    assert_eq!(service.get("/dashboard/folders").await.status, 403);
    assert_eq!(service.get("/dashboard/configuration").await.status, 403);
    let path = format!("/dashboard/jobs/{}/retry", made.failed_job);
    let refused = done(&mut service, "/dashboard/jobs", &path, &[]).await;
    assert!(refused.starts_with("bad"), "{refused}");
    ends(client, &made.failed_job, "failed").await;

    // An admin of a tenant, by address and password.
    let admin = json!({"tenant_id": made.tenant, "name": "Rosa", "email": "rosa@sol.example",
        "user_type": "admin", "password": PASSWORD});
    let rosa = client.post("/users", &admin).await.is(201)["id"].as_str().unwrap().to_owned();
    // A tenant keeps its last admin.
    let second = json!({"tenant_id": made.tenant, "name": "Rui", "user_type": "admin"});
    client.post("/users", &second).await.is(201);
    let mut reader = Reader::new(client);
    let fields = [("email", "rosa@sol.example"), ("password", PASSWORD)];
    let answer = reader.submit("/dashboard/sign-in", "/dashboard/sign-in", &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    for page in PAGES {
        let answer = reader.get(page).await;
        assert!([200, 403].contains(&answer.status), "{page}: {}", answer.text);
        assert!(
            !answer.text.contains("Geheim") && !answer.text.contains(other["id"].as_str().unwrap()),
            "{page}"
        );
    }
    assert_eq!(reader.get("/dashboard/users").await.status, 200);
    assert_eq!(reader.get("/dashboard/jobs").await.status, 403);

    // Who is banned is out at once.
    let ban = json!({"status": "BANNED", "reason": "x"});
    client.put(&format!("/users/{rosa}/status"), &ban).await.is(200);
    assert_eq!(reader.get("/dashboard/users").await.status, 303);
    assert_eq!(daemon.stop().await.0, Some(0));
}
