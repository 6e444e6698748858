//! Bookings, waitlists, and what is read of a calendar.

use jiff::ToSpan as _;
use serde_json::{Value, json};
use zelador_actors::engine::Clock;

use super::{Call, Owner, World};

pub(super) const ROUTES: &[&str] = &[
    "POST /bookings",
    "GET /bookings",
    "GET /bookings/{id}",
    "PUT /bookings/{id}",
    "PATCH /bookings/{id}",
    "DELETE /bookings/{id}",
    "POST /bookings/{id}/cancel",
    "PUT /bookings/{id}/status",
    "GET /resources/{id}/availability",
    "GET /resources/{id}/explain",
    "POST /resources/{id}/waitlist",
    "GET /resources/{id}/waitlist",
    "DELETE /resources/{id}/waitlist/{entry_id}",
    "POST /resources/{id}/calendar-token",
    "DELETE /resources/{id}/calendar-token",
    "GET /calendars/{token}.ics",
    "GET /tenants/{id}/reports/bookings",
];

pub(super) const OWN_LISTS: &[&str] = &["GET /bookings", "GET /resources/{id}/waitlist"];

/// A resource of its own, and who books it: somebody, or this person.
struct Made<'a> {
    world: &'a World,
    owner: &'a Owner,
    resource: String,
    user: String,
    /// The day of all that is booked here.
    day: String,
}

pub(super) async fn call(world: &World, name: &str, owner: &Owner, person: Option<&str>) -> Call {
    let made = Made::new(world, owner, person).await;
    if name.contains("/bookings") && !name.contains("reports") {
        made.booking(name).await
    } else if name.contains("/waitlist") {
        made.waitlist(name).await
    } else {
        made.calendar(name).await
    }
}

impl<'a> Made<'a> {
    async fn new(world: &'a World, owner: &'a Owner, person: Option<&str>) -> Self {
        let draft = json!({"tenant_id": owner.tenant, "name": format!("A room of {}", owner.mark)});
        // Other cases change the tenant's own rules.
        let mut room = draft.clone();
        room["settings"] = json!({"booking_interval": 60, "min_notice_minutes": 0});
        let resource = post(world, "/resources", &room).await;
        let user = match person {
            Some(person) => person.to_owned(),
            None => post(world, "/users", &draft).await,
        };
        // Far enough ahead that it can be called off.
        let day = Clock::system().now().to_jiff().to_zoned(jiff::tz::TimeZone::UTC).date();
        let day = day.checked_add(3.days()).unwrap().to_string();
        Self { world, owner, resource, user, day }
    }

    /// The hour that everybody wants.
    fn hour(&self) -> Value {
        json!({"start_time": format!("{}T10:00", self.day), "end_time": format!("{}T11:00", self.day),
            "user_id": self.user})
    }

    fn wish(&self) -> Value {
        let mut wish = self.hour();
        wish["tenant_id"] = json!(self.owner.tenant);
        wish["resource_id"] = json!(self.resource);
        wish["notes"] = json!(format!("Of {}", self.owner.mark));
        wish
    }

    async fn booking(&self, name: &str) -> Call {
        let call = Call::new(name);
        if name == "POST /bookings" {
            let call = call.body(self.wish()).naming(&self.owner.tenant);
            return call.naming(&self.resource).naming(&self.user);
        }
        let mut wish = self.wish();
        if name.ends_with("status") {
            // What its owner may turn into a booking.
            wish["hold_seconds"] = json!(3600);
        }
        let id = post(self.world, "/bookings", &wish).await;
        match name {
            "GET /bookings" => call,
            "PUT /bookings/{id}" | "PATCH /bookings/{id}" => {
                call.at(&id).body(json!({"notes": format!("Number {}", self.world.next())}))
            }
            "PUT /bookings/{id}/status" => call.at(&id).body(json!({"status": "pendente"})),
            "POST /bookings/{id}/cancel" => call.at(&id).body(json!({"reason": self.owner.mark})),
            _ => call.at(&id),
        }
    }

    async fn waitlist(&self, name: &str) -> Call {
        // Somebody else has the place.
        let mut taken = self.wish();
        let person = json!({"tenant_id": self.owner.tenant, "name": "Somebody else"});
        taken["user_id"] = json!(post(self.world, "/users", &person).await);
        post(self.world, "/bookings", &taken).await;
        let call = Call::new(name).at(&self.resource);
        let path = format!("/resources/{}/waitlist", self.resource);
        if name.starts_with("POST") {
            return call.body(self.hour()).naming(&self.user);
        }
        let entry = post(self.world, &path, &self.hour()).await;
        if name.starts_with("DELETE") { call.at(&entry) } else { call }
    }

    async fn calendar(&self, name: &str) -> Call {
        let (call, day) = (Call::new(name), &self.day);
        match name {
            "GET /resources/{id}/availability" => {
                call.at(&self.resource).query(&format!("date={day}"))
            }
            "GET /resources/{id}/explain" => {
                let asked = format!("start={day}T10:00&end={day}T11:00");
                call.at(&self.resource).query(&asked)
            }
            "GET /tenants/{id}/reports/bookings" => {
                call.at(&self.owner.tenant).query(&format!("from={day}&to={day}"))
            }
            "POST /resources/{id}/calendar-token" => call.at(&self.resource),
            _ => {
                let path = format!("/resources/{}/calendar-token", self.resource);
                let made = self.world.operator.post(&path, &json!({})).await.is(201);
                if name.starts_with("DELETE") {
                    return call.at(&self.resource);
                }
                call.with(made["token"].as_str().unwrap())
            }
        }
    }
}

async fn post(world: &World, path: &str, draft: &Value) -> String {
    let made = world.operator.post(path, draft).await.is(201);
    made["id"].as_str().unwrap().to_owned()
}
