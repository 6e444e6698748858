//! Calls from web pages of other origins.

use reqwest::Response;

use super::lab::{Lab, lab, lab_with};
use crate::config::ApiSettings;

async fn preflight(lab: &Lab, origin: &str) -> Response {
    lab.ask("OPTIONS", "/crates")
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization, X-Own, content-type")
        .send()
        .await
        .unwrap()
}

fn header<'a>(answer: &'a Response, name: &str) -> Option<&'a str> {
    answer.headers().get(name).map(|value| value.to_str().unwrap())
}

#[tokio::test]
async fn in_development_every_page_may_call() {
    let lab = lab().await;
    let answer = preflight(&lab, "https://app.example").await;
    assert_eq!(answer.status(), 204);
    assert_eq!(header(&answer, "access-control-allow-origin"), Some("*"));
    assert_eq!(header(&answer, "access-control-allow-methods"), Some("GET, POST, HEAD, OPTIONS"));
    let named = Some("authorization, x-own, content-type");
    assert_eq!(header(&answer, "access-control-allow-headers"), named);
    assert_eq!(header(&answer, "access-control-max-age"), Some("600"));
    assert_eq!(header(&answer, "access-control-allow-credentials"), None);
    let refused = lab.ask("GET", "/crates").header("origin", "https://app.example");
    let refused = refused.send().await.unwrap();
    assert_eq!(refused.status(), 401);
    assert_eq!(header(&refused, "access-control-allow-origin"), Some("*"));
    let exposed = header(&refused, "access-control-expose-headers").unwrap();
    for name in ["ETag", "Link", "Location", "X-Request-Id", "Retry-After", "Idempotent-Replayed"] {
        assert!(exposed.contains(name), "{name}");
    }
}

#[tokio::test]
async fn listed_origins_may_call_and_others_may_not() {
    let mut settings = ApiSettings::default();
    settings.cors.origins = vec!["https://app.example/".to_owned()];
    settings.cors.allow_credentials = true;
    let lab = lab_with(settings.clone()).await;
    let answer = preflight(&lab, "https://app.example").await;
    assert_eq!(header(&answer, "access-control-allow-origin"), Some("https://app.example"));
    assert_eq!(header(&answer, "access-control-allow-credentials"), Some("true"));
    assert!(answer.headers().get_all("vary").iter().any(|value| value == "Origin"));
    let others = [
        "https://app.example.evil.example",
        "http://app.example",
        "https://app.example:444",
        "https://evil.example",
        "null",
        "https://app.exampl",
        "app.example",
    ];
    for origin in others {
        let answer = preflight(&lab, origin).await;
        assert_eq!(header(&answer, "access-control-allow-origin"), None, "{origin}");
        assert_eq!(header(&answer, "access-control-allow-methods"), None, "{origin}");
    }
    settings.cors.enabled = false;
    lab.api.configure(&settings);
    let answer = preflight(&lab, "https://app.example").await;
    assert_eq!(header(&answer, "access-control-allow-origin"), None);
}
