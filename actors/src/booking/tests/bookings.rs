//! Commands that make bookings: what is refused, and what is told.

use zelador_store::booking::BookingStatus;
use zelador_store::user::Status;

use super::super::rules::Rule;
use super::*;

#[tokio::test]
async fn a_booking_is_made_and_told_of() {
    let house = House::new().await;
    let record = house.book("2025-12-05T11:00", "2025-12-05T12:00").await;
    let row = house.row(record.id).await;
    assert_eq!(row.status, BookingStatus::Pendente);
    assert_eq!((row.start, row.end), (at("2025-12-05T14:00:00Z"), at("2025-12-05T15:00:00Z")));
    assert_eq!(row.start_local.to_string(), "2025-12-05T11:00:00");
    assert_eq!(
        (row.user, row.client, row.zone.as_str()),
        (house.ana, house.ana, "America/Sao_Paulo")
    );
    let told = house.events("booking.created").await;
    let [(event, data)] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(event.key, format!("booking:{}", record.id));
    assert_eq!(event.user, Some(house.ana));
    assert_eq!(data["booking_id"], record.id.to_string());
    assert_eq!(data["status"], "pendente");
    assert_eq!(data["start_time"], "2025-12-05T14:00:00Z");
}

#[tokio::test]
async fn where_bookings_are_confirmed_at_once_they_are() {
    let house = House::with(|tenant, _| tenant.settings.auto_confirm = true).await;
    let record = house.book("2025-12-05T11:00", "2025-12-05T12:00").await;
    assert_eq!(record.booking.status, BookingStatus::Confirmado);
}

#[tokio::test]
async fn a_collision_names_what_is_in_the_way_and_what_is_free() {
    let house = House::new().await;
    let first = house.book("2025-12-05T11:00", "2025-12-05T12:00").await;
    let why = house.refused(house.wish("2025-12-05T11:00", "2025-12-05T12:00")).await;
    assert_eq!(why.rule(), Rule::Conflict);
    let conflicts: Vec<_> = why.judgement.conflicts.iter().map(|taken| taken.id).collect();
    assert_eq!(conflicts, [first.id]);
    let nearest: Vec<_> = why.nearest.iter().map(|span| span.start.to_seconds_string()).collect();
    assert_eq!(nearest, ["2025-12-05T13:00:00Z", "2025-12-05T15:00:00Z", "2025-12-05T12:00:00Z"]);
    // Those that touch do not collide.
    house.book("2025-12-05T12:00", "2025-12-05T13:00").await;
    house.book("2025-12-05T10:00", "2025-12-05T11:00").await;
}

#[tokio::test]
async fn every_seat_is_given_once() {
    let house = House::with(|_, room| room.concurrent_bookings = 2).await;
    house.book("2025-12-05T11:00", "2025-12-05T13:00").await;
    house.book("2025-12-05T12:00", "2025-12-05T14:00").await;
    assert_eq!(house.rule("2025-12-05T12:00", "2025-12-05T13:00").await, Rule::Conflict);
    // Two overlap with it, but never both at once.
    let house = House::with(|_, room| room.concurrent_bookings = 2).await;
    house.book("2025-12-05T10:00", "2025-12-05T12:00").await;
    house.book("2025-12-05T12:00", "2025-12-05T14:00").await;
    house.book("2025-12-05T11:00", "2025-12-05T13:00").await;
}

#[tokio::test]
async fn rules_refuse_in_their_order() {
    let house = House::new().await;
    for (start, end, rule) in [
        ("2025-12-01T08:00", "2025-12-01T09:00", Rule::InThePast),
        ("2026-02-05T11:00", "2026-02-05T12:00", Rule::BeyondAdvanceWindow),
        ("2025-12-05T11:00", "2025-12-05T11:30", Rule::DurationNotMultiple),
        ("2025-12-05T11:30", "2025-12-05T12:30", Rule::NotAligned),
        ("2025-12-05T05:00", "2025-12-05T06:00", Rule::OutsideWorkingHours),
        ("2025-12-05T21:00", "2025-12-05T23:00", Rule::OutsideWorkingHours),
    ] {
        assert_eq!(house.rule(start, end).await, rule, "{start} to {end}");
    }
}

/// As the flow of the project's first document has it: what overlaps is told of the
/// collision, though it begins at half past; but only if nothing else is wrong.
#[tokio::test]
async fn a_collision_off_the_grid_is_a_collision() {
    let house = House::new().await;
    let one = house.book("2025-12-05T11:00", "2025-12-05T12:00").await;
    let why = house.refused(house.wish("2025-12-05T11:30", "2025-12-05T12:30")).await;
    assert_eq!(why.rule(), Rule::Conflict);
    assert_eq!(why.judgement.conflicts[0].id, one.id);
    assert_eq!(why.judgement.first_broken(), Some(Rule::NotAligned));
    house.book("2025-12-05T21:00", "2025-12-05T22:00").await;
    let rule = house.rule("2025-12-05T21:30", "2025-12-05T22:30").await;
    assert_eq!(rule, Rule::NotAligned);
}

#[tokio::test]
async fn who_is_out_does_not_book() {
    let house = House::new().await;
    house.set_status(house.ana, Status::Suspended).await;
    assert_eq!(house.rule("2025-12-05T11:00", "2025-12-05T12:00").await, Rule::UserNotAllowed);
    let wish = Book { user: house.rui, ..house.wish("2025-12-05T11:00", "2025-12-05T12:00") };
    booked(house.desk.book(wish).await.unwrap());
}

#[tokio::test]
async fn what_does_not_exist_is_absent() {
    let house = House::new().await;
    let other = House::new().await;
    let wish = || house.wish("2025-12-05T11:00", "2025-12-05T12:00");
    let absent = Book { resource: other.world.shell.id(), ..wish() };
    assert_eq!(code(house.desk.book(absent).await), "resource");
    let absent = Book { user: other.world.shell.id(), ..wish() };
    assert_eq!(code(house.desk.book(absent).await), "user");
    let absent = Book { tenant: other.world.shell.id(), ..wish() };
    assert_eq!(code(house.desk.book(absent).await), "resource");
    house.delete_room().await;
    assert_eq!(code(house.desk.book(wish()).await), "resource");
}

#[tokio::test]
async fn a_trial_changes_nothing() {
    let house = House::new().await;
    let wish = house.wish("2025-12-05T11:00", "2025-12-05T12:00");
    let would = booked(house.desk.foresee_book(&wish).await.unwrap());
    assert_eq!(would.first.booking.status, BookingStatus::Pendente);
    assert!(house.events("booking.created").await.is_empty());
    house.book("2025-12-05T11:00", "2025-12-05T12:00").await;
    assert!(house.desk.foresee_book(&wish).await.unwrap().is_err());
}

/// What explains and what books are one: for every hour of a week, whether
/// explaining says yes is whether booking succeeds, and every place that is named
/// instead can be booked.
#[tokio::test]
async fn explaining_and_booking_agree() {
    let house = House::with(|tenant, room| {
        tenant.settings.buffer_minutes = 30;
        room.concurrent_bookings = 2;
        tenant.settings.working_days = vec![0, 2, 4];
    })
    .await;
    let mut taken = 0;
    for day in 1..8 {
        for hour in 5..23 {
            let start = format!("2025-12-{day:02}T{hour:02}:00");
            let end = format!("2025-12-{day:02}T{:02}:00", hour + 1 - hour / 23);
            if start == end {
                continue;
            }
            let span = (start.parse().unwrap(), end.parse().unwrap());
            let told = crate::booking::queries::explain(
                &house.world.shell,
                house.room,
                None,
                span,
                Some(house.ana),
            );
            let told = told.await.unwrap();
            for free in &told.nearest {
                let (start, end) = (free.start.to_string(), free.end.to_string());
                assert!(house.desk.foresee_book(&house.wish(&start, &end)).await.unwrap().is_ok());
            }
            let done = house.desk.book(house.wish(&start, &end)).await.unwrap();
            assert_eq!(done.is_ok(), told.judgement.bookable(), "{start}");
            taken += usize::from(done.is_ok());
        }
    }
    assert!(taken > 20, "{taken}");
}
