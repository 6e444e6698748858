//! Dates as people write them.

use jiff::tz::TimeZone;
use zelador_store::Timestamp;

use super::super::dates::Words;
use super::super::tongue::Tongue;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[track_caller]
fn check(zone_name: &str, instant: &str, expected: [&str; 3]) {
    let zone = TimeZone::get(zone_name).unwrap();
    for (tongue, expected) in Tongue::ALL.into_iter().zip(expected) {
        let words = Words { tongue, zone: &zone, zone_name };
        assert_eq!(words.moment(at(instant)), expected);
    }
}

#[test]
fn a_moment_is_written_as_natives_write_it() {
    check(
        "America/Sao_Paulo",
        "2026-11-26T17:00:00Z",
        [
            "quinta-feira, 26 de novembro de 2026, às 14:00 (horário de São Paulo)",
            "jueves 26 de noviembre de 2026, a las 14:00 (hora de São Paulo)",
            "Thursday, 26 November 2026 at 14:00 (São Paulo time)",
        ],
    );
    check(
        "America/Mexico_City",
        "2027-03-01T07:05:00Z",
        [
            "segunda-feira, 1º de março de 2027, à 01:05 (horário de Cidade do México)",
            "lunes 1 de marzo de 2027, a la 01:05 (hora de Ciudad de México)",
            "Monday, 1 March 2027 at 01:05 (Mexico City time)",
        ],
    );
    check(
        "Etc/UTC",
        "2026-02-28T23:59:59Z",
        [
            "sábado, 28 de fevereiro de 2026, às 23:59 (UTC)",
            "sábado 28 de febrero de 2026, a las 23:59 (UTC)",
            "Saturday, 28 February 2026 at 23:59 (UTC)",
        ],
    );
}

/// Santiago's clocks go back on 2026-04-05: the same hour comes twice.
#[test]
fn the_zone_of_the_day_counts() {
    let zone = TimeZone::get("America/Santiago").unwrap();
    let words = Words { tongue: Tongue::Spanish, zone: &zone, zone_name: "America/Santiago" };
    assert_eq!(words.time(at("2026-01-15T12:00:00Z")), "09:00");
    assert_eq!(words.time(at("2026-07-15T12:00:00Z")), "08:00");
}

#[test]
fn a_span_names_its_day_once_unless_it_ends_on_another() {
    let zone = TimeZone::get("America/Lima").unwrap();
    let words = |tongue| Words { tongue, zone: &zone, zone_name: "America/Lima" };
    let (start, end) = (at("2026-11-26T19:00:00Z"), at("2026-11-26T20:30:00Z"));
    let [pt, es, en] = Tongue::ALL.map(|tongue| words(tongue).span(start, end));
    assert_eq!(pt, "quinta-feira, 26 de novembro de 2026, das 14:00 às 15:30 (horário de Lima)");
    assert_eq!(es, "jueves 26 de noviembre de 2026, de 14:00 a 15:30 (hora de Lima)");
    assert_eq!(en, "Thursday, 26 November 2026, 14:00 to 15:30 (Lima time)");
    let next_day = at("2026-11-27T06:00:00Z");
    let [pt, es, en] = Tongue::ALL.map(|tongue| words(tongue).span(start, next_day));
    assert!(pt.contains("às 14:00 até sexta-feira, 27 de novembro de 2026, à 01:00 ("), "{pt}");
    assert!(es.contains("hasta el viernes 27 de noviembre"), "{es}");
    assert!(en.contains("at 14:00 to Friday, 27 November"), "{en}");
    assert_eq!(
        Tongue::ALL.map(|tongue| words(tongue).brief(start)),
        ["26/11 14:00", "26/11 14:00", "26 Nov 14:00"]
    );
}
