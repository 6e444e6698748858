//! What the statuses of bookings are called, for people.

use std::sync::LazyLock;

use zelador_store::booking::BookingStatus;

use super::super::language::Language;

/// The status for people.
pub(super) fn label(status: BookingStatus, language: Language) -> &'static str {
    static LABELS: LazyLock<Vec<(BookingStatus, Language, String)>> = LazyLock::new(|| {
        let all = BookingStatus::ALL.into_iter();
        let all = all.flat_map(|status| Language::ALL.map(|language| (status, language)));
        all.map(|(status, language)| (status, language, worded(status, language))).collect()
    });
    let found = LABELS.iter().find(|(of, read_in, _)| (*of, *read_in) == (status, language));
    found.map_or("", |(_, _, label)| label)
}

fn worded(status: BookingStatus, language: Language) -> String {
    language.say(&format!("booking-status-{}", status.word().replace('_', "-")), &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_has_the_label_of_its_language() {
        for (status, language) in
            BookingStatus::ALL.into_iter().flat_map(|it| Language::ALL.map(|tongue| (it, tongue)))
        {
            assert_eq!(label(status, language), worded(status, language));
        }
        assert_eq!(label(BookingStatus::NaoCompareceu, Language::English), "No-show");
    }
}
