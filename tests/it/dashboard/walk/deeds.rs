//! What an operator does in the browser, by mouse and by keyboard.

use std::time::Duration;

use serde_json::json;
use tokio::time::timeout;

use super::Walker;
use crate::dashboard::scene::{Scene, day, ends};
use crate::harness::Client;

/// A page looks again after ten seconds, whatever happens.
const SOON: Duration = Duration::from_secs(8);

impl Walker {
    /// Somebody who was invited chooses a password, at the second try.
    pub(super) async fn accepts(&mut self, client: &Client, made: &Scene) {
        let password = "sol e mar em abril";
        self.go(&format!("/invitation?token={}", made.invitation)).await;
        self.pilot.fill("input[name=password]", password).await;
        self.pilot.fill("input[name=again]", "another one, mistyped").await;
        self.pilot.enter("form button").await;
        let said = self.pilot.eval("document.querySelector('[role=alert]').textContent").await;
        assert_eq!(said, "The two passwords are not the same.");
        self.judge("an invitation, refused").await;
        self.picture("invitation-refused").await;
        self.pilot.fill("input[name=password]", password).await;
        self.pilot.fill("input[name=again]", password).await;
        self.pilot.enter("form button").await;
        let said = self.pilot.eval("document.querySelector('main').textContent").await;
        assert!(said.as_str().unwrap().contains("carla@sol.example"), "{said}");
        self.judge("an invitation, accepted").await;
        self.picture("invitation-accepted").await;
        // A form that was refused says so in the console, rightly.
        self.pilot.complaints.retain(|text| !text.contains("/invitation"));
        let login = json!({ "email": "carla@sol.example", "password": password });
        client.anonymous().post("/auth/login", &login).await.is(200);
    }

    pub(super) async fn signs_in(&mut self, client: &Client) {
        self.go("/").await;
        self.pilot.enter("a.button.main").await;
        self.pilot.fill("input[name=token]", &client.bearer()).await;
        self.pilot.enter("input[name=token]").await;
        let title = self.pilot.eval("document.title").await;
        assert!(title.as_str().unwrap().starts_with("Overview"), "{title}");
        let cookies = self.pilot.eval("document.cookie").await;
        assert_eq!(cookies, "", "scripts see no cookie");
    }

    /// A job's bar moves on the overview, and nobody loads the page again.
    pub(super) async fn sees_progress(&mut self, client: &Client) {
        self.go("/").await;
        self.pilot.eval("window.untouched = true").await;
        let job = json!({ "kind": "diagnostic", "args": { "sleep_ms": 3000 } });
        let job = client.post("/jobs", &job).await.is(201)["id"].as_str().unwrap().to_owned();
        let bar = "document.querySelector('#running progress')";
        self.pilot.until("the job is shown", &format!("!!{bar}")).await;
        let first = self.pilot.eval(&format!("{bar}.value")).await.as_f64().unwrap();
        self.pilot.until("its bar moves", &format!("({bar}?.value ?? 1e9) > {first}")).await;
        self.picture("running").await;
        ends(client, &job, "succeeded").await;
        let gone = format!("!{bar}");
        let gone = timeout(SOON, self.pilot.until("it is gone", &gone)).await;
        assert!(gone.is_ok(), "its end is shown when it comes, and not when the page looks anyway");
        assert_eq!(self.pilot.eval("window.untouched === true").await, true, "without a reload");
    }

    /// Once from the list with the keyboard, once from the overview with the mouse.
    pub(super) async fn retries(&mut self, client: &Client, made: &Scene) {
        let retry = format!("form[action='/dashboard/jobs/{}/retry'] button", made.failed_job);
        self.go("/dashboard/jobs?state=failed").await;
        self.pilot.enter(&retry).await;
        assert_eq!(self.said().await, "The job will be tried again.");
        ends(client, &made.failed_job, "failed").await;
        self.go("/").await;
        self.pilot.press(&retry).await;
        assert_eq!(self.said().await, "The job will be tried again.");
        ends(client, &made.failed_job, "failed").await;
    }

    /// First what would happen, then the plan, then its end.
    pub(super) async fn bans(&mut self, made: &Scene) {
        self.go(&format!("/dashboard/users/{}", made.user)).await;
        self.pilot.fill("input[name=ban_date]", "2034-05-01T08:00").await;
        self.pilot.fill("input[name=ban_reason]", "cuota impaga").await;
        self.pilot.enter("#ban form[method=get] button").await;
        self.judge("a ban on trial").await;
        self.picture("ban").await;
        self.pilot.enter("#ban form[method=post] button").await;
        let planned = "document.querySelector('#plans').textContent.includes('cuota impaga')";
        assert_eq!(self.pilot.eval(planned).await, true);
        self.picture("ban-planned").await;
        self.pilot.press("#plans form[action$='/plans/ban/cancel'] button").await;
        assert_eq!(self.pilot.eval(planned).await, false);
    }

    /// A free slot, what is said of it, a booking: by keyboard, then by mouse.
    pub(super) async fn books(&mut self, made: &Scene) {
        let book = "form[action='/dashboard/calendar/book']";
        for by_mouse in [false, true] {
            self.go(&format!("/dashboard/calendar?date={}", day(2))).await;
            self.follow("a.free", by_mouse).await;
            self.picture("explain").await;
            self.pilot.fill(&format!("{book} select"), &made.user).await;
            self.follow(&format!("{book} button"), by_mouse).await;
            let said = self.said().await;
            assert!(said.starts_with("Booked"), "{said}");
        }
    }

    async fn follow(&mut self, what: &str, by_mouse: bool) {
        if by_mouse {
            self.pilot.press(what).await;
        } else {
            self.pilot.enter(what).await;
        }
    }
}
