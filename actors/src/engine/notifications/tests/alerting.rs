//! Operators are told of trouble: at once, together, and not again and again.

use super::stub::{Fault, Posts};
use super::*;
use zelador_store::notice::Alerts;

async fn fails(bench: &Bench, kind: &str) {
    bench
        .tell("job.failed", &json!({"kind": kind, "queue": "q", "tries": 3, "error": "no room"}))
        .await;
}

#[tokio::test]
async fn the_first_is_told_at_once_and_the_next_together() {
    let bench = Bench::new().await;
    fails(&bench, "user.erase").await;
    let subjects = bench.arrived(1).await;
    assert_eq!(subjects, ["[zelador] Tarefa desistiu: user.erase"]);
    assert_eq!(header(&bench.stub.mails()[0], "To"), "op@sol.example");
    bench.settled().await;
    fails(&bench, "wispro.sync").await;
    fails(&bench, "wispro.sync").await;
    bench.tell("consumer.detached", &json!({"consumer": "redis"})).await;
    fails(&bench, "user.erase").await;
    bench.settled().await;
    assert_eq!(bench.stub.mails().len(), 1, "the window is open");
    bench.forward(6);
    let subjects = bench.arrived(2).await;
    bench.settled().await;
    assert_eq!(subjects[1], "[zelador] 2 problemas");
    // Told a moment ago: not again before its time, then with all that came since.
    bench.forward(60);
    fails(&bench, "user.erase").await;
    bench.settled().await;
    assert_eq!(bench.stub.mails().len(), 2);
    bench.forward(24 * 60);
    fails(&bench, "user.erase").await;
    bench.arrived(3).await;
    bench.settled().await;
    assert_eq!(bench.subjects()[2], "[zelador] Tarefa desistiu: user.erase");
    let rows = bench.world.shell.store.page::<Alerts>(&Query::all()).await.unwrap().rows;
    assert!(rows.len() == 3 && rows.iter().all(|row| row.row.untold == 0), "{rows:?}");
}

#[tokio::test]
async fn an_alert_goes_to_an_address_of_the_web_too_and_each_way_has_its_tries() {
    let (bench, posts) = (Bench::new().await, Posts::start().await);
    bench.set(|settings| settings.alerts.url = Some(posts.url.clone()));
    bench.stub.fails(Some(("RCPT", Fault::Says("451 later"))));
    fails(&bench, "backup.make").await;
    let seen = eventually("a post", async || posts.seen().first().cloned()).await;
    let body: Value = serde_json::from_str(seen.rsplit("\r\n\n").next().unwrap()).unwrap();
    assert_eq!(body["alerts"][0]["sort"], "backup.failed");
    assert_eq!(body["alerts"][0]["command"], "zelador jobs list --state failed --kind backup.make");
    assert_eq!(body["subject"], "[zelador] O backup falhou");
    bench.settled().await;
    bench.stub.fails(None);
    bench.forward(1);
    bench.arrived(1).await;
    bench.settled().await;
    assert_eq!(posts.seen().len(), 1, "what was delivered is not delivered again");
}

#[tokio::test]
async fn an_alert_that_cannot_be_delivered_causes_no_other() {
    let bench = Bench::new().await;
    bench.stub.fails(Some(("RCPT", Fault::Says("550 no such user"))));
    fails(&bench, "user.erase").await;
    eventually("it has failed", async || {
        let mut failed = bench.all().await.into_iter();
        failed.find(|job| job.kind == "alert.deliver" && job.state == JobState::Failed)
    })
    .await;
    bench.forward(10);
    bench.settled().await;
    let rows = bench.world.shell.store.page::<Alerts>(&Query::all()).await.unwrap().rows;
    assert_eq!(
        rows.iter().map(|row| row.key.as_str()).collect::<Vec<_>>(),
        ["job.failed:user.erase"]
    );
}

#[tokio::test]
async fn nothing_is_noted_where_nobody_is_to_be_told() {
    let bench = Bench::new().await;
    bench.set(|settings| settings.alerts.emails.clear());
    fails(&bench, "user.erase").await;
    bench.settled().await;
    assert!(bench.world.shell.store.page::<Alerts>(&Query::all()).await.unwrap().rows.is_empty());
}

#[tokio::test]
async fn what_came_again_in_silence_is_told_by_the_watch() {
    let bench = Bench::new().await;
    let watch = async || {
        let job = crate::engine::jobs::NewJob::new("alert.watch", &json!({}));
        bench.jobs.enqueue(job, |_| Write::new()).await.unwrap();
        bench.settled().await;
    };
    fails(&bench, "user.erase").await;
    bench.arrived(1).await;
    bench.settled().await;
    fails(&bench, "user.erase").await;
    bench.settled().await;
    watch().await;
    assert_eq!(bench.stub.mails().len(), 1);
    bench.forward(25 * 60);
    watch().await;
    bench.arrived(2).await;
    bench.settled().await;
    bench.forward(40 * 1440);
    watch().await;
    eventually("it is forgotten", async || {
        let rows = bench.world.shell.store.page::<Alerts>(&Query::all()).await.unwrap().rows;
        rows.is_empty().then_some(())
    })
    .await;
}
