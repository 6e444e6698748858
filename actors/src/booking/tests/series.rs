//! Series: made whole, changed in part.

use zelador_store::series::SeriesTable;

use super::super::rules::recurrence::{Frequency, Pattern};
use super::super::rules::{Recurrence, Rule};
use super::*;

/// A house that books a month ahead, and a day.
async fn house() -> House {
    House::with(|tenant, _| tenant.settings.advance_booking_days = 31).await
}

/// Every Wednesday in December, at 11.
fn wednesdays(house: &House, skip: bool) -> Book {
    let pattern = Pattern {
        frequency: Frequency::Weekly,
        interval: 1,
        end_date: Some("2025-12-31T23:59:59-03:00".parse().unwrap()),
        days_of_week: vec![2],
    };
    let rule = Recurrence::from_pattern(&pattern).unwrap();
    let wish = house.wish("2025-12-10T11:00", "2025-12-10T12:00");
    Book { recurring: Some(Recurring { rule, pattern: None, skip }), ..wish }
}

async fn made(house: &House) -> Vec<BookingRecord> {
    booked(house.desk.book(wednesdays(house, false)).await.unwrap()).occurrences
}

#[tokio::test]
async fn a_series_is_many_bookings() {
    let house = house().await;
    let all = made(&house).await;
    let days: Vec<_> = all.iter().map(|one| one.booking.start_local.date().day()).collect();
    assert_eq!(days, [10, 17, 24, 31]);
    assert_eq!(house.events("booking.created").await.len(), 4);
    let series = all[0].booking.occurrence.as_ref().unwrap().series;
    let row = house.world.shell.store.get::<SeriesTable>(&series).await.unwrap().unwrap().row;
    assert_eq!(row.occurrences, 4);
    assert!(row.rrule.contains("FREQ=WEEKLY"), "{}", row.rrule);
}

#[tokio::test]
async fn a_series_is_made_whole_or_not_at_all() {
    let house = house().await;
    let one = house.book("2025-12-24T11:00", "2025-12-24T12:00").await;
    let why = house.refused(wednesdays(&house, false)).await;
    assert_eq!(why.rule(), Rule::Conflict);
    let failing: Vec<_> = why.failing.iter().map(|one| one.occurrence.index).collect();
    assert_eq!(failing, [2]);
    assert_eq!(why.failing[0].judgement.conflicts[0].id, one.id);
    assert_eq!(house.events("booking.created").await.len(), 1);
    let done = booked(house.desk.book(wednesdays(&house, true)).await.unwrap());
    assert_eq!((done.occurrences.len(), done.skipped.len()), (3, 1));
}

#[tokio::test]
async fn a_series_is_called_off_in_part() {
    let house = house().await;
    let all = made(&house).await;
    let tell = async |at: usize, scope| {
        house
            .desk
            .execute(Command { scope, ..command(all[at].id, cancel()) })
            .await
            .unwrap()
            .unwrap()
    };
    assert_eq!(tell(0, Scope::This).await.all.len(), 1);
    assert_eq!(tell(2, Scope::Following).await.all.len(), 2);
    assert_eq!(house.row(all[1].id).await.status, BookingStatus::Pendente);
    assert_eq!(tell(1, Scope::All).await.all.len(), 1);
    assert_eq!(house.events("booking.cancelled").await.len(), 4);
}

#[tokio::test]
async fn a_series_moves_by_the_clock_on_the_wall() {
    let house = house().await;
    let all = made(&house).await;
    let what = || {
        What::Revise(Revision {
            start: Some("2025-12-18T15:00".parse().unwrap()),
            end: Some("2025-12-18T17:00".parse().unwrap()),
            ..Revision::default()
        })
    };
    let following = |what| Command { scope: Scope::Following, ..command(all[1].id, what) };
    let taken = house.book("2025-12-25T16:00", "2025-12-25T17:00").await;
    let why = house.desk.execute(following(what())).await.unwrap().unwrap_err();
    assert_eq!(why.failing[0].judgement.conflicts[0].id, taken.id);
    assert_eq!(house.row(all[1].id).await, all[1].booking);
    house.tell(taken.id, cancel()).await.unwrap().unwrap();
    // The last would lie beyond what may be booked ahead.
    let why = house.desk.execute(following(what())).await.unwrap().unwrap_err();
    assert_eq!(why.rule(), Rule::BeyondAdvanceWindow);
    house.tell(all[3].id, cancel()).await.unwrap().unwrap();
    let done = house.desk.execute(following(what())).await.unwrap().unwrap();
    assert_eq!(done.all.len(), 2);
    let local: Vec<_> = done.all.iter().map(|one| one.booking.start_local.to_string()).collect();
    assert_eq!(local, ["2025-12-18T15:00:00", "2025-12-25T15:00:00"]);
    assert_eq!(house.row(all[0].id).await, all[0].booking);
    let original = done.all[1].booking.occurrence.as_ref().unwrap().original;
    assert_eq!(original.to_string(), "2025-12-24T11:00:00");
}
