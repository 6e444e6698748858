//! Drive folders on the overview: how many stand where, files under way and failed,
//! how files are noticed.

use serde::Deserialize;

use crate::dashboard::html::At;
use crate::dashboard::text::Text;

/// What `/drive/counts` says.
#[derive(Debug, Deserialize)]
pub(super) struct Drive {
    folders: Folders,
    files: Files,
}

/// What `/drive` says.
#[derive(Debug, Deserialize)]
pub(super) struct Watch {
    mode: String,
    drive: String,
    channel_expires_at: Option<At>,
    poll_seconds: u32,
}

#[derive(Debug, Deserialize)]
struct Folders {
    pending: Count,
    creating: Count,
    ready: Count,
    failed: Count,
}

#[derive(Debug, Deserialize)]
struct Files {
    waiting: Count,
    processing: Count,
    failed: Count,
}

/// A number, and whether there are more.
#[derive(Debug, Clone, Copy, Deserialize)]
struct Count {
    count: u64,
    more: bool,
}

impl Count {
    fn said(self) -> String {
        format!("{}{}", self.count, if self.more { "+" } else { "" })
    }
}

/// Folders in one state.
pub(super) struct Stand {
    pub(super) word: &'static str,
    pub(super) count: String,
    pub(super) bad: bool,
}

/// What the card says.
pub(super) struct Card {
    /// Folders by state; none, if nobody has any.
    pub(super) stands: Vec<Stand>,
    /// Files that are under way.
    pub(super) under_way: String,
    /// Files that failed lately, if any did.
    pub(super) failed: Option<String>,
    /// How files on Drive are noticed, for who may know.
    pub(super) noticed: Option<String>,
    /// Until when, if it ends.
    pub(super) until: Option<At>,
}

impl Drive {
    /// In words.
    pub(super) fn card(self, watch: Option<Watch>, text: Text) -> Card {
        let Files { waiting, processing, failed } = self.files;
        let waiting = text.v("drive-files-waiting", waiting.said());
        Card {
            stands: self.folders.stands(),
            under_way: format!(
                "{waiting} · {}",
                text.v("drive-files-processing", processing.said())
            ),
            failed: (failed.count > 0).then(|| text.v("drive-files-failed", failed.said())),
            noticed: watch.as_ref().map(|watch| watch.said(text)),
            until: watch.filter(Watch::is_on).and_then(|watch| watch.channel_expires_at),
        }
    }
}

impl Watch {
    fn is_on(&self) -> bool {
        self.mode != "off"
    }

    fn said(&self, text: Text) -> String {
        match self.drive.as_str() {
            _ if !self.is_on() => text.s("drive-off"),
            "push" => text.s("drive-push"),
            _ => text.v("drive-poll", self.poll_seconds),
        }
    }
}

impl Folders {
    fn stands(&self) -> Vec<Stand> {
        let all = [
            ("ready", self.ready),
            ("creating", self.creating),
            ("pending", self.pending),
            ("failed", self.failed),
        ];
        if all.iter().all(|(_, count)| count.count == 0) {
            return Vec::new();
        }
        let stand = |(word, count): (&'static str, Count)| Stand {
            bad: word == "failed" && count.count > 0,
            count: count.said(),
            word,
        };
        all.map(stand).into()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::api::Language;

    fn drive([ready, failed, files]: [u64; 3]) -> Drive {
        let count = |count: u64| json!({ "count": count, "more": count >= 5000 });
        let told = json!({
            "folders": {
                "pending": count(0), "creating": count(2), "ready": count(ready),
                "failed": count(failed),
            },
            "files": { "waiting": count(3), "processing": count(1), "failed": count(files) },
        });
        serde_json::from_value(told).unwrap()
    }

    #[test]
    fn folders_are_counted_by_state_and_nobodys_are_none() {
        let text = Text(Language::English);
        let stands = drive([5000, 1, 0]).card(None, text).stands;
        let said: Vec<_> =
            stands.iter().map(|one| (one.word, one.count.as_str(), one.bad)).collect();
        let states = [
            ("ready", "5000+", false),
            ("creating", "2", false),
            ("pending", "0", false),
            ("failed", "1", true),
        ];
        assert_eq!(said, states);
        let mut none = drive([0, 0, 0]);
        none.folders.creating.count = 0;
        assert!(none.card(None, text).stands.is_empty());
    }

    #[test]
    fn how_files_fare_is_said_in_words() {
        let text = Text(Language::English);
        let watch = |mode: &str, drive: &str| Watch {
            mode: mode.to_owned(),
            drive: drive.to_owned(),
            channel_expires_at: None,
            poll_seconds: 30,
        };
        let card = |watch, files| drive([1, 0, files]).card(watch, text);
        let one = card(Some(watch("live", "poll")), 2);
        assert_eq!(one.under_way, "3 waiting · 1 in work");
        assert_eq!(one.failed.as_deref(), Some("2 failed in the last 24 hours"));
        assert_eq!(one.noticed.as_deref(), Some("Looked for every 30 s"));
        let pushed = card(Some(watch("live", "push")), 0);
        assert_eq!((pushed.failed, pushed.until), (None, None));
        assert_eq!(pushed.noticed.as_deref(), Some("Google tells of changes (push)"));
        let off = card(Some(watch("off", "push")), 0);
        assert_eq!(off.noticed.as_deref(), Some("Nobody looks: [drive] mode is off"));
        assert_eq!(card(None, 0).noticed, None, "who may not know is not told");
    }
}
