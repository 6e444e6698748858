//! How a program and the daemon understand each other: one JSON object in, JSON
//! lines out, and an exit code. Pure.
//!
//! | a line of output | means |
//! |---|---|
//! | `{"type": "progress", "done": 2, "total": 5, "msg": "…"}` | how far it is |
//! | `{"type": "result", "ok": true, …}` | what came of it; the last one counts |
//! | any other object with a `type` | a partial result, kept by that type |
//! | anything else | text, for the log |
//!
//! Exit codes are those of `sysexits.h`: 0 is done, 75 (`EX_TEMPFAIL`) asks for
//! another try, and 64, 65 and 78 say that none would help.

use serde_json::{Map, Value};

use super::run::{Ending, Hear, How};

/// The code that asks for another try.
pub const TRY_AGAIN: i32 = 75;
/// The codes that say that none would help: usage, data, configuration.
pub const IN_VAIN: [i32; 3] = [64, 65, 78];

/// Partial results that are kept, at most.
const PARTS: usize = 100;
/// Characters of a text that are told.
const WORDS: usize = 300;

/// What a program must say to have done its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Protocol {
    /// A `result` among JSON lines, and code 0.
    #[default]
    JsonLines,
    /// Code 0: for programs that know nothing of this.
    Exit,
}

/// What came of a run.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// It is done; what the program says of it, an empty object if nothing.
    Done(Map<String, Value>),
    /// Another try may do it.
    Again(String),
    /// No try will.
    Never(String),
}

/// How far a program says it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// So many.
    pub done: u64,
    /// Of so many; 0: it does not say.
    pub total: u64,
    /// In its words.
    pub words: String,
}

/// Hears a program that talks, and keeps what matters.
pub struct Talk<'a> {
    result: Option<Map<String, Value>>,
    parts: Vec<Map<String, Value>>,
    last_text: String,
    progress: &'a mut (dyn FnMut(Progress) + Send),
    log: &'a mut (dyn FnMut(&str) + Send),
}

impl<'a> Talk<'a> {
    /// Tells `progress` how far it is, and `log` each line of text that counts.
    pub fn new(
        progress: &'a mut (dyn FnMut(Progress) + Send),
        log: &'a mut (dyn FnMut(&str) + Send),
    ) -> Self {
        Self { result: None, parts: Vec::new(), last_text: String::new(), progress, log }
    }

    /// The partial results, in order.
    pub fn parts(&self) -> &[Map<String, Value>] {
        &self.parts
    }

    /// What came of the run.
    pub fn judge(&self, protocol: Protocol, ending: &Ending) -> Verdict {
        let why = |what: String| match self.reason(ending) {
            Some(reason) => format!("{what}: {reason}"),
            None => what,
        };
        match ending.how {
            How::TimedOut => Verdict::Again(why("it was not done in time".to_owned())),
            How::Signalled(signal) => {
                Verdict::Again(why(format!("it was ended by signal {signal}")))
            }
            How::Exited(0) => self.done(protocol, &why),
            How::Exited(code) if IN_VAIN.contains(&code) => {
                Verdict::Never(why(format!("it ended with code {code}")))
            }
            How::Exited(code) => Verdict::Again(why(format!("it ended with code {code}"))),
        }
    }

    fn done(&self, protocol: Protocol, why: &dyn Fn(String) -> String) -> Verdict {
        match (&self.result, protocol) {
            (Some(result), _) if result.get("ok").and_then(Value::as_bool) == Some(false) => {
                let again = result.get("retry").and_then(Value::as_bool).unwrap_or(true);
                let told = why("it says that it failed".to_owned());
                if again { Verdict::Again(told) } else { Verdict::Never(told) }
            }
            (Some(result), _) => Verdict::Done(result.clone()),
            (None, Protocol::Exit) => Verdict::Done(Map::new()),
            (None, Protocol::JsonLines) => {
                Verdict::Again(why("it ended without a result".to_owned()))
            }
        }
    }

    /// Its own words for what went wrong: of the result, else the last of its
    /// errors, else the last it said.
    fn reason(&self, ending: &Ending) -> Option<String> {
        let told = self.result.as_ref().and_then(|result| {
            ["error", "message", "msg"].iter().find_map(|name| result.get(*name)?.as_str())
        });
        let last = |text: &str| {
            text.lines().rev().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned)
        };
        let reason = told
            .map(str::to_owned)
            .or_else(|| last(&ending.errors))
            .or_else(|| last(&self.last_text));
        reason.map(|text| text.chars().take(WORDS).collect())
    }
}

impl Hear for Talk<'_> {
    fn line(&mut self, line: &str, within: bool) {
        let said = serde_json::from_str::<Value>(line).ok();
        let Some(Value::Object(mut said)) = said else { return self.text(line, within) };
        let Some(Value::String(kind)) = said.remove("type") else { return self.text(line, within) };
        match kind.as_str() {
            // The last one counts, however much was said before it.
            "result" => self.result = Some(said),
            "progress" if within => (self.progress)(progress(&said)),
            _ if within && self.parts.len() < PARTS => {
                said.insert("type".to_owned(), kind.into());
                self.parts.push(said);
            }
            _ => {}
        }
    }
}

impl Talk<'_> {
    fn text(&mut self, line: &str, within: bool) {
        if within {
            (self.log)(line);
        }
        self.last_text = line.chars().take(WORDS).collect();
    }
}

fn progress(said: &Map<String, Value>) -> Progress {
    let number = |name: &str| said.get(name).and_then(Value::as_u64).unwrap_or(0);
    let words = ["msg", "message", "step"].iter().find_map(|name| said.get(*name)?.as_str());
    let words = words.unwrap_or_default().chars().take(WORDS).collect();
    Progress { done: number("done"), total: number("total"), words }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;

    struct Heard {
        verdict: Verdict,
        progress: Vec<Progress>,
        log: Vec<String>,
        parts: usize,
    }

    fn hear(protocol: Protocol, how: How, lines: &[(&str, bool)], errors: &str) -> Heard {
        let (mut steps, mut log) = (Vec::new(), Vec::new());
        let mut progress = |step| steps.push(step);
        let mut keep = |line: &str| log.push(line.to_owned());
        let mut talk = Talk::new(&mut progress, &mut keep);
        for (line, within) in lines {
            talk.line(line, *within);
        }
        let errors = errors.to_owned();
        let ending = Ending { how, errors, truncated: false, took: Duration::ZERO };
        let (verdict, parts) = (talk.judge(protocol, &ending), talk.parts().len());
        Heard { verdict, progress: steps, log, parts }
    }

    fn judged(how: How, lines: &[&str], errors: &str) -> Verdict {
        let lines: Vec<_> = lines.iter().map(|line| (*line, true)).collect();
        hear(Protocol::JsonLines, how, &lines, errors).verdict
    }

    #[test]
    fn a_program_that_keeps_to_it_is_understood() {
        let heard = hear(
            Protocol::JsonLines,
            How::Exited(0),
            &[
                ("starting", true),
                (
                    r#"{"type":"progress","step":"drive","done":2,"total":5,"msg":"pasta criada"}"#,
                    true,
                ),
                (r#"{"type":"folder","key":"novos","drive_id":"1AbC"}"#, true),
                (r#"{"type":"result","ok":true,"root_id":"1Root"}"#, true),
            ],
            "",
        );
        assert_eq!(heard.log, ["starting"]);
        assert_eq!(
            heard.progress,
            [Progress { done: 2, total: 5, words: "pasta criada".to_owned() }]
        );
        assert_eq!(heard.parts, 1);
        let Value::Object(said) = json!({"ok": true, "root_id": "1Root"}) else { unreachable!() };
        assert_eq!(heard.verdict, Verdict::Done(said));
    }

    #[test]
    fn the_last_result_counts_and_even_past_the_cap() {
        let lines = [
            (r#"{"type":"result","ok":false}"#, true),
            ("flood", false),
            (r#"{"type":"result","ok":true,"n":2}"#, false),
        ];
        let heard = hear(Protocol::JsonLines, How::Exited(0), &lines, "");
        assert!(matches!(heard.verdict, Verdict::Done(said) if said["n"] == 2));
        assert!(heard.log.is_empty());
    }

    #[test]
    fn an_end_says_whether_to_try_again() {
        let again = |how| matches!(judged(how, &[], ""), Verdict::Again(_));
        for how in [
            How::TimedOut,
            How::Signalled(9),
            How::Exited(TRY_AGAIN),
            How::Exited(1),
            How::Exited(0),
        ] {
            assert!(again(how), "{how:?}");
        }
        for code in IN_VAIN {
            assert!(matches!(judged(How::Exited(code), &[], ""), Verdict::Never(_)), "{code}");
        }
        // One that was killed has not done it, whatever it said.
        assert!(matches!(
            judged(How::Signalled(9), &[r#"{"type":"result","ok":true}"#], ""),
            Verdict::Again(_)
        ));
        assert!(matches!(
            judged(How::Exited(0), &[r#"{"type":"result","ok":false,"retry":false}"#], ""),
            Verdict::Never(_)
        ));
    }

    #[test]
    fn a_failure_is_told_in_the_programs_own_words() {
        let told = |verdict| match verdict {
            Verdict::Again(why) | Verdict::Never(why) => why,
            Verdict::Done(_) => String::new(),
        };
        let result = r#"{"type":"result","ok":false,"error":"cota excedida"}"#;
        assert_eq!(
            told(judged(How::Exited(0), &[result], "x")),
            "it says that it failed: cota excedida"
        );
        assert_eq!(
            told(judged(How::Exited(65), &["said"], "Traceback\n  File\nValueError: e-mail\n\n")),
            "it ended with code 65: ValueError: e-mail"
        );
        assert_eq!(told(judged(How::Exited(1), &["said"], "")), "it ended with code 1: said");
        assert_eq!(told(judged(How::TimedOut, &[], "")), "it was not done in time");
    }

    #[test]
    fn a_program_that_knows_nothing_of_this_is_judged_by_its_code() {
        let verdict =
            |how| hear(Protocol::Exit, how, &[("{\"type\":", true), ("[1]", true)], "").verdict;
        assert_eq!(verdict(How::Exited(0)), Verdict::Done(Map::new()));
        assert!(matches!(verdict(How::Exited(2)), Verdict::Again(_)));
    }

    #[test]
    fn no_more_is_kept_than_is_of_use() {
        let line = r#"{"type":"folder","key":"x"}"#;
        let heard = hear(Protocol::JsonLines, How::Exited(0), &vec![(line, true); 3 * PARTS], "");
        assert_eq!(heard.parts, PARTS);
    }
}
