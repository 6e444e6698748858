//! Many at once.

use futures::future::join_all;

use super::*;

/// Many want the last seats at once, without an actor to put them in order: as
/// many succeed as there are seats.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_last_seats_are_given_once() {
    for seats in [1, 3] {
        let house = House::with(|_, room| room.concurrent_bookings = seats).await;
        for hour in [11, 12, 13] {
            let (start, end) =
                (format!("2025-12-05T{hour}:00"), format!("2025-12-05T{}:00", hour + 1));
            let all = (0..16).map(|_| house.desk.book(house.wish(&start, &end)));
            let done = join_all(all).await;
            let won = done.iter().filter(|done| matches!(done, Ok(Ok(_)))).count();
            assert_eq!(won, seats as usize, "{done:?}");
        }
    }
}

/// Two bookings move to one free place, from two sides.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_that_move_to_one_place_do_not_both_get_there() {
    for _ in 0..20 {
        let house = House::new().await;
        let room = house.another_room().await;
        let here = house.book("2025-12-05T10:00", "2025-12-05T11:00").await;
        let there = Book { resource: room, ..house.wish("2025-12-05T11:00", "2025-12-05T12:00") };
        let there = booked(house.desk.book(there).await.unwrap()).first;
        let later = What::Revise(Revision {
            start: Some("2025-12-05T11:00".parse().unwrap()),
            end: Some("2025-12-05T12:00".parse().unwrap()),
            ..Revision::default()
        });
        let over = What::Revise(Revision { resource: Some(house.room), ..Revision::default() });
        let (one, two) = tokio::join!(house.tell(here.id, later), house.tell(there.id, over));
        assert!(one.unwrap().is_ok() != two.unwrap().is_ok());
    }
}

/// A ban and a booking: whichever comes first, nobody who is banned keeps a place.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_ban_races_a_booking() {
    use zelador_store::user::Status;
    for _ in 0..20 {
        let house = House::new().await;
        house.work().await;
        let wish = house.wish("2025-12-05T11:00", "2025-12-05T12:00");
        let (done, ()) =
            tokio::join!(house.desk.book(wish), house.set_status(house.ana, Status::Banned),);
        if let Ok(Ok(done)) = done {
            house.becomes(done.first.id, BookingStatus::Cancelado).await;
        }
    }
}
