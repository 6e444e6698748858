//! Names that want to be markup stay names, on every page.

use serde_json::json;

use super::reader::Reader;
use super::scene::{dropped, patch, scene};
use super::{CONFIG, PAGES};
use crate::harness::{Answer, Home};

/// Breaks out of an attribute, of a tag, of a comment.
const NAME: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>--&lt;b>";

/// The page holds the name as text, and nothing of it as markup.
fn assert_harmless(page: &Answer, shows_it: bool) {
    assert_eq!(page.status, 200, "{}: {}", page.asked, page.text);
    for markup in ["<script>alert", "<img src=x", "\"'>", "<b>--"] {
        assert!(!page.text.contains(markup), "{}: {markup}", page.asked);
    }
    let escaped = page.text.contains("alert(1)&lt;") || page.text.contains("alert(1)&#60;");
    assert!(escaped || !shows_it, "{} does not show the name: {}", page.asked, page.text);
}

#[tokio::test]
async fn hostile_names_are_text() {
    let home = Home::new(CONFIG).await;
    let daemon = home.start().await;
    let client = daemon.client();
    let made = scene(client, [NAME, NAME, NAME]).await;
    patch(client, &format!("/users/{}", made.user), &json!({ "phone": NAME })).await;
    let ban = json!({ "user_id": made.user, "date": "2034-05-01T08:00", "reason": NAME });
    client.post("/admin/scheduled-bans", &ban).await.is(201);
    let job =
        client.post("/jobs", &json!({ "kind": "diagnostic", "args": { "x": NAME } })).await.is(201);
    // A file's name holds no slash.
    dropped(client, &made.user, "<img src=x onerror=alert(1)>.txt", "processed").await;
    let mut reader = Reader::signed_in(client).await;
    for page in PAGES {
        let shows = [
            "/",
            "/dashboard/calendar",
            "/dashboard/users",
            "/dashboard/folders",
            "/dashboard/audit",
        ];
        assert_harmless(&reader.get(page).await, shows.contains(&page));
    }
    for page in [
        format!("/dashboard/users/{}", made.user),
        format!("/dashboard/folders/{}", made.user),
        format!("/dashboard/bookings/{}", made.booking),
        format!("/dashboard/jobs/{}", job["id"].as_str().unwrap()),
    ] {
        assert_harmless(&reader.get(&page).await, true);
    }
    // What stands in the address is no better.
    let asked = super::reader::encoded(NAME);
    for page in [
        "/dashboard/users?q=",
        "/dashboard/jobs?kind=",
        "/dashboard/events?type=",
        "/dashboard/audit?by=",
    ] {
        let answer = reader.get(&format!("{page}{asked}")).await;
        let text = answer.text.to_lowercase();
        assert!(!text.contains("<script>alert") && !text.contains("<img src=x"), "{page}: {text}");
    }
    let mut stranger = Reader::new(client);
    let page = stranger.get(&format!("/dashboard/sign-in?to=/{asked}")).await;
    assert!(!page.text.contains("<script>alert"), "{}", page.text);
    assert_eq!(daemon.stop().await.0, Some(0));
}
