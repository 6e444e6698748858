//! Who gets in, what browsers are told, whose forms are taken.

use reqwest::Method;
use reqwest::header::{ORIGIN, SET_COOKIE};
use serde_json::json;

use super::reader::{Reader, form};
use super::{CONFIG, PAGES};
use crate::harness::{Answer, Home};

fn assert_guarded(page: &Answer) {
    let policy = page.header("content-security-policy");
    for part in
        ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "form-action 'self'"]
    {
        assert!(policy.contains(part), "{}: {policy}", page.asked);
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    let told = [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cache-control", "no-store"),
        ("access-control-allow-origin", ""),
    ];
    for (name, value) in told {
        assert_eq!(page.header(name), value, "{}: {name}", page.asked);
    }
}

#[tokio::test]
async fn a_token_opens_the_dashboard_and_nothing_else_does() {
    let home = Home::new(CONFIG).await;
    let mut daemon = home.start().await;
    let client = daemon.client().clone();
    let mut reader = Reader::new(&client);

    // A stranger sees what this is, and the door.
    let landing = reader.get("/").await;
    assert_guarded(&landing);
    assert!(
        landing.text.contains("href=\"/dashboard/sign-in\"") && landing.text.contains("/api-docs")
    );
    for page in PAGES.iter().skip(1) {
        let answer = reader.get(page).await;
        let to = answer.header("location");
        assert!(
            answer.status == 303 && to.starts_with("/dashboard/sign-in?to=%2F"),
            "{page}: {to}"
        );
    }
    let refused = reader.sign_in("zld_wrong").await;
    assert_eq!(refused.status, 401);
    assert!(refused.text.contains("role=\"alert\"") && !refused.text.contains("zld_wrong"));
    assert_guarded(&refused);

    // With the token one is in; the cookie does not show it.
    let mut reader = Reader::signed_in(&client).await;
    assert!(reader.cookies.values().all(|value| !value.contains(&client.bearer())));
    for page in PAGES {
        let answer = reader.get(page).await;
        assert_eq!(answer.status, 200, "{page}: {}", answer.text);
        assert_guarded(&answer);
        assert!(!answer.text.contains(&client.bearer()), "{page} shows the token");
    }
    assert_eq!(reader.get("/dashboard/nowhere").await.status, 404);
    let absent = reader.get("/dashboard/jobs/0198c5a8-5f00-7000-8000-000000000000").await;
    assert!(absent.status == 404 && absent.text.contains("<h1>"), "a page, and not JSON");

    // A restart keeps the session; signing out ends every copy of the cookie.
    daemon.kill().await;
    let daemon = home.start().await;
    let client = daemon.client();
    let mut kept = Reader::new(client);
    kept.cookies.clone_from(&reader.cookies);
    assert_eq!(kept.get("/dashboard/jobs").await.status, 200);
    let mut copy = kept.clone();
    let out = kept.submit("/dashboard/jobs", "/dashboard/sign-out", &[]).await;
    assert_eq!((out.status, out.header("location")), (303, "/"));
    assert!(kept.get("/").await.text.contains("/dashboard/sign-in"));
    assert_eq!(copy.get("/dashboard/jobs").await.status, 303, "a copy of the cookie is none");
    assert_eq!(daemon.stop().await.0, Some(0));
}

#[tokio::test]
async fn only_forms_of_our_own_pages_do_something() {
    let home = Home::new(CONFIG).await;
    let daemon = home.start().await;
    let client = daemon.client();
    let mut reader = Reader::signed_in(client).await;
    let token = form(&reader.get("/").await);
    let own = format!("http://{}", client.address());
    let path = "/dashboard/queues/default/pause";
    let paused = || async {
        let queues = client.get("/queues").await.is(200);
        queues.as_array().unwrap().iter().any(|queue| queue["paused"] == true)
    };
    let cases: [(&str, &[(&str, &str)]); 6] = [
        ("", &[(ORIGIN.as_str(), &own)]),
        ("0".repeat(64).leak(), &[(ORIGIN.as_str(), &own)]),
        (&token, &[(ORIGIN.as_str(), "http://evil.example")]),
        (&token, &[(ORIGIN.as_str(), "null")]),
        (&token, &[(ORIGIN.as_str(), "http://127.0.0.1:3000"), ("sec-fetch-site", "same-site")]),
        (&token, &[("sec-fetch-site", "cross-site")]),
    ];
    for (token, headers) in cases {
        let fields = [("form", token)];
        let answer = reader.send(Method::POST, path, Some(&fields), headers).await;
        assert_eq!(answer.status, 403, "{headers:?}: {}", answer.text);
        assert!(!paused().await, "{headers:?}");
    }
    // Another session's token is none of this one.
    let mut other = Reader::signed_in(client).await;
    let theirs = form(&other.get("/").await);
    assert_ne!(theirs, token);
    assert_eq!(reader.post(path, &[("form", &theirs)]).await.status, 403);
    // The API takes no cookie, and a page no JSON.
    let answer = reader.get("/queues").await;
    assert_eq!(answer.status, 401, "a cookie is no token of the interface for programs");
    let json = client.post(path, &json!({ "form": token })).await;
    assert_eq!(json.status, 415);

    let done = reader.post(path, &[("form", &token), ("to", "//evil.example")]).await;
    assert_eq!((done.status, done.header("location")), (303, "/"), "and nowhere else");
    assert!(paused().await);
    let told = reader.get("/").await;
    assert!(told.text.contains("is paused: what runs goes on"), "said once");
    assert!(!reader.get("/").await.text.contains("is paused: what runs goes on"));
    assert_eq!(daemon.stop().await.0, Some(0));
}

#[tokio::test]
async fn behind_tls_cookies_are_for_tls_alone_and_assets_are_kept() {
    let home = Home::new("[api]\nbehind_proxy = true\nlocale = \"es\"\n").await;
    let daemon = home.start().await;
    let mut reader = Reader::new(daemon.client());
    let page = reader.get("/dashboard/sign-in").await;
    let cookies: Vec<_> = page.headers.get_all(SET_COOKIE).iter().collect();
    assert!(!cookies.is_empty());
    for cookie in cookies {
        let text = cookie.to_str().unwrap();
        assert!(text.starts_with("__Host-") && text.contains("; Secure"), "{text}");
    }
    assert!(page.text.contains("<html lang=\"es\""), "{}", page.text);
    let english = [("accept-language", "en-GB")];
    let page = reader.send(Method::GET, "/", None, &english).await;
    assert!(page.text.contains("<html lang=\"en\"") && page.text.contains("The caretaker"));
    for start in ["href=\"/dashboard/assets/", "src=\"/dashboard/assets/"] {
        let (_, rest) = page.text.split_once(start).unwrap();
        let name = rest.split('"').next().unwrap();
        let asset = reader.get(&format!("/dashboard/assets/{name}")).await;
        assert_eq!(asset.status, 200);
        assert!(asset.header("cache-control").contains("immutable"), "{asset:?}");
    }
    assert_eq!(reader.get("/dashboard/assets/zelador-0.css").await.status, 404);

    // A choice of language and colours is kept, and wins over the browser's.
    let chosen = [("language", "pt-BR"), ("theme", "dark")];
    let done = reader.submit("/", "/dashboard/preferences", &chosen).await;
    assert_eq!(done.status, 303, "{}", done.text);
    let page = reader.send(Method::GET, "/", None, &english).await;
    assert!(page.text.contains("<html lang=\"pt-BR\" data-theme=\"dark\""), "{}", page.text);
    assert_eq!(daemon.stop().await.0, Some(0));
}
