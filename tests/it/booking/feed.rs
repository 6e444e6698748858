//! The calendar feed, read by a parser that is not ours.

use calcard::icalendar::{ICalendar, ICalendarComponent, ICalendarProperty};
use reqwest::Method;
use serde_json::json;

use super::{Place, day, half_hours, id};
use crate::harness::{Answer, Client, Home};

/// The text of a property of an event.
fn text(event: &ICalendarComponent, property: &ICalendarProperty) -> String {
    let entry = event.property(property).unwrap_or_else(|| panic!("{property:?}: {event:?}"));
    let value = entry.values.first().unwrap();
    value.as_text().map_or_else(|| format!("{value:?}"), str::to_owned)
}

/// The events of a feed that is as RFC 5545 wants it.
fn events(answer: &Answer) -> Vec<ICalendarComponent> {
    answer_is_well_formed(answer);
    let calendar = ICalendar::parse(&answer.text).unwrap_or_else(|entry| panic!("{entry:?}"));
    let kept = calendar.components.iter();
    let is_event = |one: &&ICalendarComponent| one.component_type.as_str() == "VEVENT";
    kept.filter(is_event).cloned().collect()
}

fn answer_is_well_formed(answer: &Answer) {
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("content-type"), "text/calendar; charset=utf-8");
    let text = &answer.text;
    assert!(text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"));
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "only CRLF");
    for line in text.split("\r\n") {
        assert!(line.len() <= 75, "{} octets: {line}", line.len());
    }
}

async fn conditional(client: &Client, path: &str, etag: &str) -> Answer {
    let request = client.request(Method::GET, path).header("if-none-match", etag);
    client.send(request).await.unwrap()
}

#[tokio::test]
async fn a_feed_follows_a_booking_through_its_life() {
    let home = Home::new("").await;
    let daemon = home.start().await;
    let place = Place::new(daemon.client(), json!({})).await;
    // Long, and of characters that a fold must not split.
    let name = format!("Salão de avaliação; {}", "ção, ".repeat(30)).trim().to_owned();
    let room = place.resource(json!({"name": name, "location": "Andar 2, à direita"})).await;
    let token_path = format!("/resources/{room}/calendar-token");
    let made = daemon.client().post(&token_path, &json!({})).await.is(201);
    let path = made["path"].as_str().unwrap().to_owned();
    assert_eq!(path, format!("/calendars/{}.ics", made["token"].as_str().unwrap()));
    let anyone = daemon.client().anonymous();
    assert_eq!(events(&anyone.get(&path).await).len(), 0);

    let span = |from| half_hours(day(3), from, 2);
    let (start, end) = span(0);
    let booking = id(&place.book(&room, (&start, &end)).await);
    let first = anyone.get(&path).await;
    let [event] = events(&first).try_into().unwrap();
    let uid = text(&event, &ICalendarProperty::Uid);
    assert!(uid.contains(&booking), "{uid}");
    assert!(first.text.contains("SEQUENCE:0\r\n") && first.text.contains("STATUS:TENTATIVE\r\n"));
    let summary = text(&event, &ICalendarProperty::Summary);
    assert!(summary.contains(&name), "{summary}");
    assert_eq!(text(&event, &ICalendarProperty::Location), "Andar 2, à direita");
    let etag = first.header("etag").to_owned();
    assert_eq!(conditional(&anyone, &path, &etag).await.status, 304);

    let (start, end) = span(4);
    let moved = json!({"start_time": start, "end_time": end});
    let record = format!("/bookings/{booking}");
    let moved = daemon.client().call(Method::PATCH, &record, Some(&moved)).await.unwrap().is(200);
    let second = conditional(&anyone, &path, &etag).await;
    let [event] = events(&second).try_into().unwrap();
    assert_eq!(text(&event, &ICalendarProperty::Uid), uid);
    assert!(second.text.contains("SEQUENCE:1\r\n"), "{}", second.text);
    let compact = |name: &str| moved[name].as_str().unwrap().replace(['-', ':'], "");
    assert!(second.text.contains(&format!("DTSTART:{}\r\n", compact("start_time"))));
    assert!(second.text.contains(&format!("DTEND:{}\r\n", compact("end_time"))));

    daemon.client().delete(&format!("/bookings/{booking}")).await.is(200);
    let third = anyone.get(&path).await;
    let [event] = events(&third).try_into().unwrap();
    assert_eq!(text(&event, &ICalendarProperty::Uid), uid);
    assert!(third.text.contains("STATUS:CANCELLED\r\n") && third.text.contains("SEQUENCE:2\r\n"));
    assert_ne!(third.header("etag"), etag);

    // A new token takes the place of the old one, and can be taken away.
    let again = daemon.client().post(&token_path, &json!({})).await.is(201);
    anyone.get(&path).await.refused(404, "not_found");
    let path = again["path"].as_str().unwrap();
    assert_eq!(events(&anyone.get(path).await).len(), 1);
    daemon.client().delete(&token_path).await.is(204);
    anyone.get(path).await.refused(404, "not_found");
    daemon.client().delete(&token_path).await.refused(404, "not_found");
    for token in [&made["token"], &again["token"]] {
        assert!(!home.log().contains(token.as_str().unwrap()), "a token is in the log");
    }
    assert_eq!(daemon.stop().await.0, Some(0));
}
