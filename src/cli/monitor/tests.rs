//! Keys and news by tables, pictures by what stands in them.

use ratatui::buffer::Buffer;
use ratatui::crossterm::event::KeyCode;
use ratatui::layout::Rect;
use ratatui::style::Color;
use serde_json::json;
use zelador_store::Timestamp;

use super::facts::Look;
use super::plain;
use super::state::{Ask, Link, News, Over, Page, State};
use super::theme::{Theme, is_dumb};
use super::view::Scene;

const PLAIN: Theme = Theme { colour: false, unicode: false };

fn now() -> Timestamp {
    "2026-03-02T12:00:00Z".parse().unwrap()
}

fn job(id: &str, state: &str, error: Option<&str>) -> serde_json::Value {
    json!({ "id": id, "kind": "diagnostic", "queue": "default", "state": state, "tries": 1,
        "max_tries": 3, "error": error, "args": {}, "history": [],
        "started_at": "2026-03-02T11:59:00.000Z" })
}

fn look() -> Look {
    let mut running = job("r1", "running", None);
    running["progress"] = json!({ "done": 5, "total": 20, "text": "page 5" });
    let failed = job("f1", "failed", Some("no room\n\u{1b}[2Jhere"));
    let look = json!({
        "status": { "version": "0.1.0", "uptime_seconds": 4000, "store_bytes": 3 << 20,
            "actors": [{ "name": "users", "up": true }, { "name": "pool", "up": false, "restarts": 10 }],
            "consumers": [{ "name": "audit", "cursor": 9, "lag": 4, "parked": 1 }],
            "sandbox": ["drive"] },
        "queues": [
            { "name": "default", "concurrency": 4, "ready": 7, "running": 1, "failed": 1 },
            { "name": "wispro", "concurrency": 1, "paused": true, "failed": 2 }],
        "running": [running], "failed": [failed],
        "jobs": [running, failed, job("s1", "succeeded", None)],
    });
    serde_json::from_value(look).unwrap()
}

fn seen() -> State {
    let mut state = State::default();
    state.hear(News::Seen(Box::new(look()), "http://127.0.0.1:8000/".to_owned()), now());
    state
}

fn picture(state: &State, theme: Theme, (width, height): (u16, u16)) -> (Vec<String>, Buffer) {
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    Scene { state, theme, now: now() }.draw(area, &mut buffer);
    let row = |y| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>();
    ((0..height).map(|y| row(y).trim_end().to_owned()).collect(), buffer)
}

fn text(state: &State, size: (u16, u16)) -> String {
    picture(state, PLAIN, size).0.join("\n")
}

fn typed(state: &mut State, keys: &str) -> Option<Ask> {
    keys.chars().fold(None, |_, key| state.press(KeyCode::Char(key)))
}

#[test]
fn keys_lead_to_what_they_say() {
    let retry = Ask::Retry("r1".to_owned());
    for (keys, ask) in [
        ("q", Some(Ask::Quit)),
        ("?q", None),
        ("p", Some(Ask::Pause("default".to_owned()))),
        ("jp", Some(Ask::Resume("wispro".to_owned()))),
        ("2", Some(Ask::Look("jobs?limit=200".to_owned()))),
        ("2f", Some(Ask::Look("jobs?state=running&limit=200".to_owned()))),
        ("2F", Some(Ask::Look("jobs?state=cancelled&limit=200".to_owned()))),
        ("2r", Some(retry)),
        ("2jr", Some(Ask::Retry("f1".to_owned()))),
        ("2Gr", Some(Ask::Retry("s1".to_owned()))),
        ("2Ggr", Some(Ask::Retry("r1".to_owned()))),
        ("2c", None),
        ("2cn", None),
        ("2cy", Some(Ask::Cancel("r1".to_owned()))),
        ("2Ry", Some(Ask::RetryAll(None))),
        ("jRy", Some(Ask::RetryAll(Some("wispro".to_owned())))),
        ("3jjq", Some(Ask::Quit)),
        ("z", None),
    ] {
        let mut state = seen();
        assert_eq!(typed(&mut state, keys), ask, "{keys}");
    }
}

#[test]
fn a_queue_leads_to_its_jobs_and_escape_back_to_all() {
    let mut state = seen();
    state.press(KeyCode::Down);
    let ask = state.press(KeyCode::Enter);
    assert_eq!(ask, Some(Ask::Look("jobs?queue=wispro&limit=200".to_owned())));
    assert_eq!(state.page, Page::Jobs);
    assert_eq!(state.press(KeyCode::Esc), Some(Ask::Look("jobs?limit=200".to_owned())));
}

#[test]
fn a_list_is_never_shown_under_the_name_of_another() {
    let mut state = seen();
    typed(&mut state, "2ffff");
    let shown = text(&state, (80, 24));
    assert!(shown.contains("Jobs: failed (1)") && !shown.contains("page 5"), "{shown}");
}

#[test]
fn words_narrow_the_list_while_they_are_typed() {
    let mut state = seen();
    typed(&mut state, "2/ROOMx");
    assert_eq!(state.jobs().len(), 0);
    state.press(KeyCode::Backspace);
    assert_eq!(state.jobs().len(), 1, "whatever the case");
    assert_eq!(state.press(KeyCode::Enter), None);
    assert_eq!(typed(&mut state, "r"), Some(Ask::Retry("f1".to_owned())));
    state.press(KeyCode::Char('/'));
    state.press(KeyCode::Esc);
    assert_eq!((state.jobs().len(), &state.over), (3, &Over::Nothing));
}

#[test]
fn the_chosen_job_stays_chosen_when_others_come_before_it() {
    let mut state = seen();
    typed(&mut state, "2j");
    let mut later = look();
    later.jobs.insert(0, serde_json::from_value(job("n1", "ready", None)).unwrap());
    state.hear(News::Seen(Box::new(later), String::new()), now());
    assert_eq!(typed(&mut state, "cy"), Some(Ask::Cancel("f1".to_owned())));
}

#[test]
fn nothing_is_asked_for_where_nothing_is() {
    let mut state = State::default();
    for key in "pR2rcy".chars() {
        let ask = state.press(KeyCode::Char(key));
        let none = ask.is_none() || matches!(ask, Some(Ask::Look(_) | Ask::RetryAll(_)));
        assert!(none, "{key}: {ask:?}");
    }
    assert_eq!(state.press(KeyCode::Enter), None);
}

#[test]
fn a_daemon_that_goes_away_is_told_of_until_it_is_back() {
    let mut state = seen();
    for _ in 0..3 {
        state.hear(News::Away("refused".to_owned()), now());
    }
    let shown = text(&state, (80, 24));
    assert!(shown.starts_with("NOT REACHED since 12:00:00 (try 3): refused"), "{shown}");
    assert!(shown.contains("wispro"), "the last that was seen stays: {shown}");
    state.hear(News::Seen(Box::new(look()), String::new()), now());
    assert_eq!(state.link, Link::Up);
    let mut fresh = State::default();
    assert!(text(&fresh, (80, 24)).contains("Looking"));
    fresh.hear(News::Away("refused".to_owned()), now());
    assert!(text(&fresh, (80, 24)).contains("Nothing was seen yet"));
}

#[test]
fn the_overview_has_queues_bars_and_trouble() {
    let shown = text(&seen(), (100, 30));
    for part in [
        "zelador 0.1.0  up 1 h 6 min  3.0 MiB  http://127.0.0.1:8000/  SANDBOX: drive",
        "[1 Overview]",
        "Queues   1 parts down   4 events behind   1 parked",
        "PAUSED",
        "1/4",
        "###.........  25% page 5",
        "Failed (1)",
        "no room  [2Jhere",
    ] {
        assert!(shown.contains(part), "{part} is not in\n{shown}");
    }
    assert!(!shown.contains('\u{1b}'));
}

#[test]
fn every_page_fits_every_size() {
    let mut one = seen();
    one.hear(News::Job(Box::new(look().failed.remove(0))), now());
    let states = ["", "2", "3", "?", "2/x", "2c"].map(|keys| {
        let mut state = seen();
        typed(&mut state, keys);
        state
    });
    for state in states.iter().chain([&one]) {
        for size in [(1, 1), (8, 2), (20, 5), (40, 12), (80, 24), (250, 80)] {
            let (lines, _) = picture(state, PLAIN, size);
            assert_eq!(lines.len(), usize::from(size.1));
        }
    }
    assert!(text(&seen(), (60, 12)).contains("Running (1)"), "what matters most stays");
}

#[test]
fn colour_is_left_out_where_it_is_not_wanted() {
    let colours = |theme| {
        let (_, buffer) = picture(&seen(), theme, (100, 30));
        buffer.content.iter().filter(|cell| cell.fg != Color::Reset).count()
    };
    assert_eq!(colours(PLAIN), 0);
    assert!(colours(Theme { colour: true, unicode: true }) > 0);
}

#[test]
fn the_theme_follows_the_environment() {
    let of = |set: &[(&str, &str)]| {
        Theme::of(|name| {
            set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    };
    assert_eq!(of(&[]), Theme { colour: true, unicode: false });
    assert_eq!(
        of(&[("LANG", "pt_BR.UTF-8"), ("NO_COLOR", "1")]),
        Theme { colour: false, unicode: true }
    );
    assert!(!of(&[("LC_ALL", "C"), ("LANG", "pt_BR.UTF-8")]).unicode);
    assert!(of(&[("NO_COLOR", "")]).colour, "an empty one asks for nothing");
    assert!(is_dumb(|_| None) && is_dumb(|_| Some("dumb".to_owned())));
    assert!(!is_dumb(|_| Some("xterm".to_owned())));
}

#[test]
fn lines_say_the_same() {
    let shown = plain::lines(&look(), now());
    for part in
        ["DOWN: pool after 10 restarts", "PAUSED", "##........  25% page 5", "behind: audit lag 4"]
    {
        assert!(shown.contains(part), "{part} is not in\n{shown}");
    }
    assert!(!shown.contains('\u{1b}'));
}
