//! What is handed over, and what refusals mean.

use std::time::Duration;

use zelador_store::Timestamp;

use super::*;
use crate::engine::notifications::settings::{GatewaySettings, Hidden, MailTls, SmtpSettings};
use crate::engine::notifications::templates::Written;
use crate::engine::notifications::tests::stub::{Fault, Posts, Stub};

fn now() -> Timestamp {
    "2025-12-01T12:00:00Z".parse().unwrap()
}

pub(crate) fn settings(port: u16) -> SmtpSettings {
    SmtpSettings {
        host: "127.0.0.1".into(),
        port,
        tls: MailTls::None,
        ca_file: None,
        username: String::new(),
        password: Hidden::default(),
        from: "Sol <avisos@sol.example>".into(),
        timeout: Duration::from_secs(20),
        pool: 2,
    }
}

fn written() -> Written {
    Written {
        subject: "Confirmação: Aula às 14:00".into(),
        short: "curto".into(),
        text: "Olá, Ana!\n\n.ponto\n-- \nSol\n".into(),
        html: "<p>Olá, Ana!</p>".into(),
    }
}

fn letter<'a>(to: &'a str, written: &'a Written) -> Letter<'a> {
    Letter {
        from: "Sol <avisos@sol.example>",
        sender: Some("Academia Sol"),
        reply_to: Some("oi@sol.example"),
        name: Some("Ana Souza"),
        to,
        id: "0a1b",
        at: now(),
        written,
        opt_out_url: Some("https://agenda.example/notifications/opt-out?token=00ff"),
        invite: None,
    }
}

fn formatted(letter: &Letter<'_>) -> String {
    String::from_utf8(compose(letter).unwrap().formatted()).unwrap()
}

/// The mail without what is drawn by chance.
fn steady(mail: &str) -> String {
    let mut names = Vec::new();
    let mut shown = mail.to_owned();
    for part in mail.split("boundary=\"").skip(1) {
        names.push(part.split('"').next().unwrap().to_owned());
    }
    for (at, name) in names.iter().enumerate() {
        shown = shown.replace(name, &format!("part-{at}"));
    }
    shown.replace("\r\n", "\n")
}

#[test]
fn a_mail_has_its_headers_and_parts() {
    let words = written();
    let invite = Invite { method: "REQUEST", text: "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n".into() };
    let letter = Letter { invite: Some(&invite), ..letter("ana@sol.example", &words) };
    insta::assert_snapshot!(steady(&formatted(&letter)));
}

#[test]
fn one_click_is_offered_over_https_alone() {
    let words = written();
    let of = |url| formatted(&Letter { opt_out_url: url, ..letter("ana@sol.example", &words) });
    assert!(
        of(Some("https://a.example/x"))
            .contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click")
    );
    let plain = of(Some("http://a.example/x"));
    assert!(
        plain.contains("List-Unsubscribe: <http://a.example/x>") && !plain.contains("One-Click")
    );
    assert!(!of(None).contains("List-Unsubscribe"));
    assert!(!of(Some("https://a.example/x\r\nBcc: b@c.de")).contains("Bcc"));
}

#[test]
fn nothing_becomes_a_header() {
    let mut words = written();
    words.subject = "Oi\r\nBcc: mal@example.com".into();
    let letter = Letter {
        name: Some("Ana\r\nBcc: mal@example.com"),
        sender: Some("Sol\nX-Evil: 1"),
        reply_to: Some("a@b.co\r\nX-Evil: 1"),
        ..letter("ana@sol.example", &words)
    };
    let mail = formatted(&letter);
    let head = mail.split("\r\n\r\n").next().unwrap();
    for line in head.split("\r\n") {
        assert!(!line.starts_with("Bcc") && !line.starts_with("X-Evil"), "{head}");
    }
    assert_eq!(compose(&letter).unwrap().envelope().to().len(), 1);
}

#[test]
fn addresses_are_addresses() {
    let words = written();
    for bad in ["", "ana", "ana@", "@sol.example", "ana@sol.example\r\nBcc: x@y.z", "a b@c.de"] {
        let refused = compose(&letter(bad, &words)).unwrap_err();
        assert!(matches!(refused, Undelivered::Refused(_)), "{bad}: {refused}");
    }
    let mail = compose(&letter("ana@açaí.example", &words)).unwrap();
    assert_eq!(mail.envelope().to()[0].to_string(), "ana@xn--aa-4iaz.example");
    let from = Letter { from: "nobody", ..letter("ana@sol.example", &words) };
    assert!(matches!(compose(&from), Err(Undelivered::Login(_))), "no recipient's fault");
    assert_eq!(bare("Sol <avisos@sol.example>"), "avisos@sol.example");
    assert_eq!(bare("avisos@sol.example"), "avisos@sol.example");
}

async fn sent(post: &Post, settings: &SmtpSettings) -> Result<(), Undelivered> {
    let words = written();
    post.send(settings, &compose(&letter("ana@sol.example", &words)).unwrap(), now()).await
}

#[tokio::test]
async fn mails_share_a_connection() {
    let (stub, post) = (Stub::start().await, Post::default());
    for _ in 0..3 {
        sent(&post, &settings(stub.port)).await.unwrap();
    }
    assert_eq!((stub.mails().len(), stub.connections()), (3, 1));
    assert!(stub.mails()[0].contains("Message-ID: <0a1b@sol.example>"), "{}", stub.mails()[0]);
    // Other settings have a connection of their own.
    let other = SmtpSettings { username: "ana".into(), ..settings(stub.port) };
    sent(&post, &other).await.unwrap();
    assert_eq!(stub.connections(), 2);
}

#[tokio::test]
async fn refusals_mean_what_they_say() {
    let stub = Stub::start().await;
    for (verb, fault, expected) in [
        ("MAIL", Fault::Says("451 4.3.0 later"), "later"),
        ("RCPT", Fault::Says("450 4.2.1 greylisted"), "later"),
        ("RCPT", Fault::Says("550 5.1.1 no such user"), "refused"),
        ("DATA", Fault::Says("554 5.7.1 spam"), "refused"),
        ("MAIL", Fault::Says("530 5.7.0 sign in first"), "login"),
        ("EHLO", Fault::Says("550 go away"), "later"),
        ("RCPT", Fault::Cuts, "later"),
        ("DATA", Fault::Cuts, "later"),
        ("MAIL", Fault::Says("what?"), "later"),
    ] {
        stub.fails(Some((verb, fault.clone())));
        let met = match sent(&Post::default(), &settings(stub.port)).await.unwrap_err() {
            Undelivered::Later { .. } => "later",
            Undelivered::Refused(_) => "refused",
            Undelivered::Login(_) => "login",
        };
        assert_eq!(met, expected, "{verb} {fault:?}");
    }
    stub.fails(None);
    sent(&Post::default(), &settings(stub.port)).await.unwrap();
    assert_eq!(stub.mails().len(), 1);
}

#[tokio::test]
async fn a_server_that_hangs_is_left_and_its_connection_with_it() {
    let (stub, post) = (Stub::start().await, Post::default());
    let quick = SmtpSettings { timeout: Duration::from_millis(200), ..settings(stub.port) };
    sent(&post, &quick).await.unwrap();
    stub.fails(Some(("DATA", Fault::Hangs)));
    let late = sent(&post, &quick).await.unwrap_err();
    assert!(late.to_string().contains("did not answer"), "{late}");
    stub.fails(None);
    sent(&post, &quick).await.unwrap();
    assert_eq!((stub.mails().len(), stub.connections()), (2, 2));
}

#[tokio::test]
async fn nobody_listening_is_an_outage() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let error = sent(&Post::default(), &settings(port)).await.unwrap_err();
    assert!(matches!(&error, Undelivered::Later { .. }), "{error}");
    assert!(error.to_string().contains("is not reached"), "{error}");
}

#[tokio::test]
async fn a_refused_login_is_not_tried_again_at_once() {
    let (stub, post) = (Stub::start().await, Post::default());
    let wrong = SmtpSettings {
        username: "sol".into(),
        password: Hidden::new("canary-5up3r"),
        ..settings(stub.port)
    };
    stub.fails(Some(("AUTH", Fault::Says("535 5.7.8 canary-5up3r is wrong"))));
    let error = sent(&post, &wrong).await.unwrap_err();
    assert!(matches!(&error, Undelivered::Login(_)), "{error}");
    assert!(error.to_string().contains("notifications.smtp"), "{error}");
    assert!(!format!("{error:?} {wrong:?}").contains("canary"), "{error:?} {wrong:?}");
    assert!(post.paused(&wrong, now()).is_some());
    stub.fails(None);
    assert!(sent(&post, &wrong).await.is_err(), "it waits");
    assert_eq!(stub.logins().len(), 0);
    assert_eq!(post.paused(&wrong, now() + LOGIN_PAUSE), None);
    // A corrected password is tried at once.
    sent(&post, &SmtpSettings { password: Hidden::new("right"), ..wrong }).await.unwrap();
    assert_eq!(stub.logins().len(), 1);
}

#[tokio::test]
async fn starttls_is_never_left_out() {
    let stub = Stub::start().await;
    let strict = SmtpSettings {
        tls: MailTls::Starttls,
        username: "sol".into(),
        password: Hidden::new("secret"),
        ..settings(stub.port)
    };
    let error = sent(&Post::default(), &strict).await.unwrap_err();
    assert!(error.to_string().contains("STARTTLS"), "{error}");
    assert!(stub.logins().is_empty() && stub.mails().is_empty());
}

#[tokio::test]
async fn the_gateway_gets_json_and_its_answers_are_understood() {
    let posts = Posts::start().await;
    let settings = GatewaySettings {
        url: posts.url.clone(),
        channel: "whatsapp".into(),
        header: Some(("X-Key".into(), Hidden::new("canary"))),
        timeout: Duration::from_secs(20),
    };
    let message = Message {
        id: "0a1b",
        channel: &settings.channel,
        to: "+55 11 99999-0000",
        kind: "booking_made",
        language: "pt-BR",
        text: "Olá",
        tenant: "Sol",
    };
    let gateway = Gateway::default();
    gateway.send(&settings, &message).await.unwrap();
    let seen = posts.seen().remove(0).to_lowercase();
    for part in ["x-key: canary", "idempotency-key: 0a1b", "\"channel\":\"whatsapp\"", "olá"] {
        assert!(seen.contains(part), "{part}: {seen}");
    }
    for (status, expected) in [
        ("500 Oops", "later"),
        ("503 Busy\r\nRetry-After: 120", "in 120"),
        ("429 Slow\r\nRetry-After: 999999999", "in 86400"),
        ("400 Bad", "refused"),
        ("302 Found\r\nLocation: http://127.0.0.1:1/", "refused"),
        ("401 Who", "login"),
    ] {
        posts.answers(status);
        let met = match gateway.send(&settings, &message).await.unwrap_err() {
            Undelivered::Later { after: Some(after), .. } => format!("in {}", after.as_secs()),
            Undelivered::Later { .. } => "later".into(),
            Undelivered::Refused(_) => "refused".into(),
            Undelivered::Login(error) => {
                assert!(!error.contains("canary"));
                "login".into()
            }
        };
        assert_eq!(met, expected, "{status}");
    }
}
