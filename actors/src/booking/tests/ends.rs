//! What becomes of bookings when what they stand on ends.

use zelador_store::user::Status;

use super::*;

#[tokio::test]
async fn a_resource_takes_its_bookings_along() {
    let house = House::new().await;
    house.work().await;
    let past = house.book("2025-12-01T10:00", "2025-12-01T11:00").await;
    let upcoming = house.book("2025-12-05T11:00", "2025-12-05T12:00").await;
    house.world.hand.advance(HOUR * 3);
    house.delete_room().await;
    let row = house.becomes(upcoming.id, BookingStatus::Cancelado).await;
    let end = row.cancellation.unwrap();
    assert_eq!(end.reason.as_deref(), Some("resource_deleted"));
    assert_eq!(end.by.kind, AuthorKind::Job);
    assert_eq!(house.row(past.id).await.status, BookingStatus::Pendente);
    let told = house.events("booking.cancelled").await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].1["cancelled_by"], "system");
}

#[tokio::test]
async fn who_is_banned_keeps_no_place() {
    let house = House::new().await;
    house.work().await;
    let own = house.book("2025-12-05T11:00", "2025-12-05T12:00").await;
    let wish = house.wish("2025-12-05T12:00", "2025-12-05T13:00");
    let for_rui = Book { client: Some(house.rui), ..wish };
    let for_rui = booked(house.desk.book(for_rui).await.unwrap()).first;
    let wish = house.wish("2025-12-05T13:00", "2025-12-05T14:00");
    let by_rui = Book { user: house.rui, client: Some(house.ana), ..wish };
    let by_rui = booked(house.desk.book(by_rui).await.unwrap()).first;
    let ban = users::What::SetStatus { to: Status::Banned, reason: None };
    let would = house.users.foresee(&person_command(house.ana, ban)).await.unwrap();
    assert_eq!(would.bookings_cancelled, 2);
    house.set_status(house.ana, Status::Banned).await;
    let row = house.becomes(own.id, BookingStatus::Cancelado).await;
    assert_eq!(row.cancellation.unwrap().reason.as_deref(), Some("user_banned"));
    house.becomes(by_rui.id, BookingStatus::Cancelado).await;
    // What she booked for somebody else is theirs.
    assert_eq!(house.row(for_rui.id).await.status, BookingStatus::Pendente);
    eventually("the timeline tells of it", async || {
        let told = house.events("user.lifecycle_action").await;
        let done = |(_, data): &&(Event, Value)| {
            data["action"] == "cancel_bookings" && data["state"] == "done"
        };
        told.iter().find(done).map(|_| ())
    })
    .await;
}

#[tokio::test]
async fn who_is_suspended_keeps_what_is_booked() {
    let house = House::new().await;
    house.work().await;
    let one = house.book("2025-12-05T11:00", "2025-12-05T12:00").await;
    let two = Book { user: house.rui, ..house.wish("2025-12-05T12:00", "2025-12-05T13:00") };
    let two = booked(house.desk.book(two).await.unwrap()).first;
    house.set_status(house.ana, Status::Suspended).await;
    house.delete_person(house.rui).await;
    let row = house.becomes(two.id, BookingStatus::Cancelado).await;
    assert_eq!(row.cancellation.unwrap().reason.as_deref(), Some("user_deleted"));
    assert_eq!(house.row(one.id).await.status, BookingStatus::Pendente);
}
