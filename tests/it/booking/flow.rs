//! The flow of the document that the project was ordered with, step by step, as it
//! is printed there: its days are moved into the future, and the caller is known.

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};
use serde_json::{Value, json};

use super::{day, id};
use crate::harness::{Client, Home, PATIENCE, eventually};

/// The first such day of the week that is at least two days ahead.
fn next(weekday: Weekday) -> Date {
    (2..9).map(day).find(|date| date.weekday() == weekday).unwrap()
}

struct Flow {
    client: Client,
    tenant: String,
    user: String,
    resource: String,
    friday: Date,
}

#[tokio::test]
async fn the_ten_steps_work_as_they_are_printed() {
    let home = Home::new("").await;
    let daemon = home.start().await;
    let flow = Flow::begin(daemon.client()).await;
    let booking = flow.book().await;
    let series = flow.every_wednesday().await;
    flow.collide(&booking).await;
    flow.list(&booking, &series).await;
    flow.delete_resource(&booking, &series).await;
    flow.delete_user().await;
    flow.delete_tenant(&booking).await;
    assert_eq!(daemon.stop().await.0, Some(0));
    let (code, out, err) = home.run(["check-store"]).await;
    assert_eq!(code, 0, "{out}{err}");
}

impl Flow {
    /// Steps 1 to 4.
    async fn begin(client: &Client) -> Self {
        let tenant = json!({
            "name": "Academia Fit",
            "domain": "academia-fit.com",
            "logo_url": "https://exemplo.com/logo.png",
            "theme_primary_color": "#FF5722",
            "plan": "profissional",
            "settings": {
                "business_type": "fitness",
                "timezone": "America/Sao_Paulo",
                "working_hours_start": "06:00:00",
                "working_hours_end": "22:00:00",
                "booking_interval": 60,
                "advance_booking_days": 30,
                "cancellation_hours": 24,
                "custom_labels": {
                    "resource_singular": "Sala",
                    "resource_plural": "Salas",
                    "booking_label": "Aula",
                    "user_label": "Aluno"
                }
            }
        });
        let tenant = id(&client.post("/tenants/", &tenant).await.is(201));
        let user = json!({
            "tenant_id": tenant,
            "name": "João Silva",
            "email": "joao.silva@academiafit.com",
            "user_type": "user",
            "permissions": {"can_book": true}
        });
        let user = id(&client.post("/users/", &user).await.is(201));
        let category = json!({
            "tenant_id": tenant,
            "name": "Salas de Aula",
            "description": "Espaços para aulas coletivas",
            "type": "fisico",
            "icon": "room",
            "color": "#4CAF50"
        });
        let category = id(&client.post("/categories/", &category).await.is(201));
        let resource = json!({
            "tenant_id": tenant,
            "category_id": category,
            "name": "Sala 1 - Spinning",
            "description": "Sala equipada para aulas de spinning",
            "capacity": 20,
            "location": "Andar 2"
        });
        let resource = id(&client.post("/resources/", &resource).await.is(201));
        let friday = next(Weekday::Friday);
        Self { client: client.clone(), tenant, user, resource, friday }
    }

    fn wish(&self, start: &str, end: &str) -> Value {
        json!({
            "tenant_id": self.tenant,
            "resource_id": self.resource,
            "user_id": self.user,
            "client_id": self.user,
            "start_time": start,
            "end_time": end
        })
    }

    /// Step 5.
    async fn book(&self) -> Value {
        let (start, end) =
            (format!("{}T14:00:00Z", self.friday), format!("{}T15:00:00Z", self.friday));
        let mut wish = self.wish(&start, &end);
        wish["notes"] = json!("Aula de Spinning - Iniciantes");
        let answer = self.client.post("/bookings/", &wish).await;
        let booking = answer.is(201);
        assert_eq!(booking["status"], "pendente");
        for (name, value) in wish.as_object().unwrap() {
            assert_eq!(&booking[name], value, "{name}");
        }
        assert_eq!(answer.header("location"), format!("/bookings/{}", id(&booking)));
        assert_eq!(answer.header("etag"), "\"1\"");
        booking
    }

    /// Step 5.1: one for each Wednesday until the end that is named.
    async fn every_wednesday(&self) -> Value {
        let first = next(Weekday::Wednesday);
        let last = first.checked_add(21.days()).unwrap();
        let mut wish = self.wish(&format!("{first}T14:00:00Z"), &format!("{first}T15:00:00Z"));
        wish["notes"] = json!("Reunião semanal de equipe");
        wish["recurring_enabled"] = json!(true);
        wish["recurring_pattern"] = json!({
            "frequency": "weekly",
            "interval": 1,
            "end_date": format!("{last}T23:59:59Z"),
            "days_of_week": [2]
        });
        let series = self.client.post("/bookings/", &wish).await.is(201);
        let starts: Vec<_> = series["occurrences"].as_array().unwrap().iter().collect();
        let expected = [0, 7, 14, 21].map(|days| first.checked_add(days.days()).unwrap());
        assert_eq!(starts.len(), expected.len(), "{series}");
        for (one, date) in starts.iter().zip(expected) {
            assert_eq!(one["start_time"], format!("{date}T14:00:00Z"));
            assert_eq!(one["end_time"], format!("{date}T15:00:00Z"));
            assert_eq!(date.weekday(), Weekday::Wednesday);
        }
        assert!(series["series_id"].is_string());
        assert_eq!(series["recurring_enabled"], true);
        series
    }

    /// Step 6: what overlaps is told what stands in its way, though it would not
    /// lie on the hour either.
    async fn collide(&self, booking: &Value) {
        let (start, end) =
            (format!("{}T14:30:00Z", self.friday), format!("{}T15:30:00Z", self.friday));
        let answer = self.client.post("/bookings/", &self.wish(&start, &end)).await;
        let problem = answer.refused(409, "conflict");
        assert_eq!(problem["success"], false);
        assert_eq!(problem["message"], "Recurso já possui reserva neste intervalo");
        let conflict = json!({
            "booking_id": booking["id"],
            "start_time": booking["start_time"],
            "end_time": booking["end_time"]
        });
        assert_eq!(problem["conflicts"], json!([conflict]));
    }

    /// Step 7.
    async fn list(&self, booking: &Value, series: &Value) {
        let path = format!("/bookings/?tenant_id={}", self.tenant);
        let listed = self.client.get(&path).await.is(200);
        let listed = listed.as_array().unwrap();
        assert_eq!(listed.len(), 5);
        for one in listed {
            assert!(one["can_cancel"].is_boolean(), "{one}");
        }
        let ids: Vec<_> = listed.iter().map(id).collect();
        assert!(ids.contains(&id(booking)) && ids.contains(&id(series)));
        let starts: Vec<_> = listed.iter().map(|one| one["start_time"].as_str()).collect();
        assert!(starts.is_sorted(), "{starts:?}");
    }

    /// Step 8: the bookings of the resource are called off.
    async fn delete_resource(&self, booking: &Value, series: &Value) {
        // One of the person's on another resource stays, for the next step.
        self.client.delete(&format!("/resources/{}", self.resource)).await.is(204);
        let occurrences = series["occurrences"].as_array().unwrap();
        for one in occurrences.iter().chain([booking]) {
            let ended = self.becomes(&id(one), "cancelado").await;
            assert_eq!(ended["cancelled_by"], "system");
            assert_eq!(ended["cancellation_reason"], "resource_deleted");
            assert_eq!(ended["can_cancel"], false);
        }
        let told = self.client.get("/events?type=booking.cancelled").await.is(200);
        assert_eq!(told.as_array().unwrap().len(), 5);
        assert_eq!(told[0]["data"]["resource_id"], self.resource);
    }

    /// Step 9: so are those of the user.
    async fn delete_user(&self) {
        let draft = json!({"tenant_id": self.tenant, "name": "Sala 2"});
        let other = id(&self.client.post("/resources/", &draft).await.is(201));
        let (start, end) =
            (format!("{}T14:00:00Z", self.friday), format!("{}T15:00:00Z", self.friday));
        let mut wish = self.wish(&start, &end);
        wish["resource_id"] = json!(other);
        let booking = self.client.post("/bookings/", &wish).await.is(201);
        self.client.delete(&format!("/users/{}", self.user)).await.is(204);
        let ended = self.becomes(&id(&booking), "cancelado").await;
        assert_eq!(ended["cancelled_by"], "system");
    }

    /// Step 10: nothing of the tenant is left.
    async fn delete_tenant(&self, booking: &Value) {
        self.client.delete(&format!("/tenants/{}", self.tenant)).await.is(204);
        self.client.get(&format!("/bookings/{}", id(booking))).await.is(404);
        let path = format!("/bookings/?tenant_id={}", self.tenant);
        assert_eq!(self.client.get(&path).await.is(200), json!([]));
        eventually("the purge ends", PATIENCE, || async {
            let jobs = self.client.get("/jobs?kind=tenant.purge&state=succeeded").await.is(200);
            jobs[0].is_object().then_some(())
        })
        .await;
    }

    async fn becomes(&self, booking: &str, status: &str) -> Value {
        let path = format!("/bookings/{booking}");
        eventually(status, PATIENCE, || async {
            let found = self.client.get(&path).await.is(200);
            (found["status"] == status).then_some(found)
        })
        .await
    }
}
