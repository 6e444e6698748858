//! Reminders fall due with their bookings, move with them, and vanish with them.

use super::*;

#[tokio::test]
async fn reminders_fire_before_the_start_and_once() {
    let bench = Bench::new().await;
    let (_, booking) = bench.book(2880).await;
    bench.arrived(1).await;
    bench.settled().await;
    let before = |minutes: u64| {
        Timestamp::from_millis(booking.start.as_millis() - i64::try_from(minutes * 60_000).unwrap())
    };
    assert_eq!(bench.reminders().await, [before(1440), before(60)]);
    bench.forward(1440);
    let subjects = bench.arrived(2).await;
    assert_eq!(subjects[1], "Recordatorio: Reserva, Sala 1, 03/12 09:00");
    bench.settled().await;
    bench.forward(1380);
    bench.arrived(3).await;
    bench.settled().await;
    bench.forward(3000);
    bench.settled().await;
    assert_eq!(bench.stub.mails().len(), 3);
    assert!(bench.reminders().await.is_empty());
}

#[tokio::test]
async fn a_moment_that_has_passed_has_no_reminder() {
    let bench = Bench::new().await;
    bench.book(600).await;
    bench.arrived(1).await;
    bench.settled().await;
    assert_eq!(bench.reminders().await.len(), 1, "only the hour before");
}

#[tokio::test]
async fn reminders_move_with_the_booking() {
    let bench = Bench::new().await;
    let (id, booking) = bench.book(2880).await;
    bench.arrived(1).await;
    bench.settled().await;
    let first = bench.reminders().await;
    let later = Booking {
        start: booking.start + Duration::from_secs(86_400),
        end: booking.end + Duration::from_secs(86_400),
        sequence: 1,
        ..booking.clone()
    };
    bench.tell_of(id, &later, "booking.updated", &json!({"changes": {"start_time": "x"}})).await;
    let subjects = bench.arrived(2).await;
    assert!(subjects[1].starts_with("Modificación"), "{subjects:?}");
    bench.settled().await;
    let moved: Vec<_> = first.iter().map(|at| *at + Duration::from_secs(86_400)).collect();
    assert_eq!(bench.reminders().await, moved);
    // Nearer than a day: that reminder goes, the other one moves.
    let sooner = Booking { start: bench.world.shell.now() + Duration::from_secs(7200), ..later };
    bench.tell_of(id, &sooner, "booking.updated", &json!({"changes": {"start_time": "y"}})).await;
    bench.arrived(3).await;
    bench.settled().await;
    assert_eq!(bench.reminders().await, [bench.world.shell.now() + Duration::from_secs(3600)]);
}

#[tokio::test]
async fn reminders_vanish_with_the_booking() {
    let bench = Bench::new().await;
    let (id, booking) = bench.book(2880).await;
    bench.arrived(1).await;
    bench.settled().await;
    assert_eq!(bench.reminders().await.len(), 2);
    bench.cancel(id, &booking).await;
    bench.arrived(2).await;
    bench.settled().await;
    assert!(bench.reminders().await.is_empty());
    let gone = bench.all().await.into_iter().filter(|job| job.state == JobState::Cancelled);
    assert_eq!(gone.count(), 2, "called off, and there to be seen");
    bench.forward(3000);
    bench.settled().await;
    assert_eq!(bench.stub.mails().len(), 2);
}

/// A booking that is moved without a word (or whose event is still on its way when
/// the reminder fires) is looked at again.
#[tokio::test]
async fn a_reminder_believes_the_row_and_not_its_own_time() {
    let bench = Bench::new().await;
    let (id, booking) = bench.book(2880).await;
    bench.arrived(1).await;
    bench.settled().await;
    let store = &bench.world.shell.store;
    let found = store.get::<Bookings>(&id).await.unwrap().unwrap();
    let later = Booking { start: booking.start + Duration::from_secs(36_000), ..booking };
    let mut write = Write::new();
    write.update::<Bookings>(&found, &later);
    bench.commit(write).await;
    bench.forward(1441);
    let waits = eventually("it waits again", async || {
        bench
            .live()
            .await
            .into_iter()
            .find(|job| job.error.as_deref() == Some("the booking has moved"))
    });
    assert_eq!(waits.await.tries, 0);
    assert_eq!(bench.stub.mails().len(), 1);
    bench.forward(600);
    bench.arrived(2).await;
}

#[tokio::test]
async fn leads_that_are_not_configured_any_more_are_silent() {
    let bench = Bench::new().await;
    bench.book(2880).await;
    bench.arrived(1).await;
    bench.settled().await;
    bench.set(|settings| settings.reminders = vec![60]);
    bench.forward(1441);
    bench.settled().await;
    assert_eq!(bench.stub.mails().len(), 1);
    bench.forward(1380);
    bench.arrived(2).await;
}
