//! Posts what channels are told, in order for each, and again on the answers that
//! the real one tries again on.

use std::time::Duration;

use reqwest::Client;
use reqwest::redirect::Policy;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::core::Notice;
use super::stage::Stage;

/// Answers after which it is tried again.
const AGAIN: [u16; 4] = [500, 502, 503, 504];
/// Waits before it is tried again.
const WAITS: [Duration; 3] =
    [Duration::from_millis(200), Duration::from_millis(800), Duration::from_millis(3200)];
/// How long an answer is waited for.
const LIMIT: Duration = Duration::from_secs(10);

/// Posts until `stop`.
pub(super) async fn work(stage: Stage, stop: CancellationToken) {
    let built = Client::builder().no_proxy().redirect(Policy::none()).timeout(LIMIT).build();
    let Ok(client) = built else { return };
    loop {
        let told = stage.when_told();
        for notice in stage.world().take_notices() {
            let (lost, twice) = stage.fate_of_notice();
            if lost {
                stage.note_lost();
            }
            let times = usize::from(!lost) + usize::from(!lost && twice);
            for _ in 0..times {
                tokio::spawn(post(client.clone(), stage.clone(), notice.clone(), stop.clone()));
            }
        }
        tokio::select! {
            () = told => {}
            () = stop.cancelled() => return,
        }
    }
}

async fn post(client: Client, stage: Stage, notice: Notice, stop: CancellationToken) {
    let posting = async {
        for wait in WAITS.iter().map(Some).chain([None]) {
            let mut request = client.post(&notice.address).header("user-agent", "APIs-Google");
            for (name, value) in &notice.headers {
                request = request.header(*name, value);
            }
            let status = request.header("content-length", "0").send().await;
            let status = status.map_or(503, |answer| answer.status().as_u16());
            if !AGAIN.contains(&status) {
                stage.note_pushed();
                return;
            }
            let Some(wait) = wait else { return };
            sleep(*wait).await;
        }
    };
    tokio::select! {
        () = posting => {}
        () = stop.cancelled() => {}
    }
}
