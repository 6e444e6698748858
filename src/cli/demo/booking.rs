//! A calendar that cannot collide, and a tenant's system that hears of it.

use reqwest::Method;
use secrecy::SecretString;
use serde_json::{Value, json};
use zelador_actors::engine::webhooks::rules::sign;
use zelador_actors::engine::webhooks::sink::{Got, Say, Sink};

use super::guide::{Guide, Stop};
use super::scene::{Scene, ZONE, day, id, of};

/// Longer than the shortest that is taken.
const SECRET: &str = "the-demo-signs-with-this-0123456789";

/// Tells it.
pub(super) async fn tell(guide: &mut Guide, scene: &mut Scene) -> Result<(), Stop> {
    guide.chapter("Booking", "a calendar that cannot collide");
    let tenant = tenant(guide, scene).await?;
    let sink = hook(guide, &tenant).await?;
    let (room, ana) = cast(guide, scene, &tenant).await?;
    let (date, path) = (day(3), format!("resources/{room}/availability?date={}", day(3)));
    let free = guide.ask("what is free that day", Method::GET, &path, None, 200).await?;
    let slots = of(&free, "slots").as_array().map_or(0, Vec::len);
    guide.check(&format!("{slots} slots, in the time of {ZONE}"), slots > 0)?;
    let draft = json!({ "resource_id": room, "user_id": ana,
        "start_time": format!("{date}T10:00"), "end_time": format!("{date}T11:00") });
    let made = post(guide, "Ana books an hour", "bookings", draft.clone(), 201).await?;
    guide.check(
        "it is confirmed at once, as the tenant wants it",
        of(&made, "status") == "confirmado",
    )?;
    collide(guide, &draft).await?;
    series(guide, &room, &ana).await?;
    let path = format!("bookings/{}/cancel", id(&made));
    let gone =
        post(guide, "the first is called off", &path, json!({ "reason": "chuva" }), 200).await?;
    guide.check("and its slot is free again", of(&gone, "status") == "cancelado")?;
    heard(guide, &sink).await
}

async fn post(
    guide: &mut Guide,
    what: &str,
    path: &str,
    body: Value,
    status: u16,
) -> Result<Value, Stop> {
    guide.ask(what, Method::POST, path, Some(body), status).await
}

async fn tenant(guide: &mut Guide, scene: &mut Scene) -> Result<String, Stop> {
    let draft = json!({ "name": "Academia Sol", "domain": format!("demo-{}.example", scene.tag),
        "settings": { "timezone": ZONE, "auto_confirm": true } });
    let made = post(guide, "a tenant, with rules of its own", "tenants", draft, 201).await?;
    let tenant = id(&made);
    scene.tenant = Some(tenant.clone());
    Ok(tenant)
}

async fn hook(guide: &mut Guide, tenant: &str) -> Result<Sink, Stop> {
    let sink = Sink::start(|_| Say::Status(204)).await.ok();
    guide.check("a receiver of webhooks listens on this machine", sink.is_some())?;
    let sink = sink.ok_or(Stop)?;
    let draft = json!({ "url": sink.url(), "secret": SECRET,
        "events": ["booking.created", "booking.cancelled"] });
    let path = format!("tenants/{tenant}/webhooks");
    post(guide, "its own system wants to hear of bookings", &path, draft, 201).await?;
    Ok(sink)
}

async fn cast(
    guide: &mut Guide,
    scene: &mut Scene,
    tenant: &str,
) -> Result<(String, String), Stop> {
    let draft = json!({ "tenant_id": tenant, "name": "Salas", "type": "fisico" });
    let category = post(guide, "a category", "categories", draft, 201).await?;
    let draft = json!({ "tenant_id": tenant, "name": "Sala 1", "category_id": id(&category) });
    let room = post(guide, "a room", "resources", draft, 201).await?;
    let draft = json!({ "tenant_id": tenant, "name": "Ana Souza",
        "email": scene.email() });
    let ana = id(&post(guide, "and Ana, who may book", "users", draft, 201).await?);
    scene.ana = Some(ana.clone());
    Ok((id(&room), ana))
}

async fn collide(guide: &mut Guide, draft: &Value) -> Result<(), Stop> {
    let no = post(guide, "the same hour again", "bookings", draft.clone(), 409).await?;
    let nearest = of(&no, "nearest").as_array().map_or(0, Vec::len);
    let named = of(&no, "conflicts").as_array().is_some_and(|all| all.len() == 1);
    guide.check(
        "the refusal names what is in the way, and what is free nearby",
        named && nearest > 0,
    )
}

async fn series(guide: &mut Guide, room: &str, ana: &str) -> Result<(), Stop> {
    let (first, last) = (day(4), day(4 + 14));
    let draft = json!({ "resource_id": room, "user_id": ana,
        "start_time": format!("{first}T14:00"), "end_time": format!("{first}T15:00"),
        "recurring_enabled": true,
        "recurring_pattern": { "frequency": "weekly", "end_date": last } });
    let made =
        post(guide, "every week at two, three times, all or none", "bookings", draft, 201).await?;
    let count = of(&made, "occurrences").as_array().map_or(0, Vec::len);
    guide.check("three bookings in one commit", count == 3)
}

/// The receiver was told, and can tell that it was us.
async fn heard(guide: &mut Guide, sink: &Sink) -> Result<(), Stop> {
    let secret = SecretString::from(SECRET.to_owned());
    let is_ours = |got: &Got| got.header("x-webhook-signature") == sign::plain(&secret, &got.body);
    let told = |event: &str| {
        let event = format!("\"{event}\"");
        let mut all = sink.got().into_iter();
        all.find(|got| got.body.contains(&event) && is_ours(got)).map(|got| got.body)
    };
    guide.wait("its system was told, signed", || told("booking.created")).await?;
    guide.wait("of what was called off, too", || told("booking.cancelled")).await
}
