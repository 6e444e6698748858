//! Each row of what is known about the upstream, by the real client over HTTP; and
//! the sandbox's own word about itself.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use zelador_actors::wispro::port::{Port, Upstream as _};
use zelador_actors::wispro::rules::client::{FieldPaths, Row, read as read_row};
use zelador_actors::wispro::rules::envelope::{Sheet, Trouble, read};
use zelador_actors::wispro::{Http, Token, WisproSettings};

use super::{Faults, Population, Sandbox, TOKEN};

fn settings(sandbox: &Sandbox) -> WisproSettings {
    WisproSettings {
        base_url: sandbox.base_url(),
        token: Token::new(TOKEN.to_owned()),
        request_timeout_seconds: 2,
        ..WisproSettings::default()
    }
}

async fn bench(population: Population) -> (Sandbox, Arc<dyn Port>) {
    let sandbox = Sandbox::start(population).await.unwrap();
    let port = Http.open(&settings(&sandbox)).unwrap();
    (sandbox, port)
}

async fn ask(port: &Arc<dyn Port>, page: u32, per_page: u32) -> Result<Sheet, Trouble> {
    port.page(page, per_page).await.and_then(|answer| read(&answer, 0))
}

fn ids(sheet: &Sheet) -> Vec<String> {
    sheet.rows.iter().map(|row| row["id"].to_string()).collect()
}

#[tokio::test]
async fn pages_are_as_documented() {
    let (sandbox, port) =
        bench(Population { clients: 45, messy: false, ..Population::default() }).await;
    let first = ask(&port, 1, 20).await.unwrap();
    let told = first.pagination.unwrap();
    assert_eq!(
        (told.total_records, told.total_pages, told.current_page),
        (Some(45), Some(3), Some(1))
    );
    assert_eq!(first.rows.len(), 20);
    assert_eq!(ask(&port, 3, 20).await.unwrap().rows.len(), 5);
    assert_eq!(ask(&port, 4, 20).await.unwrap().rows.len(), 0);
    assert_eq!(sandbox.asked(), 3);
    let plain = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/clients?updated_at_gteq=2099-01-01", sandbox.base_url());
    let answer = plain.get(url).header("authorization", TOKEN).send().await.unwrap();
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["meta"]["pagination"]["per_page"], 20, "20 by default");
    assert_eq!(body["meta"]["pagination"]["total_records"], 45, "an unknown filter is ignored");
}

#[tokio::test]
async fn the_token_goes_bare() {
    let (sandbox, _) = bench(Population::default()).await;
    for wrong in [format!("Bearer {TOKEN}"), "other".to_owned(), String::new()] {
        let settings = WisproSettings { token: Token::new(wrong), ..settings(&sandbox) };
        let port = Http.open(&settings).unwrap();
        assert_eq!(ask(&port, 1, 20).await, Err(Trouble::Unauthorized));
    }
}

#[tokio::test]
async fn every_way_to_fail_is_told_apart() {
    let (sandbox, port) = bench(Population::default()).await;
    let (order, asked) = (&sandbox, &port);
    let passing = |faults: Faults| async move {
        order.faults(faults.clone());
        let trouble = ask(asked, 1, 20).await.unwrap_err();
        assert!(matches!(trouble, Trouble::Passing { .. }), "{faults:?}: {trouble:?}");
        trouble
    };
    passing(Faults { html: true, ..Faults::default() }).await;
    passing(Faults { no_data: true, ..Faults::default() }).await;
    passing(Faults { cut: true, ..Faults::default() }).await;
    passing(Faults { status: Some(500), ..Faults::default() }).await;
    passing(Faults { http: Some(502), ..Faults::default() }).await;
    passing(Faults { slow_ms: 5000, ..Faults::default() }).await;
    let later = Faults { http: Some(429), retry_after: Some(7), ..Faults::default() };
    let Trouble::Passing { after, .. } = passing(later).await else { panic!() };
    assert_eq!(after, Some(Duration::from_secs(7)));
    for (status, expected) in [(401, Trouble::Unauthorized), (402, Trouble::PaymentRequired)] {
        sandbox.faults(Faults { status: Some(status), ..Faults::default() });
        assert_eq!(ask(&port, 1, 20).await, Err(expected));
    }
    // So many times, and from a page on.
    sandbox.faults(Faults { status: Some(500), times: 1, from_page: 2, ..Faults::default() });
    assert!(ask(&port, 1, 20).await.is_ok());
    assert!(ask(&port, 2, 20).await.is_err());
    assert!(ask(&port, 2, 20).await.is_ok());
}

#[tokio::test]
async fn the_order_of_pages_may_move() {
    let (sandbox, port) = bench(Population { messy: false, ..Population::default() }).await;
    let before = ids(&ask(&port, 1, 20).await.unwrap());
    assert_eq!(ids(&ask(&port, 1, 20).await.unwrap()), before);
    sandbox.faults(Faults { shifting: true, ..Faults::default() });
    assert_ne!(ids(&ask(&port, 1, 20).await.unwrap()), ids(&ask(&port, 1, 20).await.unwrap()));
    sandbox.faults(Faults { same_page: true, ..Faults::default() });
    assert_eq!(ids(&ask(&port, 2, 20).await.unwrap()), before);
    sandbox.faults(Faults { no_pagination: true, ..Faults::default() });
    assert_eq!(ask(&port, 1, 20).await.unwrap().pagination, None);
}

#[tokio::test]
async fn a_redirect_is_not_followed_with_the_token() {
    let (sandbox, port) = bench(Population::default()).await;
    sandbox.faults(Faults { http: Some(302), ..Faults::default() });
    assert!(matches!(ask(&port, 1, 20).await, Err(Trouble::Refused { status: 302, .. })));
}

#[tokio::test]
async fn its_faults_can_be_ordered_over_http() {
    let (sandbox, port) = bench(Population::default()).await;
    let plain = reqwest::Client::builder().no_proxy().build().unwrap();
    let order = serde_json::json!({ "status": 402 });
    let url = format!("http://{}/sandbox/faults", sandbox.address);
    plain.post(url).json(&order).send().await.unwrap();
    assert_eq!(ask(&port, 1, 20).await, Err(Trouble::PaymentRequired));
}

#[test]
fn the_same_seed_makes_the_same_people() {
    let population = Population::default();
    let all =
        |population: &Population| (0..300).map(|at| population.client(at)).collect::<Vec<_>>();
    assert_eq!(all(&population), all(&population));
    assert_ne!(all(&population), all(&Population { seed: 2, ..population.clone() }));
}

#[test]
fn its_people_are_as_messy_as_real_ones() {
    let population = Population { clients: 1000, ..Population::default() };
    let rows = (0..1000).map(|at| read_row(&population.client(at), &FieldPaths::default()));
    let (mut nameless, mut numberless, mut junk, mut no_id) = (0, 0, 0, 0);
    for row in rows {
        match row {
            Row::NoId => no_id += 1,
            Row::Client(_, client) => {
                nameless += u32::from(client.name.is_none());
                numberless += u32::from(client.id_number.is_none());
                junk += u32::from(client.email_malformed);
            }
        }
    }
    assert_eq!((nameless, numberless, junk, no_id), (10, 20, 10, 10));
}
