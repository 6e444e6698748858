//! Notices through a real mail server: three languages, TLS and a login, an outage,
//! reminders that move, and the way out.

mod server;

use std::time::Duration;

use calcard::icalendar::ICalendar;
use jiff::ToSpan as _;
use serde_json::{Value, json};
use zelador_actors::engine::Clock;

use self::server::{MailServer, tools};
use crate::harness::{Client, Home, PATIENCE, eventually, skipped};

/// What no log, answer or mail may hold.
const CANARY: &str = "canary-5up3r";

fn config(server: &MailServer) -> String {
    format!(
        "[notifications]\nreminders_hours = [24, 1]\npublic_url = \"https://agenda.example\"\n\
         [notifications.smtp]\nhost = \"localhost\"\nport = {}\ntls = \"starttls\"\nca_file = \"{}\"\n\
         username = \"sol\"\npassword = \"{CANARY}\"\nfrom = \"Sol <avisos@sol.example>\"\n\
         [jobs.\"notification.send\"]\nbackoff_seconds = [1]\ntries = 100\n\
         [alerts]\nemails = [\"op@sol.example\"]\n",
        server.port,
        server.certificate().display(),
    )
}

/// A tenant with a person and a room.
struct People {
    user: String,
    room: String,
}

async fn people(client: &Client, locale: &str, zone: &str) -> People {
    let domain = format!("{}.example", locale.to_lowercase());
    let settings = json!({"timezone": zone, "auto_confirm": true, "min_notice_minutes": 0});
    let draft = json!({"name": format!("Sol {locale}"), "domain": domain, "locale": locale,
        "settings": settings});
    let tenant = client.post("/tenants", &draft).await.is(201)["id"].clone();
    let draft = json!({"tenant_id": tenant, "name": "Ana Souza", "email": format!("ana@{domain}")});
    let user = client.post("/users", &draft).await.is(201)["id"].as_str().unwrap().to_owned();
    let draft = json!({"tenant_id": tenant, "name": "Sala 1", "location": "2º andar"});
    let room = client.post("/resources", &draft).await.is(201)["id"].as_str().unwrap().to_owned();
    People { user, room }
}

async fn book(client: &Client, people: &People, day: i64) -> Value {
    let today = Clock::system().now().to_jiff().to_zoned(jiff::tz::TimeZone::UTC).date();
    let day = today.checked_add(day.days()).unwrap();
    let wish = json!({"resource_id": people.room, "user_id": people.user,
        "start_time": format!("{day}T10:00"), "end_time": format!("{day}T11:00")});
    client.post("/bookings", &wish).await.is(201)
}

/// Times at which reminders are to fire.
async fn reminders(client: &Client) -> Vec<String> {
    let jobs = client.get("/jobs?kind=notification.remind&state=scheduled").await.is(200);
    let mut at: Vec<_> = jobs
        .as_array()
        .unwrap()
        .iter()
        .map(|job| job["run_at"].as_str().unwrap().to_owned())
        .collect();
    at.sort();
    at
}

#[tokio::test]
async fn people_are_told_by_mail() {
    let Some(tools) = tools() else {
        return skipped("python3-aiosmtpd or openssl is not installed");
    };
    let mut server = MailServer::start(tools).await;
    let home = Home::new(&config(&server)).await;
    let daemon = home.start().await;
    let client = daemon.client();
    in_three_languages(client, &server).await;
    reminders_follow(client, &server).await;
    opting_out(client, &server).await;
    an_outage(client, &mut server).await;
    trying(&home, client, &server).await;
    let log = home.log();
    let shown = client.get("/status").await.text + &client.get("/jobs?limit=500").await.text;
    for text in [&log, &shown] {
        assert!(!text.contains(CANARY), "the password is shown");
    }
    assert!(!log.contains("ana@"), "an address is in the log");
    assert!(!log.contains("token="), "a link is in the log");
}

async fn in_three_languages(client: &Client, server: &MailServer) {
    for (locale, zone, subject, word) in [
        ("pt-BR", "America/Sao_Paulo", "Confirmação: Reserva, Sala 1", "horário de São Paulo"),
        ("es", "America/Santiago", "Confirmación: Reserva, Sala 1", "hora de Santiago"),
        ("en", "America/New_York", "Confirmed: Booking, Sala 1", "New York time"),
    ] {
        let people = people(client, locale, zone).await;
        let booking = book(client, &people, 3).await;
        let mail = server.next().await;
        assert!(mail.subject.starts_with(subject), "{}", mail.subject);
        assert!(mail.text.contains(word) && mail.html.contains(word), "{}", mail.text);
        assert_eq!(mail.header("auto-submitted"), "auto-generated");
        assert_eq!(mail.header("list-unsubscribe-post"), "List-Unsubscribe=One-Click");
        let calendar = ICalendar::parse(&mail.invite).unwrap();
        assert_eq!(calendar.components.len(), 2, "the calendar and its one appointment");
        let id = booking["id"].as_str().unwrap();
        for part in ["METHOD:REQUEST", &format!("UID:{id}@zelador"), "SEQUENCE:0", "CONFIRMED"] {
            assert!(mail.invite.contains(part), "{part}: {}", mail.invite);
        }
        client.post(&format!("/bookings/{id}/cancel"), &json!({})).await.is(200);
        let mail = server.next().await;
        for part in ["METHOD:CANCEL", &format!("UID:{id}@zelador"), "SEQUENCE:1", "CANCELLED"] {
            assert!(mail.invite.contains(part), "{part}: {}", mail.invite);
        }
    }
}

async fn reminders_follow(client: &Client, server: &MailServer) {
    eventually("no reminder is left", PATIENCE, || async {
        reminders(client).await.is_empty().then_some(())
    })
    .await;
    let people = people(client, "pt", "America/Recife").await;
    let booking = book(client, &people, 4).await;
    server.next().await;
    let of = |count: usize| async move {
        let found = || async { Some(reminders(client).await).filter(|at| at.len() == count) };
        eventually("reminders", PATIENCE, found).await
    };
    let before = of(2).await;
    let path = format!("/bookings/{}", booking["id"].as_str().unwrap());
    let day = booking["start_time"].as_str().unwrap().split('T').next().unwrap();
    let moved = json!({"start_time": format!("{day}T14:00"), "end_time": format!("{day}T15:00")});
    client.put(&path, &moved).await.is(200);
    let mail = server.next().await;
    assert!(mail.subject.starts_with("Alteração: "), "{}", mail.subject);
    assert!(mail.invite.contains("SEQUENCE:1"), "{}", mail.invite);
    let after = eventually("they have moved", PATIENCE, || async {
        Some(reminders(client).await).filter(|at| *at != before)
    });
    assert_eq!(after.await.len(), 2);
    client.delete(&path).await.is(200);
    server.next().await;
    of(0).await;
}

async fn opting_out(client: &Client, server: &MailServer) {
    let people = people(client, "es-AR", "America/Argentina/Buenos_Aires").await;
    book(client, &people, 3).await;
    let mail = server.next().await;
    let link = mail.header("list-unsubscribe");
    let path =
        link.trim_matches(['<', '>']).strip_prefix("https://agenda.example").unwrap().to_owned();
    let anybody = client.anonymous();
    let page = anybody.get(&path).await;
    assert_eq!((page.status, page.header("content-language")), (200, "es"), "{}", page.text);
    assert!(page.text.contains("avisos de nuevas reservas"), "{}", page.text);
    assert!(page.header("content-security-policy").contains("default-src 'none'"));
    let own = format!("/users/{}/notifications", people.user);
    assert_eq!(client.get(&own).await.is(200)["booking_made"], true, "looking changes nothing");
    let click = anybody.request(reqwest::Method::POST, &path);
    let click = click
        .header("content-type", "application/x-www-form-urlencoded")
        .body("List-Unsubscribe=One-Click");
    let done = anybody.send(click).await.unwrap();
    assert_eq!(done.status, 200, "{}", done.text);
    assert!(done.text.contains("ya no recibirás avisos de nuevas reservas"), "{}", done.text);
    let shown = client.get(&own).await;
    let chosen = shown.is(200);
    assert_eq!(
        (&chosen["booking_made"], &chosen["booking_cancelled"]),
        (&json!(false), &json!(true))
    );
    let booking = book(client, &people, 5).await;
    let id = booking["id"].as_str().unwrap();
    client.post(&format!("/bookings/{id}/cancel"), &json!({})).await.is(200);
    let mail = server.next().await;
    assert!(mail.subject.starts_with("Cancelación"), "{}", mail.subject);
    for wrong in [path.replace("token=", "token=00"), "/notifications/opt-out".to_owned()] {
        assert_eq!(anybody.get(&wrong).await.status, 404);
    }
    client.put(&own, &json!({"booking_made": null})).await.is(200);
    assert_eq!(client.get(&own).await.is(200)["booking_made"], true);
}

async fn an_outage(client: &Client, server: &mut MailServer) {
    server.stop().await;
    let people = people(client, "en-GB", "Europe/London").await;
    book(client, &people, 3).await;
    eventually("a try has failed", PATIENCE, || async {
        let jobs = client.get("/jobs?kind=notification.send&state=scheduled").await.is(200);
        let error = jobs[0]["error"].as_str()?.to_owned();
        error.contains("is not reached").then_some(())
    })
    .await;
    server.restart().await;
    let mail = server.next().await;
    assert!(mail.subject.starts_with("Confirmed"), "{}", mail.subject);
}

async fn trying(home: &Home, client: &Client, server: &MailServer) {
    let (code, out, err) =
        home.run(["notifications", "test", "op@sol.example", "--lang", "es"]).await;
    assert_eq!(code, 0, "{out}{err}");
    let mail = server.next().await;
    assert!(mail.subject.starts_with("Confirmación: Clase"), "{}", mail.subject);
    let (code, out, _) = home.run(["notifications", "preview", "alert", "--lang", "en"]).await;
    assert!(code == 0 && out.contains("Job given up"), "{out}");
    let (code, _, err) = home.run(["notifications", "preview", "nothing"]).await;
    assert_eq!(code, 1, "{err}");
    let status = client.get("/status").await.is(200);
    assert_eq!(status["notifications"]["email"], true, "{status}");
    // A text with a mistake is named, and changes nothing.
    std::fs::create_dir_all(home.path().join("texts/es")).unwrap();
    let text = "{% extends \"es/common.txt\" %}\n{% block subject %}{{ oops }}{% endblock %}";
    std::fs::write(home.path().join("texts/es/booking_made.txt"), text).unwrap();
    let with_texts =
        config(server).replace("[notifications]\n", "[notifications]\ntemplates_dir = \"texts\"\n");
    home.configure(&with_texts);
    let status = eventually("the mistake is named", PATIENCE, || async {
        let status = client.get("/status").await.is(200);
        let problem = status["notifications"]["text_problems"][0].as_str()?.to_owned();
        Some(problem)
    });
    let problem = tokio::time::timeout(Duration::from_secs(60), status).await.unwrap();
    assert!(problem.starts_with("es/booking_made.txt:2:"), "{problem}");
}
