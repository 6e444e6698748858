//! Reports over HTTP: the same figures as JSON and as CSV.

use reqwest::Method;
use serde_json::json;

use super::{Place, day, half_hours, id};
use crate::harness::Home;

#[tokio::test]
async fn a_report_counts_what_was_booked() {
    let home = Home::new("").await;
    let daemon = home.start().await;
    let client = daemon.client();
    let place = Place::new(client, json!({})).await;
    let category = json!({"tenant_id": place.tenant, "name": "Salas"});
    let category = id(&client.post("/categories", &category).await.is(201));
    let room = place.resource(json!({"category_id": category, "name": "Sala 1, azul"})).await;
    let date = day(3);
    let mut ids = Vec::new();
    for from in [0, 4, 8] {
        let (start, end) = half_hours(date, from, 4);
        ids.push(id(&place.book(&room, (&start, &end)).await));
    }
    client.delete(&format!("/bookings/{}", ids[0])).await.is(200);
    for status in ["confirmado", "nao_compareceu"] {
        let path = format!("/bookings/{}/status", ids[1]);
        client.put(&path, &json!({"status": status})).await.is(200);
    }
    let path = format!("/tenants/{}/reports/bookings?from={date}&to={date}", place.tenant);
    let report = client.get(&path).await.is(200);
    let row = &report["resources"][0];
    assert_eq!((&row["resource_id"], &row["category_id"]), (&json!(room), &json!(category)));
    // Two hours stand, and two hours to which nobody came, of ten.
    assert_eq!((&row["cancellations"], &row["no_shows"]), (&json!(1), &json!(1)), "{report}");
    assert_eq!(row["open_minutes"], 600);
    assert_eq!((&report["cancellations"], &report["no_shows"]), (&json!(1), &json!(1)));
    assert_eq!(report["statuses"]["pendente"], 1);
    assert_eq!(report["categories"][0]["name"], "Salas");

    let request = client.request(Method::GET, &path).header("accept", "text/csv");
    let answer = client.send(request).await.unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8; header=present");
    let mut lines = csv::Reader::from_reader(answer.text.as_bytes());
    let head = lines.headers().unwrap().clone();
    let line = lines.records().next().unwrap().unwrap();
    for (name, value) in head.iter().zip(line.iter()) {
        let told = row[name].as_str().map_or_else(|| row[name].to_string(), str::to_owned);
        let same = match (told.parse::<f64>(), value.parse::<f64>()) {
            (Ok(told), Ok(value)) => (told - value).abs() < 1e-9,
            _ => told == value,
        };
        assert!(same, "{name}: {told} and {value}");
    }
    assert_eq!(lines.records().count(), 0);
    client.get(&path.replace("to=", "until=")).await.problem(422);
    assert_eq!(daemon.stop().await.0, Some(0));
}
