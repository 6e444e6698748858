//! Channels: opened, heard, renewed, taken for dead.

use zelador_store::drive::Channels;

use super::files::Hall;
use super::*;
use crate::drive::port::NewChannel;
use crate::drive::rules::notification::Shown;
use crate::error::{Error, Refusal};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A hall that nobody looks into unless something is said.
async fn hall() -> Hall {
    let change = |settings: &mut DriveSettings| {
        settings.poll_seconds = 86_400;
        settings.public_url = "https://zelador.example/".to_owned();
    };
    let hall = Hall::new(change).await;
    hall.open(1).await;
    hall
}

fn shown(channel: &NewChannel, number: u64) -> Shown {
    Shown {
        channel: channel.id.clone(),
        token: channel.token.clone(),
        resource: "the log".to_owned(),
        state: if number == 1 { "sync" } else { "change" }.to_owned(),
        number: Some(number),
    }
}

impl Hall {
    /// Waits until so many channels are open, and nobody is busy with one.
    async fn open(&self, count: usize) -> Vec<NewChannel> {
        eventually("channels are open", async || {
            let channels = self.bench.toy.0.lock().channels.clone();
            let rows = self.bench.world.shell.store.page::<Channels>(&Query::all()).await.unwrap();
            let answered = rows.rows.iter().all(|row| row.row.resource.is_some());
            let settled = answered && rows.rows.len() == count && channels.len() == count;
            settled.then_some(channels)
        })
        .await
    }

    async fn heard(&self, shown: &Shown) -> Result<(), Error> {
        self.watcher.heard(shown).await
    }

    async fn channel(&self) -> Option<String> {
        let settings = self.bench.desk.settings();
        let open = queries::channel(&self.bench.world.shell, &settings).await.unwrap();
        open.map(|(id, _)| id)
    }

    async fn processed(&self, count: usize) {
        eventually("files are processed", async || {
            let files = self.files().await;
            let over = files.iter().filter(|file| file.journey.ended_at.is_some()).count();
            (over == count).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn a_notification_has_somebody_look() {
    let hall = hall().await;
    let channel = hall.open(1).await.remove(0);
    assert_eq!(channel.address, "https://zelador.example/drive/notifications");
    assert_eq!(hall.channel().await, None, "it has not said a word yet");
    hall.heard(&shown(&channel, 1)).await.unwrap();
    assert_eq!(hall.channel().await, Some(channel.id.clone()));
    hall.drop_file("a.txt", "one").await;
    // Twice, and an old one: one look is enough for all of them.
    for number in [5, 5, 3] {
        hall.heard(&shown(&channel, number)).await.unwrap();
    }
    hall.processed(1).await;
}

#[tokio::test]
async fn who_cannot_show_the_token_is_not_heard() {
    let hall = hall().await;
    let channel = hall.open(1).await.remove(0);
    let looks = || hall.bench.toy.0.lock().calls.iter().filter(|call| *call == "changes").count();
    let before = looks();
    let good = shown(&channel, 2);
    for unknown in ["", "another", &"x".repeat(5000)] {
        let told = hall.heard(&Shown { channel: unknown.to_owned(), ..good.clone() }).await;
        assert!(matches!(told, Err(Error::Refused(Refusal::Absent { what: "channel" }))));
    }
    for forged in [
        Shown { token: String::new(), ..good.clone() },
        Shown { token: format!("{}x", good.token), ..good.clone() },
        Shown { resource: "another log".to_owned(), ..good.clone() },
    ] {
        let told = hall.heard(&forged).await;
        assert!(matches!(told, Err(Error::Refused(Refusal::Forbidden { .. }))), "{forged:?}");
    }
    assert_eq!(looks(), before, "nobody looks for that");
    hall.heard(&good).await.unwrap();
    eventually("a look", async || (looks() > before).then_some(())).await;
}

/// The next one is opened, somebody looks, and only then the first is closed.
#[tokio::test]
async fn a_channel_is_renewed_without_a_gap() {
    let hall = hall().await;
    let first = hall.open(1).await.remove(0);
    hall.bench.toy.0.lock().calls.clear();
    hall.bench.world.hand.advance(DAY * 4);
    hall.watcher.poke();
    eventually("a look", async || (!hall.bench.toy.0.lock().calls.is_empty()).then_some(())).await;
    assert_eq!(hall.open(1).await[0].id, first.id, "it is young");
    hall.bench.toy.0.lock().calls.clear();
    hall.bench.world.hand.advance(DAY * 2);
    hall.watcher.poke();
    let second = eventually("another channel", async || {
        let open = hall.bench.toy.0.lock().channels.clone();
        open.into_iter().find(|open| open.id != first.id)
    })
    .await;
    assert_eq!(hall.open(1).await[0].id, second.id);
    let calls = hall.bench.toy.0.lock().calls.clone();
    let of = |name: &str| calls.iter().position(|call| call == name).unwrap();
    assert!(of("watch") < of("changes") && of("changes") < of("stop"), "{calls:?}");
    let late = hall.heard(&shown(&first, 9)).await;
    assert!(matches!(late, Err(Error::Refused(Refusal::Absent { .. }))));
}

#[tokio::test]
async fn a_channel_that_dies_is_noticed() {
    let hall = hall().await;
    let first = hall.open(1).await.remove(0);
    hall.heard(&shown(&first, 1)).await.unwrap();
    hall.bench.toy.0.lock().channels.clear();
    // Whoever polls finds what nobody told of, again and again.
    for files in 1.. {
        assert!(files < 50, "it is not noticed");
        hall.bench.world.hand.advance(Duration::from_secs(1));
        hall.drop_file("a.txt", &files.to_string()).await;
        hall.watcher.poke();
        hall.processed(files).await;
        if !hall.bench.toy.0.lock().channels.is_empty() {
            assert!(files >= 2, "once is no proof");
            break;
        }
    }
    assert_ne!(hall.open(1).await[0].id, first.id);
}

#[tokio::test]
async fn where_there_is_no_channel_somebody_polls() {
    let hall = Hall::new(|settings| settings.poll_seconds = 1).await;
    hall.bench.toy.0.lock().no_channels = true;
    hall.bench.settings.send_modify(|settings| {
        Arc::make_mut(settings).public_url = "https://zelador.example".to_owned();
    });
    hall.drop_file("a.txt", "one").await;
    hall.processed(1).await;
    eventually("a channel is asked for", async || {
        hall.bench.toy.0.lock().calls.iter().any(|call| call == "watch").then_some(())
    })
    .await;
    assert_eq!(hall.channel().await, None);
    hall.drop_file("b.txt", "two").await;
    hall.processed(2).await;
    let calls = hall.bench.toy.0.lock().calls.clone();
    assert_eq!(calls.iter().filter(|call| *call == "watch").count(), 1, "not at every look");
    // Another address is another chance, and none is the end of it.
    hall.bench.toy.0.lock().no_channels = false;
    let set = |url: &str| {
        let url = url.to_owned();
        hall.bench.settings.send_modify(|settings| Arc::make_mut(settings).public_url = url);
    };
    set("https://other.example");
    assert_eq!(hall.open(1).await[0].address, "https://other.example/drive/notifications");
    set("");
    hall.open(0).await;
}
