//! Commands that change bookings.

use super::super::rules::Rule;
use super::*;

fn to(start: &str, end: &str) -> What {
    let (start, end) = (Some(start.parse().unwrap()), Some(end.parse().unwrap()));
    What::Revise(Revision { start, end, ..Revision::default() })
}

#[tokio::test]
async fn a_booking_moves_and_keeps_its_name() {
    let house = House::new().await;
    let one = house.book("2025-12-05T11:00", "2025-12-05T12:00").await;
    // It does not stand in its own way.
    let changed = house.tell(one.id, to("2025-12-05T11:00", "2025-12-05T13:00")).await;
    let changed = changed.unwrap().unwrap().record;
    assert_eq!((changed.id, changed.booking.sequence, changed.booking.version), (one.id, 1, 2));
    let told = house.events("booking.updated").await;
    assert_eq!(told[0].1["changes"], serde_json::json!({ "end_time": "2025-12-05T16:00:00Z" }));
    // Its old place is free again.
    house.tell(one.id, to("2025-12-05T15:00", "2025-12-05T16:00")).await.unwrap().unwrap();
    house.book("2025-12-05T11:00", "2025-12-05T12:00").await;
}

#[tokio::test]
async fn a_booking_moves_nowhere_that_is_taken() {
    let house = House::new().await;
    let one = house.book("2025-12-05T11:00", "2025-12-05T12:00").await;
    let two = house.book("2025-12-05T12:00", "2025-12-05T13:00").await;
    let refused = house.tell(two.id, to("2025-12-05T11:00", "2025-12-05T12:00")).await;
    let why = refused.unwrap().unwrap_err();
    assert_eq!((why.rule(), why.judgement.conflicts[0].id), (Rule::Conflict, one.id));
    let refused = house.tell(two.id, to("2025-12-05T23:00", "2025-12-06T00:00")).await;
    assert_eq!(refused.unwrap().unwrap_err().rule(), Rule::OutsideWorkingHours);
    assert_eq!(house.row(two.id).await, two.booking);
}

#[tokio::test]
async fn a_booking_moves_to_another_room() {
    let house = House::new().await;
    let (one, room) =
        (house.book("2025-12-05T11:00", "2025-12-05T12:00").await, house.another_room().await);
    let there = || What::Revise(Revision { resource: Some(room), ..Revision::default() });
    house.tell(one.id, there()).await.unwrap().unwrap();
    assert_eq!(house.row(one.id).await.resource, room);
    let two = house.book("2025-12-05T11:00", "2025-12-05T12:00").await;
    let why = house.tell(two.id, there()).await.unwrap().unwrap_err();
    assert_eq!(why.rule(), Rule::Conflict);
}

#[tokio::test]
async fn what_is_noted_is_no_move() {
    let house = House::new().await;
    let one = house.book("2025-12-01T10:00", "2025-12-01T11:00").await;
    house.world.hand.advance(HOUR * 5);
    let notes = || Some(Some("chegou atrasada".to_owned()));
    let noted = What::Revise(Revision { notes: notes(), ..Revision::default() });
    house.tell(one.id, noted.clone()).await.unwrap().unwrap();
    assert_eq!(house.row(one.id).await.notes, notes().unwrap());
    // Nothing new is nothing written.
    let again = house.tell(one.id, noted).await.unwrap().unwrap();
    assert_eq!((again.record.booking.version, again.all.len()), (2, 0));
}

#[tokio::test]
async fn a_booking_goes_through_its_statuses() {
    let house = House::new().await;
    let one = house.book("2025-12-05T11:00", "2025-12-05T12:00").await;
    let tell = async |to| house.tell(one.id, What::Move(to)).await;
    assert_eq!(code(tell(BookingStatus::Concluido).await), "status_not_reachable");
    tell(BookingStatus::Confirmado).await.unwrap().unwrap();
    tell(BookingStatus::Confirmado).await.unwrap().unwrap();
    tell(BookingStatus::NaoCompareceu).await.unwrap().unwrap();
    assert_eq!(code(tell(BookingStatus::Confirmado).await), "status_not_reachable");
    let told = house.events("booking.status_changed").await;
    let told: Vec<_> =
        told.iter().map(|(_, data)| (&data["old_status"], &data["new_status"])).collect();
    assert_eq!(
        told,
        [
            (&"pendente".into(), &"confirmado".into()),
            (&"confirmado".into(), &"nao_compareceu".into()),
        ]
    );
    // Who did not come no longer takes the seat.
    house.book("2025-12-05T11:00", "2025-12-05T12:00").await;
}

#[tokio::test]
async fn what_is_confirmed_is_looked_at_again() {
    let house = House::with(|_, room| room.concurrent_bookings = 2).await;
    let one = house.book("2025-12-05T11:00", "2025-12-05T12:00").await;
    house.book("2025-12-05T11:00", "2025-12-05T12:00").await;
    let shell = &house.world.shell;
    let record = crate::resources::queries::resource(shell, house.room, None).await.unwrap();
    let mut draft = ResourceDraft::from(&record.resource);
    draft.concurrent_bookings = 1;
    let revise = crate::resources::Revise {
        id: house.room,
        within: None,
        draft,
        if_version: None,
        by: operator(),
    };
    house.resources.revise_resource(revise).await.unwrap();
    let why = house.tell(one.id, What::Move(BookingStatus::Confirmado)).await.unwrap();
    assert_eq!(why.unwrap_err().rule(), Rule::Conflict);
}

#[tokio::test]
async fn users_change_what_is_theirs() {
    let house = House::new().await;
    let one = house.book("2025-12-05T11:00", "2025-12-05T12:00").await;
    let tell =
        async |rights, what| house.desk.execute(Command { rights, ..command(one.id, what) }).await;
    let confirm = || What::Move(BookingStatus::Confirmado);
    assert_eq!(code(tell(of_user(house.rui), cancel()).await), "forbidden");
    assert_eq!(code(tell(of_user(house.ana), confirm()).await), "forbidden");
    tell(of_user(house.ana), to("2025-12-05T12:00", "2025-12-05T13:00")).await.unwrap().unwrap();
    tell(of_user(house.ana), cancel()).await.unwrap().unwrap();
    assert_eq!(code(tell(of_user(house.ana), cancel()).await), "booking_closed");
}

#[tokio::test]
async fn a_user_calls_off_in_time() {
    let house = House::new().await;
    let soon = house.book("2025-12-02T08:00", "2025-12-02T09:00").await;
    let later = house.book("2025-12-02T09:00", "2025-12-02T10:00").await;
    assert_eq!((soon.can_cancel, later.can_cancel), (false, true));
    let tell =
        async |id, rights| house.desk.execute(Command { rights, ..command(id, cancel()) }).await;
    assert_eq!(code(tell(soon.id, of_user(house.ana)).await), "cancellation_window_passed");
    let done = tell(later.id, of_user(house.ana)).await.unwrap().unwrap().record;
    assert!(!done.can_cancel);
    tell(soon.id, ALL).await.unwrap().unwrap();
    let told = house.events("booking.cancelled").await;
    assert_eq!(told[0].1["booking_id"], later.id.to_string());
    assert_eq!(told[0].1["reason"], Value::Null);
    house.book("2025-12-02T09:00", "2025-12-02T10:00").await;
}

#[tokio::test]
async fn an_older_version_is_refused() {
    let house = House::new().await;
    let one = house.book("2025-12-05T11:00", "2025-12-05T12:00").await;
    let stale = Command { if_version: Some(7), ..command(one.id, cancel()) };
    let refused = house.desk.execute(stale).await.unwrap_err();
    assert!(matches!(refused, Error::Refused(Refusal::Stale)), "{refused:?}");
}
