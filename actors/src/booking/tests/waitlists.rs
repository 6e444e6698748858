//! Whoever waits is offered what becomes free.

use async_trait::async_trait;
use futures::future::BoxFuture;
use parking_lot::Mutex;
use zelador_store::booking::Occupied;
use zelador_store::kv::Span;
use zelador_store::waitlist::{Waitlist, WaitlistState};
use zelador_store::{Lookup as _, Store};

use super::super::waitlist::WaitlistRecord;
use super::*;
use crate::engine::Shell;
use crate::engine::events::EventCx;
use crate::testkit::attended::{Attendant, Attended};

const OFFER: Duration = Duration::from_secs(900);

async fn waits(house: &House, user: UserId) -> Result<WaitlistRecord, Error> {
    // Within a millisecond nobody is the first.
    house.world.hand.advance(Duration::from_millis(1));
    let join = Join {
        resource: house.room,
        within: None,
        user,
        start: "2025-12-05T11:00".parse().unwrap(),
        end: "2025-12-05T12:00".parse().unwrap(),
        by: operator(),
        keep: None,
    };
    house.desk.join(join).await
}

async fn becomes(
    house: &House,
    record: &WaitlistRecord,
    state: WaitlistState,
) -> Option<BookingId> {
    let id = record.id;
    let row = eventually(state.word(), async || {
        let row = house.world.shell.store.get::<Waitlist>(&id).await.unwrap().unwrap().row;
        Some(row).filter(|row| row.state == state)
    });
    row.await.booking
}

#[tokio::test]
async fn who_waits_is_offered_the_place_in_turn() {
    let house = House::new().await;
    house.work().await;
    let one = house.book("2025-12-05T11:00", "2025-12-05T12:00").await;
    let lia = house.person("Lia").await;
    let first = waits(&house, house.rui).await.unwrap();
    let second = waits(&house, lia).await.unwrap();
    assert_eq!(code(waits(&house, lia).await), "already_waiting");
    house.tell(one.id, cancel()).await.unwrap().unwrap();
    let hold = becomes(&house, &first, WaitlistState::Offered).await.unwrap();
    let row = house.row(hold).await;
    assert_eq!((row.user, row.status), (house.rui, BookingStatus::Reservado));
    assert_eq!(house.events("booking.waitlist_offered").await.len(), 1);
    // He lets it go by: the next one's turn.
    house.world.hand.advance(OFFER);
    becomes(&house, &first, WaitlistState::Missed).await;
    let hold = becomes(&house, &second, WaitlistState::Offered).await.unwrap();
    let take = What::Move(BookingStatus::Pendente);
    let take = Command { rights: of_user(lia), ..command(hold, take) };
    house.desk.execute(take).await.unwrap().unwrap();
    becomes(&house, &second, WaitlistState::Taken).await;
}

#[tokio::test]
async fn nobody_waits_for_what_is_free() {
    let house = House::new().await;
    assert_eq!(code(waits(&house, house.rui).await), "place_is_free");
    house.book("2025-12-05T11:00", "2025-12-05T12:00").await;
    let entry = waits(&house, house.rui).await.unwrap();
    house.desk.leave(house.room, entry.id, &operator()).await.unwrap();
    assert_eq!(code(house.desk.leave(house.room, entry.id, &operator()).await), "not_waiting");
}

#[tokio::test]
async fn who_may_not_book_is_passed_over() {
    let house = House::new().await;
    house.work().await;
    let one = house.book("2025-12-05T11:00", "2025-12-05T12:00").await;
    let (first, lia) = (waits(&house, house.rui).await.unwrap(), house.person("Lia").await);
    let second = waits(&house, lia).await.unwrap();
    house.set_status(house.rui, zelador_store::user::Status::Suspended).await;
    house.tell(one.id, cancel()).await.unwrap().unwrap();
    becomes(&house, &second, WaitlistState::Offered).await;
    becomes(&house, &first, WaitlistState::Waiting).await;
}

/// Has something happen right after the first look at a calendar.
struct Between(Mutex<Option<BoxFuture<'static, ()>>>);

#[async_trait]
impl Attendant for Between {
    async fn after_scan(&self, span: &Span) {
        if span.from.starts_with(&Occupied::TAG.to_be_bytes()) {
            let then = self.0.lock().take();
            if let Some(then) = then {
                then.await;
            }
        }
    }
}

/// The elder was looked at while the place was taken, the younger when it was free.
#[tokio::test]
async fn a_place_that_frees_between_two_looks_is_the_elders() {
    let house = House::new().await;
    let one = house.book("2025-12-05T11:00", "2025-12-05T12:00").await;
    let (first, lia) = (waits(&house, house.rui).await.unwrap(), house.person("Lia").await);
    let second = waits(&house, lia).await.unwrap();
    let (desk, gone) = (house.desk.clone(), command(one.id, cancel()));
    let then = Box::pin(async move {
        desk.execute(gone).await.unwrap().unwrap();
    });
    let store = &house.world.shell.store;
    let between = Attended::new(store.engine().clone(), Between(Mutex::new(Some(then))));
    let shell = Shell { store: Store::new(between), ..house.world.shell.clone() };
    let (event, _) = house.events("booking.created").await.remove(0);
    let offers = Offers::new(watch::channel(Arc::new(BookingSettings::default())).1);
    let write = offers.consume(&EventCx { shell, failed: 0 }, 1, &event).await.unwrap();
    store.commit(write).await.unwrap();
    becomes(&house, &first, WaitlistState::Offered).await;
    becomes(&house, &second, WaitlistState::Waiting).await;
    assert_eq!(house.events("booking.waitlist_offered").await.len(), 1);
}
