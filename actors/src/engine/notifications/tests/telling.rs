//! Who is told what, once, and not what is no longer so.

use super::super::jobs::Notice;
use super::stub::{Fault, Posts};
use super::*;
use crate::engine::notifications::settings::{GatewaySettings, Hidden};
use zelador_store::author::{Author, AuthorKind};
use zelador_store::id::SeriesId;
use zelador_store::notice::{NoticeKind, SentNotices};

fn by() -> Author {
    Author::new(AuthorKind::Operator, "op")
}

#[tokio::test]
async fn a_booking_is_told_with_an_appointment_and_a_way_out() {
    let bench = Bench::new().await;
    bench.book(2880).await;
    let subjects = bench.arrived(1).await;
    assert_eq!(subjects, ["Confirmación: Reserva, Sala 1, 03/12 09:00"]);
    let mail = bench.stub.mails().remove(0);
    assert_eq!(header(&mail, "From"), "\"Academia Sol\" <avisos@sol.example>");
    assert_eq!(header(&mail, "To"), "\"Ana Rojas\" <ana@sol.example>");
    assert_eq!(header(&mail, "Auto-Submitted"), "auto-generated");
    assert!(mail.contains("method=REQUEST") || mail.contains("method=\"REQUEST\""), "{mail}");
    let url = header(&mail, "List-Unsubscribe");
    let token = url.trim_matches(['<', '>']).split("token=").nth(1).unwrap().to_owned();
    let of = bench.notices.opt_out(&token).unwrap();
    assert_eq!((of.user, of.kind), (bench.user, NoticeKind::BookingMade));
    // Nothing about a person stands in the job.
    let job = bench.all().await.into_iter().find(|job| job.kind == "notification.send").unwrap();
    assert!(!job.args.contains("Ana") && !job.args.contains('@'), "{}", job.args);
}

#[tokio::test]
async fn nobody_is_told_anything_until_mail_is_configured() {
    let bench = Bench::new().await;
    let smtp = bench.smtp();
    bench.set(|settings| settings.smtp = None);
    bench.book(2880).await;
    bench.settled().await;
    assert!(bench.all().await.is_empty(), "nothing is enqueued");
    bench.set(|settings| settings.smtp = Some(smtp));
    let (id, booking) = bench.book(4000).await;
    bench.cancel(id, &booking).await;
    bench.settled().await;
    let subjects = bench.arrived(1).await;
    assert!(!subjects.iter().any(|subject| subject.contains("03/12")), "{subjects:?}");
}

#[tokio::test]
async fn what_is_not_so_any_more_is_not_told() {
    let bench = Bench::new().await;
    bench.stub.fails(Some(("MAIL", Fault::Says("451 later"))));
    let (id, booking) = bench.book(2880).await;
    bench.settled().await;
    bench.cancel(id, &booking).await;
    bench.settled().await;
    bench.stub.fails(None);
    bench.forward(2);
    let subjects = bench.arrived(1).await;
    bench.settled().await;
    assert_eq!(subjects.len(), 1, "{subjects:?}");
    assert!(subjects[0].starts_with("Cancelación"), "{subjects:?}");
}

#[tokio::test]
async fn a_replay_tells_nobody_twice() {
    let bench = Bench::new().await;
    bench.book(2880).await;
    bench.arrived(1).await;
    bench.settled().await;
    bench.events.replay("notifications", 1, &Write::new()).await.unwrap();
    bench.settled().await;
    bench.book(5000).await;
    bench.arrived(2).await;
    bench.settled().await;
    assert_eq!(bench.stub.mails().len(), 2);
    assert_eq!(bench.reminders().await.len(), 4, "nor are there two reminders of one");
}

#[tokio::test]
async fn a_refused_recipient_is_final_and_an_outage_is_not() {
    let bench = Bench::new().await;
    bench.stub.fails(Some(("RCPT", Fault::Says("550 no such user"))));
    bench.book(2880).await;
    let failed = eventually("a failed job", async || {
        bench.all().await.into_iter().find(|job| job.state == JobState::Failed)
    });
    let failed = failed.await;
    assert!(failed.tries == 1 && failed.error.unwrap().contains("no such user"));
    bench.stub.fails(Some(("RCPT", Fault::Cuts)));
    bench.book(2890).await;
    let waits = eventually("a job that waits", async || {
        let sends = bench.live().await.into_iter().filter(|job| job.kind == "notification.send");
        sends.into_iter().find(|job| job.state == JobState::Scheduled && job.tries == 1)
    });
    waits.await;
    bench.stub.fails(None);
    bench.forward(1);
    bench.arrived(1).await;
}

#[tokio::test]
async fn a_refused_login_costs_no_try() {
    let bench = Bench::new().await;
    bench.set(|settings| {
        let smtp = settings.smtp.as_mut().unwrap();
        (smtp.username, smtp.password) = ("sol".into(), Hidden::new("canary-5up3r"));
    });
    bench.stub.fails(Some(("AUTH", Fault::Says("535 5.7.8 no"))));
    bench.book(2880).await;
    let waits = eventually("a job that waits", async || {
        let found = bench.live().await.into_iter().find(|job| job.error.is_some());
        found.filter(|job| job.kind == "notification.send")
    });
    let waits = waits.await;
    assert_eq!((waits.tries, waits.state), (0, JobState::Scheduled));
    let shown = format!("{waits:?} {:?}", bench.notices.health());
    assert!(shown.contains("refused the login") && !shown.contains("canary"), "{shown}");
    bench.stub.fails(None);
    bench.forward(6);
    bench.arrived(1).await;
    assert_eq!(bench.notices.health().error, None);
}

#[tokio::test]
async fn what_a_person_does_not_want_is_not_sent() {
    let bench = Bench::new().await;
    let wishes = vec![(NoticeKind::BookingMade, false)];
    let chosen = bench.notices.choose((bench.user, None), &wishes, None, &by()).await.unwrap();
    assert_eq!((chosen.refused, chosen.version), (vec![NoticeKind::BookingMade], 1));
    let (id, booking) = bench.book(2880).await;
    bench.cancel(id, &booking).await;
    let subjects = bench.arrived(1).await;
    bench.settled().await;
    assert!(subjects.len() == 1 && subjects[0].starts_with("Cancelación"), "{subjects:?}");
    // Whoever refuses while it waits is heard, too.
    bench.stub.fails(Some(("MAIL", Fault::Says("451 later"))));
    let wishes = vec![(NoticeKind::BookingMade, true)];
    bench.notices.choose((bench.user, None), &wishes, Some(1), &by()).await.unwrap();
    bench.book(3000).await;
    bench.settled().await;
    let wishes = vec![(NoticeKind::BookingMade, false)];
    bench.notices.choose((bench.user, None), &wishes, Some(2), &by()).await.unwrap();
    bench.stub.fails(None);
    bench.forward(2);
    bench.settled().await;
    assert_eq!(bench.stub.mails().len(), 1);
    let stale = bench.notices.choose((bench.user, None), &wishes, Some(1), &by()).await;
    assert!(stale.is_err(), "an older version");
    let other = bench.notices.chosen(bench.user, Some(bench.world.shell.id())).await;
    assert!(other.is_err(), "another tenant's");
}

#[tokio::test]
async fn a_series_is_one_mail() {
    let bench = Bench::new().await;
    let series: SeriesId = bench.world.shell.id();
    let request = json!({"request_id": "r1", "series_id": series, "initiated_by": {"kind": "user", "id": "x"}});
    let mut ids = Vec::new();
    for week in 0..60 {
        let (id, booking) = (bench.world.shell.id(), bench.draft(2880 + week * 60));
        bench.tell_of(id, &booking, "booking.created", &request).await;
        ids.push((id, booking));
    }
    bench.settled().await;
    assert_eq!(bench.stub.mails().len(), 0, "it waits for the others");
    bench.forward(1);
    let subjects = bench.arrived(1).await;
    bench.settled().await;
    assert_eq!(subjects, ["Confirmación: Reserva, Sala 1, 03/12 09:00 y 59 más"]);
    let sent = bench.world.shell.store.page::<SentNotices>(&Query::all().limit(500)).await.unwrap();
    assert_eq!(sent.rows.len(), 60, "each event is known to be told");
    let job = bench.all().await.into_iter().find(|job| job.kind == "notification.send").unwrap();
    let notice: Notice = serde_json::from_str(&job.args).unwrap();
    assert_eq!((notice.bookings.len(), notice.more), (50, 10));
    bench.events.replay("notifications", 1, &Write::new()).await.unwrap();
    bench.settled().await;
    bench.forward(1);
    bench.settled().await;
    assert_eq!(bench.stub.mails().len(), 1);
}

#[tokio::test]
async fn a_change_of_status_is_told() {
    let bench = Bench::new().await;
    for (old, new) in [("ACTIVE", "BANNED"), ("BANNED", "ACTIVE"), ("ACTIVE", "SUSPENDED")] {
        let data =
            json!({"user_id": bench.user, "old_status": old, "new_status": new, "reason": "cuota"});
        bench.tell("user.status_changed", &data).await;
    }
    let account = json!({"user_id": bench.user, "account_id": "ana.rojas", "quota": "10 GB"});
    bench.tell("nextcloud.user_created", &account).await;
    let mut subjects = bench.arrived(4).await;
    subjects.sort();
    assert_eq!(
        subjects,
        [
            "Tu cuenta está activa de nuevo",
            "Tu cuenta fue bloqueada",
            "Tu cuenta fue suspendida",
            "Tu espacio de archivos está listo",
        ]
    );
}

#[tokio::test]
async fn a_tenant_can_ask_for_the_gateway() {
    let (bench, posts) = (Bench::new().await, Posts::start().await);
    let gateway = GatewaySettings {
        url: posts.url.clone(),
        channel: "sms".into(),
        header: None,
        timeout: Duration::from_secs(20),
    };
    bench.set(|settings| settings.gateway = Some(gateway));
    let store = &bench.world.shell.store;
    let found = store.get::<Tenants>(&bench.tenant).await.unwrap().unwrap();
    let mut row = found.row.clone();
    (row.settings.notifications.gateway, row.settings.notifications.email) = (true, false);
    let mut write = Write::new();
    write.update::<Tenants>(&found, &row);
    bench.commit(write).await;
    posts.answers("503 Busy");
    bench.book(2880).await;
    eventually("a try", async || (!posts.seen().is_empty()).then_some(())).await;
    bench.settled().await;
    posts.answers("202 Accepted");
    bench.forward(1);
    let seen = eventually("another", async || posts.seen().get(1).cloned()).await;
    assert!(seen.contains("Academia Sol - Confirmación: Reserva, Sala 1, 03/12 09:00"), "{seen}");
    assert!(seen.contains("\"to\":\"+56 9 1234\""), "{seen}");
    bench.settled().await;
    assert!(bench.stub.mails().is_empty(), "no mail is asked for");
}

#[tokio::test]
async fn what_was_told_is_forgotten_once_it_cannot_come_again() {
    let bench = Bench::new().await;
    bench.book(2880).await;
    bench.arrived(1).await;
    bench.settled().await;
    let count = async || {
        let sent = bench.world.shell.store.page::<SentNotices>(&Query::all()).await.unwrap();
        sent.rows.len()
    };
    let prune = async || {
        let job = crate::engine::jobs::NewJob::new("notifications.prune", &json!({}));
        bench.jobs.enqueue(job, |_| Write::new()).await.unwrap();
        bench.settled().await;
    };
    prune().await;
    assert_eq!(count().await, 1);
    bench.set(|settings| settings.reminders.clear());
    bench.forward(11 * 1440);
    prune().await;
    eventually("it is forgotten", async || (count().await == 0).then_some(())).await;
}
