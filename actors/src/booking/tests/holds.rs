//! Holds, and how they end.

use super::*;

const FIVE_MINUTES: Duration = Duration::from_secs(300);

async fn held(house: &House) -> BookingRecord {
    let wish =
        Book { hold: Some(FIVE_MINUTES), ..house.wish("2025-12-05T11:00", "2025-12-05T12:00") };
    booked(house.desk.book(wish).await.unwrap()).first
}

#[tokio::test]
async fn a_hold_takes_the_place_and_expires() {
    let house = House::new().await;
    house.work().await;
    let hold = held(&house).await;
    assert_eq!(hold.booking.status, BookingStatus::Reservado);
    assert!(
        house.desk.book(house.wish("2025-12-05T11:00", "2025-12-05T12:00")).await.unwrap().is_err()
    );
    house.world.hand.advance(Duration::from_millis(299_999));
    assert_eq!(house.row(hold.id).await.status, BookingStatus::Reservado);
    house.world.hand.advance(Duration::from_millis(1));
    house.becomes(hold.id, BookingStatus::Expirado).await;
    assert_eq!(house.events("booking.hold_expired").await.len(), 1);
    house.book("2025-12-05T11:00", "2025-12-05T12:00").await;
}

#[tokio::test]
async fn a_hold_is_taken_up_by_its_owner() {
    let house = House::new().await;
    house.work().await;
    let hold = held(&house).await;
    let up = || What::Move(BookingStatus::Pendente);
    let tell =
        async |rights| house.desk.execute(Command { rights, ..command(hold.id, up()) }).await;
    assert_eq!(code(tell(of_user(house.rui)).await), "forbidden");
    let taken = tell(of_user(house.ana)).await.unwrap().unwrap().record;
    assert_eq!(taken.booking.status, BookingStatus::Pendente);
    // Its job is off.
    house.world.hand.advance(FIVE_MINUTES * 2);
    let other = house.book("2025-12-05T12:00", "2025-12-05T13:00").await;
    assert_eq!(house.row(other.id).await.status, BookingStatus::Pendente);
    assert_eq!(house.row(hold.id).await.status, BookingStatus::Pendente);
}

#[tokio::test]
async fn where_bookings_are_confirmed_at_once_a_hold_becomes_one() {
    let house = House::with(|tenant, _| tenant.settings.auto_confirm = true).await;
    let hold = held(&house).await;
    let what = What::Move(BookingStatus::Pendente);
    let command = Command { rights: of_user(house.ana), ..command(hold.id, what) };
    let taken = house.desk.execute(command).await.unwrap().unwrap().record;
    assert_eq!(taken.booking.status, BookingStatus::Confirmado);
}

#[tokio::test]
async fn a_hold_is_not_taken_up_late() {
    let house = House::new().await;
    // No job runs: the hold is over all the same.
    let hold = held(&house).await;
    house.world.hand.advance(FIVE_MINUTES);
    let late = house.tell(hold.id, What::Move(BookingStatus::Pendente)).await;
    assert_eq!(code(late), "hold_expired");
}

#[tokio::test]
async fn a_hold_is_neither_too_short_nor_too_long() {
    let house = House::new().await;
    for (seconds, taken) in [(29, false), (30, true), (3600, true), (3601, false)] {
        let hold = Some(Duration::from_secs(seconds));
        let wish = Book { hold, ..house.wish("2025-12-05T11:00", "2025-12-05T12:00") };
        let told = house.desk.foresee_book(&wish).await;
        let invalid = matches!(&told, Err(Error::Refused(Refusal::Invalid(_))));
        assert_eq!((invalid, told.is_ok()), (!taken, taken), "{seconds}: {told:?}");
    }
}

#[tokio::test]
async fn a_hold_that_is_called_off_is_gone() {
    let house = House::new().await;
    let hold = held(&house).await;
    let command = Command { rights: of_user(house.ana), ..command(hold.id, cancel()) };
    house.desk.execute(command).await.unwrap().unwrap();
    house.book("2025-12-05T11:00", "2025-12-05T12:00").await;
}
