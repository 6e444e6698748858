//! Lists and reports.

use super::super::queries::{self, BookingFilter};
use super::*;

async fn starts(house: &House, filter: BookingFilter) -> Vec<String> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let page = queries::list(&house.world.shell, &filter, after, 2).await.unwrap();
        assert!(page.rows.len() <= 2);
        all.extend(page.rows.iter().map(|one| one.booking.start_local.to_string()));
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
}

#[tokio::test]
async fn lists_are_by_start_and_narrowed() {
    let house = House::new().await;
    for (day, user) in [(7, house.ana), (5, house.rui), (6, house.ana), (4, house.rui)] {
        let (start, end) = (format!("2025-12-{day:02}T11:00"), format!("2025-12-{day:02}T12:00"));
        let wish = Book { user, ..house.wish(&start, &end) };
        booked(house.desk.book(wish).await.unwrap());
    }
    let wish =
        Book { client: Some(house.rui), ..house.wish("2025-12-08T11:00", "2025-12-08T12:00") };
    booked(house.desk.book(wish).await.unwrap());
    let days = |days: &[u8]| -> Vec<String> {
        days.iter().map(|day| format!("2025-12-{day:02}T11:00:00")).collect()
    };
    let none = BookingFilter::default;
    let (ana, rui) = (Some(house.ana), Some(house.rui));
    let tenant = Some(house.tenant);
    let from = Some(at("2025-12-05T14:30:00Z"));
    let to = Some(at("2025-12-07T14:00:00Z"));
    let gone = vec![BookingStatus::Cancelado];
    for (filter, wanted) in [
        (none(), &[4, 5, 6, 7, 8][..]),
        (BookingFilter { tenant, ..none() }, &[4, 5, 6, 7, 8]),
        (BookingFilter { user: ana, ..none() }, &[6, 7, 8]),
        (BookingFilter { client: rui, ..none() }, &[4, 5, 8]),
        (BookingFilter { person: rui, ..none() }, &[4, 5, 8]),
        (BookingFilter { person: ana, ..none() }, &[6, 7, 8]),
        (BookingFilter { tenant, user: ana, client: rui, ..none() }, &[8]),
        (BookingFilter { resource: Some(house.room), from, to, ..none() }, &[5, 6]),
        (BookingFilter { statuses: gone, ..none() }, &[]),
    ] {
        assert_eq!(starts(&house, filter.clone()).await, days(wanted), "{filter:?}");
    }
}

#[tokio::test]
async fn a_report_counts_what_was_used() {
    let house = House::new().await;
    let one = house.book("2025-12-05T11:00", "2025-12-05T13:00").await;
    let two = house.book("2025-12-05T14:00", "2025-12-05T15:00").await;
    house.tell(two.id, cancel()).await.unwrap().unwrap();
    house.tell(one.id, What::Move(BookingStatus::Confirmado)).await.unwrap().unwrap();
    house.tell(one.id, What::Move(BookingStatus::NaoCompareceu)).await.unwrap().unwrap();
    house.book("2025-12-07T11:00", "2025-12-07T12:00").await;
    let days = ("2025-12-05".parse().unwrap(), "2025-12-06".parse().unwrap());
    let report = queries::report(&house.world.shell, house.tenant, days).await.unwrap();
    let [room] = report.resources.as_slice() else { panic!("{report:?}") };
    assert_eq!((room.bookings, room.cancellations, room.no_shows), (1, 1, 1));
    // Two days of sixteen hours.
    assert_eq!((room.booked_minutes, room.open_minutes), (120, 2 * 16 * 60));
    assert_eq!(report.categories.values().map(|(_, count)| count).sum::<u64>(), 1);
}
