//! What comes in: shapes, bounds, merges.

use serde_json::{Value, json};

use super::lab::{is, lab, problem, status};

fn codes(told: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let one = |error: &Value| (text(&error["field"]), text(&error["code"]));
    let mut codes: Vec<_> = told["errors"].as_array().unwrap().iter().map(one).collect();
    codes.sort();
    codes
}

#[tokio::test]
async fn all_that_is_wrong_is_said_at_once() {
    let lab = lab().await;
    let body = json!({
        "count": 0, "size": "tiny", "label": { "street": 7, "zone": "Mars/X", "x": 1 },
        "email": "nope", "days": [1, -1, "x"], "extra": 3, "b": 1,
    });
    let answer = lab.order("POST", "/crates").header("accept-language", "en").json(&body);
    let told = problem(answer.send().await.unwrap()).await;
    is(&told, 422, "validation_failed");
    let expected = [
        ("b", "unknown_field"),
        ("count", "minimum"),
        ("days[1]", "minimum"),
        ("days[2]", "type"),
        ("email", "format"),
        ("extra", "type"),
        ("label.street", "type"),
        ("label.x", "unknown_field"),
        ("label.zone", "format"),
        ("name", "required"),
        ("size", "enum"),
    ];
    let expected = expected.map(|(field, code)| (field.to_owned(), code.to_owned()));
    assert_eq!(codes(&told.2), expected);
    for error in told.2["errors"].as_array().unwrap() {
        let message = error["message"].as_str().unwrap();
        assert!(!message.starts_with("field-") && message.ends_with('.') || message.contains(": "));
    }
}

#[tokio::test]
async fn a_query_is_checked_like_a_body() {
    let lab = lab().await;
    let told = |path: &'static str| {
        let request = lab.order("GET", path);
        async move {
            let told = problem(request.send().await.unwrap()).await;
            is(&told, 422, "validation_failed");
            codes(&told.2)
        }
    };
    let one = |field: &str, code: &str| vec![(field.to_owned(), code.to_owned())];
    assert_eq!(told("/crates?colour=red").await, one("colour", "unknown_parameter"));
    assert_eq!(told("/crates?size=tiny").await, one("size", "enum"));
    assert_eq!(told("/crates?least=many").await, one("least", "type"));
    assert_eq!(told("/crates?least=0").await, one("least", "minimum"));
    assert_eq!(told("/crates?least=1&least=2").await, one("least", "repeated_parameter"));
    assert_eq!(told("/crates?broken=maybe").await, one("broken", "type"));
    assert_eq!(told("/crates?limit=0").await, one("limit", "range"));
    assert_eq!(told("/crates?limit=501").await, one("limit", "range"));
    assert_eq!(told("/crates?cursor=zz").await, one("cursor", "cursor"));
    assert_eq!(told("/crates/0?limit=5").await, one("limit", "unknown_parameter"));
    assert_eq!(told("/crates?size=%ff").await, one("size", "encoding"));
}

#[tokio::test]
async fn what_is_not_sound_json_is_refused() {
    let lab = lab().await;
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let cases = [
        ("{", 400, "malformed_json"),
        ("{\"name\": \"a\"} x", 400, "malformed_json"),
        ("{\"name\": 01}", 400, "malformed_json"),
        ("{\"name\": NaN}", 400, "malformed_json"),
        ("{\"count\": 1e999}", 400, "malformed_json"),
        ("\u{feff}{}", 400, "malformed_json"),
        ("{\"name\": \"\\ud800\"}", 400, "malformed_json"),
        ("{\"name\": \"a\", \"name\": \"b\"}", 400, "repeated_key"),
        ("{\"label\": {\"a\": 1, \"\\u0061\": 2}}", 400, "repeated_key"),
        (&deep(33), 400, "json_too_deep"),
        (&deep(100_000), 400, "json_too_deep"),
        (&deep(32), 422, "validation_failed"),
        ("null", 422, "validation_failed"),
        ("", 422, "validation_failed"),
    ];
    for (body, status, code) in cases {
        let answer = lab.order("POST", "/crates").header("content-type", "application/json");
        let answer = answer.body(body.to_owned()).send().await.unwrap();
        is(&problem(answer).await, status, code);
    }
}

#[tokio::test]
async fn the_kind_of_a_body_must_be_json_in_utf8() {
    let lab = lab().await;
    let send = |kind: &'static str| {
        let request = lab.order("POST", "/crates").header("content-type", kind);
        async move { request.body(r#"{"name":"a"}"#).send().await.unwrap().status().as_u16() }
    };
    for kind in
        ["application/json", "Application/JSON; charset=\"UTF-8\"", "application/merge-patch+json"]
    {
        assert_eq!(send(kind).await, 201, "{kind}");
    }
    for kind in
        ["text/json", "application/json; charset=latin1", "application/x-www-form-urlencoded", ""]
    {
        assert_eq!(send(kind).await, 415, "{kind}");
    }
    let bare = lab.order("POST", "/crates/0/panic");
    assert_eq!(bare.send().await.unwrap().status(), 500, "no members, no body, no type");
}

#[tokio::test]
async fn a_body_may_have_one_mebibyte_and_no_more() {
    let lab = lab().await;
    let body = |length: usize| {
        let frame = r#"{"name":"a","extra":{"x":""}}"#.len();
        format!(r#"{{"name":"a","extra":{{"x":"{}"}}}}"#, "y".repeat(length - frame))
    };
    let send = |body: reqwest::Body| {
        let request = lab.order("POST", "/crates").header("content-type", "application/json");
        async move { request.body(body).send().await.unwrap().status().as_u16() }
    };
    let limit = 1024 * 1024;
    assert_eq!(send(body(limit).into()).await, 201);
    assert_eq!(send(body(limit + 1).into()).await, 413);
    // Without a length that would give it away.
    let chunked = |text: String| {
        let parts: Vec<_> = text.into_bytes().chunks(10_000).map(<[u8]>::to_vec).collect();
        reqwest::Body::wrap_stream(futures::stream::iter(parts.into_iter().map(Ok::<_, String>)))
    };
    assert_eq!(send(chunked(body(limit))).await, 201);
    assert_eq!(send(chunked(body(3 * limit))).await, 413);
}

#[tokio::test]
async fn a_change_merges() {
    let lab = lab().await;
    let first = json!({
        "name": "a", "count": 5, "days": [1, 2], "email": "a@b.example",
        "label": { "street": "Rua A", "zone": "America/Caracas" }, "extra": { "x": 1, "y": 2 },
    });
    lab.order("POST", "/crates").json(&first).send().await.unwrap();
    let change = |patch: Value| {
        let request = lab.order("PATCH", "/crates/0").json(&patch);
        async move { request.send().await.unwrap() }
    };
    let patch = json!({
        "id": 0, "version": 1, "size": "small", "count": null, "email": null, "days": [3],
        "label": { "zone": null }, "extra": { "x": null, "z": 3 },
    });
    let answer = change(patch).await;
    assert_eq!(answer.headers()["etag"], "\"2\"");
    let now: Value = answer.json().await.unwrap();
    assert_eq!(
        now,
        json!({
            "id": 0, "name": "a", "count": 1, "size": "small", "email": null, "days": [3],
            "label": { "street": "Rua A", "zone": "America/Sao_Paulo" },
            "extra": { "y": 2, "z": 3 }, "version": 2,
        })
    );
    let cases = [
        (json!({ "version": 7 }), "version", "read_only"),
        (json!({ "size": "large" }), "size", "read_only"),
        (json!({ "name": null }), "name", "required"),
        (json!({ "colour": "red" }), "colour", "unknown_field"),
        (json!({ "label": { "street": 3 } }), "label.street", "type"),
        (json!({ "days": ["x"] }), "days[0]", "type"),
        (json!({ "days": [300] }), "days[0]", "invalid"),
    ];
    for (patch, field, code) in cases {
        let told = problem(change(patch).await).await;
        is(&told, 422, "validation_failed");
        assert_eq!(codes(&told.2), [(field.to_owned(), code.to_owned())]);
    }
}

#[tokio::test]
async fn heads_have_bounds() {
    let lab = lab().await;
    let head = |target: &str, more: &str| {
        format!("GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{more}\r\n")
    };
    let target = |length: usize| format!("/health?{}", "x".repeat(length - "/health?".len()));
    assert_eq!(status(&lab.raw(head(&target(8 * 1024), "")).await), 422);
    assert_eq!(status(&lab.raw(head(&target(8 * 1024 + 1), "")).await), 414);
    let lines =
        |count: usize| (0..count).fold(String::new(), |lines, n| format!("{lines}X-{n}: 1\r\n"));
    assert_eq!(status(&lab.raw(head("/health", &lines(98))).await), 200);
    assert_eq!(status(&lab.raw(head("/health", &lines(99))).await), 431);
    assert_eq!(status(&lab.raw(head("/health", &lines(500))).await), 431);
    let value = |length: usize| format!("X-Long: {}\r\n", "x".repeat(length));
    assert_eq!(status(&lab.raw(head("/health", &value(16_000))).await), 200);
    assert_eq!(status(&lab.raw(head("/health", &value(16_384))).await), 431);
    assert_eq!(status(&lab.raw(head("/health", &value(100_000))).await), 431);
}

#[tokio::test]
async fn heads_that_read_two_ways_are_refused() {
    let lab = lab().await;
    let post = |more: &str, body: &str| {
        format!("POST /crates HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{more}\r\n{body}")
    };
    let chunk = "2\r\n{}\r\n0\r\n\r\n";
    let cases = [
        post("Content-Length: 2\r\nContent-Length: 3\r\n", "{}x"),
        post("Transfer-Encoding: chunked, identity\r\n", chunk),
        post("Authorization: Bearer a\r\nAuthorization: Bearer b\r\n", ""),
        post("X-API-Key: a\r\nX-API-Key: a\r\n", ""),
        post("Content-Type: application/json\r\nContent-Type: text/html\r\n", ""),
        post("Idempotency-Key: a\r\nIdempotency-Key: a\r\n", ""),
        post("Content-Length : 2\r\n", "{}"),
        post("X: a\r\n b: c\r\n", ""),
        "GET /health HTTP/1.1\nHost: localhost\nHost: localhost\nConnection: close\n\n".to_owned(),
    ];
    let both = post("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", chunk);
    assert_eq!(lab.raw(both).await.matches("HTTP/1.1 ").count(), 1, "the chunks are the body");
    for case in cases {
        let answer = lab.raw(&case).await;
        assert_eq!(status(&answer), 400, "{case}\n{answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
    }
}
