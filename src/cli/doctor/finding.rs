//! What was found, and how it is told.

use std::fmt::Write as _;

use serde_json::{Value, json};
use zelador_actors::drive::rules::preflight::Weight;

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    /// Of which family.
    pub(super) family: &'static str,
    /// How bad.
    pub(super) weight: Weight,
    /// What was looked at.
    pub(super) about: String,
    /// What was found.
    pub(super) words: String,
    /// What to do; empty if nothing is to be done.
    pub(super) remedy: String,
}

/// A family of findings, to make some of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Family(pub(super) &'static str);

impl Family {
    /// It is as it should be.
    pub(super) fn fine(self, about: impl Into<String>, words: impl Into<String>) -> Finding {
        self.make(Weight::Fine, about.into(), words.into(), String::new())
    }

    /// It works, and somebody should know.
    pub(super) fn odd(
        self,
        about: impl Into<String>,
        words: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Finding {
        self.make(Weight::Warning, about.into(), words.into(), remedy.into())
    }

    /// It does not work.
    pub(super) fn wrong(
        self,
        about: impl Into<String>,
        words: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Finding {
        self.make(Weight::Wrong, about.into(), words.into(), remedy.into())
    }

    fn make(self, weight: Weight, about: String, words: String, remedy: String) -> Finding {
        Finding { family: self.0, weight, about, words, remedy }
    }
}

impl Finding {
    /// For programs.
    pub(super) fn json(&self) -> Value {
        json!({ "family": self.family, "weight": self.weight.word(), "about": self.about,
            "words": self.words, "remedy": self.remedy })
    }
}

/// For people: by family, and a line at the end that says how it is.
pub(super) fn words(findings: &[Finding]) -> String {
    let mut text = String::new();
    let mut family = "";
    for one in findings {
        if one.family != family {
            family = one.family;
            let _ = writeln!(text, "{family}");
        }
        let _ = writeln!(text, "  {:<8} {}: {}", one.weight.word(), one.about, one.words);
        for line in one.remedy.lines() {
            let _ = writeln!(text, "           -> {line}");
        }
    }
    let count = |weight| findings.iter().filter(|one| one.weight == weight).count();
    let (odd, wrong) = (count(Weight::Warning), count(Weight::Wrong));
    let plural = if odd == 1 { "" } else { "s" };
    let _ = writeln!(text, "\n{} looked at, {odd} warning{plural}, {wrong} wrong", findings.len());
    text.chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_told_by_family_with_what_to_do() {
        let family = Family("disk");
        let found = [
            family.fine("data", "9 GiB free"),
            family.wrong("backups", "full\u{1b}[2J", "make room\nthen wait"),
        ];
        let text = words(&found);
        assert_eq!(text.matches("disk\n").count(), 1);
        assert!(text.contains("  ok       data: 9 GiB free\n"), "{text}");
        assert!(text.contains("-> make room\n           -> then wait\n"), "{text}");
        assert!(text.ends_with("2 looked at, 0 warnings, 1 wrong\n") && !text.contains('\u{1b}'));
        assert_eq!(found[1].json()["weight"], "wrong");
    }
}
