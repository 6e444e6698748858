//! Which error wins, with requests that deserve several.

use serde_json::json;

use super::lab::{is, lab, problem};

#[tokio::test]
async fn each_error_gives_way_to_the_one_before() {
    let lab = lab().await;
    let reader = lab.service(&["crates:read"]);
    let huge = "x".repeat(1024 * 1024 + 1);
    let wrong = |request: reqwest::RequestBuilder| {
        request.header("content-type", "text/plain").body(huge.clone())
    };

    let answer = wrong(lab.ask("PUT", "/nowhere").header("host", "evil.example"));
    is(&problem(answer.send().await.unwrap()).await, 421, "unknown_host");
    let answer = wrong(lab.ask("POST", "/nowhere"));
    is(&problem(answer.send().await.unwrap()).await, 404, "unknown_route");
    let answer = wrong(lab.ask("PUT", "/crates")).send().await.unwrap();
    assert_eq!(answer.headers()["allow"], "GET, POST, HEAD, OPTIONS");
    is(&problem(answer).await, 405, "method_not_allowed");
    let answer = wrong(lab.ask("POST", "/crates")).send().await.unwrap();
    assert!(answer.headers().contains_key("www-authenticate"));
    is(&problem(answer).await, 401, "token_required");
    let answer = wrong(lab.ask("POST", "/crates").bearer_auth(&reader));
    is(&problem(answer.send().await.unwrap()).await, 413, "body_too_large");
    let answer = lab.ask("POST", "/crates").bearer_auth(&reader).body("{}");
    is(&problem(answer.send().await.unwrap()).await, 415, "not_json");
    let answer = lab.ask("POST", "/crates").bearer_auth(&reader).json(&json!([]));
    is(&problem(answer.send().await.unwrap()).await, 403, "forbidden");
    let answer = lab.order("PATCH", "/crates/9").json(&json!({ "count": "x" }));
    is(&problem(answer.send().await.unwrap()).await, 422, "validation_failed");
    let answer = lab.order("PATCH", "/crates/9").header("if-match", "\"8\"").json(&json!({}));
    is(&problem(answer.send().await.unwrap()).await, 404, "not_found");
}

#[tokio::test]
async fn a_stale_version_wins_over_a_broken_rule() {
    let lab = lab().await;
    lab.order("POST", "/crates").json(&json!({ "name": "a" })).send().await.unwrap();
    let change = || lab.order("PATCH", "/crates/0").json(&json!({ "count": 13 }));
    let answer = change().header("if-match", "\"8\"").send().await.unwrap();
    is(&problem(answer).await, 412, "stale_version");
    assert_eq!(change().header("if-match", "\"1\"").send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn a_slash_and_a_prefix_are_optional() {
    let lab = lab().await;
    for path in ["/crates", "/crates/", "/api/crates", "/api/crates/"] {
        assert_eq!(lab.order("GET", path).send().await.unwrap().status(), 200, "{path}");
    }
    for path in ["//crates", "/crates//", "/api/api/crates", "/apicrates", "/CRATES", "/crates/%ff"]
    {
        assert_eq!(lab.order("GET", path).send().await.unwrap().status(), 404, "{path}");
    }
    let made = lab.order("POST", "/api/crates/").json(&json!({ "name": "a" }));
    assert_eq!(made.send().await.unwrap().headers()["location"], "/api/crates/0");
}

#[tokio::test]
async fn head_is_get_without_a_body_and_options_says_what_there_is() {
    let lab = lab().await;
    let get = lab.order("GET", "/crates").send().await.unwrap();
    let head = lab.order("HEAD", "/crates").send().await.unwrap();
    assert_eq!(head.status(), 200);
    assert_eq!(head.headers()["content-type"], get.headers()["content-type"]);
    assert_eq!(head.text().await.unwrap(), "");
    let options = lab.ask("OPTIONS", "/crates").send().await.unwrap();
    assert_eq!(options.status(), 204);
    assert_eq!(options.headers()["allow"], "GET, POST, HEAD, OPTIONS");
    assert_eq!(lab.ask("TRACE", "/crates").send().await.unwrap().status(), 405);
}

#[tokio::test]
async fn a_panic_costs_one_answer_and_nothing_else() {
    let lab = lab().await;
    for method in ["POST", "GET"] {
        let answer = lab.order(method, "/crates/1/panic").send().await.unwrap();
        is(&problem(answer).await, 500, "internal");
    }
    assert_eq!(lab.order("GET", "/crates").send().await.unwrap().status(), 200);
    let answer = lab.order("GET", "/crates?broken=true").send().await.unwrap();
    let told = problem(answer).await;
    is(&told, 500, "internal");
    assert!(!told.2.to_string().contains("shelf"), "causes are for the log alone");
}

#[tokio::test]
async fn ids_tie_answers_to_logs() {
    let lab = lab().await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let answer = lab
        .ask("GET", "/crates")
        .header("x-request-id", "mine:1")
        .header("traceparent", format!("00-{trace}-00f067aa0ba902b7-01"))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.headers()["x-request-id"], "mine:1");
    assert_eq!(problem(answer).await.2["trace_id"], trace);
    for bad in ["", "a b", "é", &"x".repeat(129)] {
        let answer = lab.ask("GET", "/health").header("x-request-id", bad).send().await.unwrap();
        let id = answer.headers()["x-request-id"].to_str().unwrap();
        assert_eq!(id.len(), 36, "{bad}");
    }
    let none = "00000000000000000000000000000000";
    let answer = lab
        .ask("GET", "/crates")
        .header("traceparent", format!("00-{none}-00f067aa0ba902b7-01"))
        .send()
        .await
        .unwrap();
    assert_ne!(problem(answer).await.2["trace_id"], none);
}
