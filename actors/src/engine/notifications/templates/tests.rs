//! The shipped texts in their three languages, and operators' own.

use std::fmt::Write as _;

use serde_json::json;

use super::*;
use crate::engine::notifications::rules::tongue::Tongue;

/// The three languages of a text, one beside the other for whoever reads them.
#[test]
fn every_text_reads_well() {
    let book = Book::shipped();
    assert_eq!(book.problems, []);
    for name in names() {
        let mut shown = String::new();
        for tongue in Tongue::ALL {
            for (at, facts) in sample(name, tongue).iter().enumerate() {
                let written = book.write(name, tongue, facts).unwrap();
                let sort = ["full", "lean", "several"][at];
                let _ = writeln!(shown, "===== {} {sort}", tongue.tag());
                let Written { subject, short, text, .. } = written;
                let _ = writeln!(
                    shown,
                    "{subject}
{short}

{text}"
                );
            }
        }
        insta::assert_snapshot!(name, shown);
    }
}

#[test]
fn the_html_says_what_the_text_says() {
    let book = Book::shipped();
    let mut shown = String::new();
    for tongue in Tongue::ALL {
        let facts = sample("booking_made", tongue).remove(0);
        let written = book.write("booking_made", tongue, &facts).unwrap();
        let html = written.html.replace("&#x2f;", "/").replace("&#x3d;", "=");
        for line in written.text.lines().filter(|line| !line.is_empty() && *line != "-- ") {
            for part in line.split(": ").filter(|part| !part.starts_with("http")) {
                assert!(html.contains(part), "{part} is not in the HTML");
            }
        }
        assert!(html.contains("href=\"https://agenda.example/"), "{html}");
        shown.push_str(&written.html);
    }
    insta::assert_snapshot!("booking_made_html", shown);
}

#[test]
fn values_are_escaped_in_html_and_harmless_in_lines() {
    let book = Book::shipped();
    let mut facts = sample("booking_made", Tongue::English).remove(0);
    facts["user"] = json!({"name": "<b>Ann</b>\r\nBcc: x@y.z", "first": "<b>Ann</b>"});
    facts["booking"]["resource"] = json!("Room\r\nBcc: <x@y.z>");
    facts["bookings"] = json!([facts["booking"]]);
    let written = book.write("booking_made", Tongue::English, &facts).unwrap();
    assert!(written.html.contains("&lt;b&gt;Ann"), "{}", written.html);
    assert!(!written.html.contains("<b>"), "{}", written.html);
    assert!(!written.subject.contains(['\r', '\n']), "{}", written.subject);
    assert!(!written.short.contains(['\r', '\n']), "{}", written.short);
}

fn overridden(files: &[(&str, &str)]) -> Book {
    let files = files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    Book::with(&Overrides { files: files.collect(), problems: Vec::new() })
}

const OWN: &str = "{% extends \"es/common.txt\" %}\n{% block subject %}Hola {{ user.first }}\
                   {% endblock %}{% block lead %}Nos vemos.{% endblock %}";

#[test]
fn an_operators_text_takes_the_place_of_the_shipped_one() {
    let book = overridden(&[("es/booking_made.txt", OWN)]);
    assert_eq!((book.problems.len(), book.overridden.len()), (0, 1), "{:?}", book.problems);
    let facts = sample("booking_made", Tongue::Spanish).remove(0);
    let written = book.write("booking_made", Tongue::Spanish, &facts).unwrap();
    assert_eq!(written.subject, "Hola Ana");
    assert!(written.text.contains("Nos vemos.") && written.html.contains("Nos vemos."));
    let facts = sample("booking_made", Tongue::English).remove(0);
    let other = book.write("booking_made", Tongue::English, &facts).unwrap();
    assert!(other.subject.starts_with("Confirmed"), "{}", other.subject);
}

#[test]
fn a_broken_text_is_named_and_not_used() {
    for (text, place, word) in [
        (
            "{% block subject %}\n  {{ user.frist }}{% endblock %}",
            "es/booking_made.txt:2:",
            "undefined",
        ),
        ("{% block subject %}{% if %}x{% endblock %}", "es/booking_made.txt:1:", "syntax"),
        (
            "{% block subject %}{{ booking.location|upper }}{% endblock %}",
            "es/booking_made.txt:1:",
            "",
        ),
        ("{% block subject %}{% endblock %}", "es/booking_made.txt", ""),
        ("{% for i in range(1000000) %}{% endfor %}", "es/booking_made.txt", ""),
        ("{% include 'secret.txt' %}", "es/booking_made.txt:1:", "secret.txt"),
    ] {
        let broken = format!("{{% extends \"es/common.txt\" %}}{text}");
        let broken = if text.contains("for i") { text.to_owned() } else { broken };
        let book =
            overridden(&[("es/booking_made.txt", &broken), ("es/booking_reminder.txt", OWN)]);
        if text.contains("location") {
            // It works with every value that there can be: `none` in capitals is text.
            continue;
        }
        let shown = book.problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        assert!(shown.starts_with(place) && shown.contains(word), "{text}: {shown}");
        assert_eq!(book.overridden, ["es/booking_reminder.txt"], "the others are in force");
        let facts = sample("booking_made", Tongue::Spanish).remove(0);
        let written = book.write("booking_made", Tongue::Spanish, &facts).unwrap();
        assert!(written.subject.starts_with("Confirmación"), "{}", written.subject);
    }
}

#[test]
fn what_fails_on_real_data_gives_way_to_the_shipped_text() {
    let picky = "{% extends \"es/common.txt\" %}{% block subject %}\
                 {% if user.name == \"Eva\" %}{{ nobody.knows }}{% endif %}Hola{% endblock %}";
    let book = overridden(&[("es/booking_made.txt", picky)]);
    assert_eq!(book.problems, []);
    let mut facts = sample("booking_made", Tongue::Spanish).remove(0);
    assert_eq!(book.write("booking_made", Tongue::Spanish, &facts).unwrap().subject, "Hola");
    facts["user"]["name"] = json!("Eva");
    let written = book.write("booking_made", Tongue::Spanish, &facts).unwrap();
    assert!(written.subject.starts_with("Confirmación"), "{}", written.subject);
}

#[test]
fn a_folder_is_read_and_strangers_in_it_are_named() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("es")).unwrap();
    std::fs::write(dir.path().join("es/booking_made.txt"), OWN).unwrap();
    std::fs::write(dir.path().join("es/bookings.txt"), "x").unwrap();
    std::fs::write(dir.path().join("notes.md"), "x").unwrap();
    let found = Overrides::read(dir.path());
    assert_eq!(found.files.keys().collect::<Vec<_>>(), ["es/booking_made.txt"]);
    assert_eq!(found.problems.len(), 1);
    assert_eq!(found.problems[0].file, "es/bookings.txt");
    let templates = Templates::default();
    templates.reload(Some(dir.path()));
    assert_eq!(templates.book().overridden, ["es/booking_made.txt"]);
    let before = Overrides::mark(dir.path());
    std::fs::write(dir.path().join("es/booking_made.txt"), format!("{OWN} ")).unwrap();
    assert_ne!(Overrides::mark(dir.path()), before);
    templates.reload(Some(&dir.path().join("nowhere")));
    assert_eq!(templates.book().problems.len(), 1, "a folder that is not there is said so");
    templates.reload(None);
    assert_eq!(templates.book().problems.len(), 0);
}
