//! Whoever waits is offered what becomes free.

use zelador_store::waitlist::{Waitlist, WaitlistState};

use super::super::waitlist::WaitlistRecord;
use super::*;

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
