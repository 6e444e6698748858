//! The judgement of one span: every rule, and what stands in the way.

use zelador_store::Timestamp;

use super::detail::Detail;
use super::ground::{Ground, measured};
use super::rule::Rule;
use super::span::{Span, Taken};
use super::terms::{Booker, Terms};

/// Conflicts that are listed, at most.
pub(super) const MOST_CONFLICTS: usize = 20;

/// What one rule says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Which.
    pub rule: Rule,
    /// Whether it holds.
    pub ok: bool,
    /// What it found.
    pub detail: Detail,
}

/// What all rules say, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Judgement {
    /// One for each of [`Rule::ALL`].
    pub verdicts: Vec<Verdict>,
    /// Bookings that stand in the way, by their start; no more than 20.
    pub conflicts: Vec<Taken>,
    /// Occurrences of the same series that stand in the way, by index.
    pub siblings: Vec<usize>,
}

impl Judgement {
    /// Whether every rule holds.
    pub fn bookable(&self) -> bool {
        self.first_broken().is_none()
    }

    /// The first rule that is broken.
    pub fn first_broken(&self) -> Option<Rule> {
        self.broken().next()
    }

    /// The rule that a refusal names: the first one that is broken, but whoever asks
    /// for a time that is taken is told so even where it lies off the grid: that is
    /// all that stands in the way, and what the conflict tells says more.
    pub fn decisive(&self) -> Option<Rule> {
        if self.broken().eq([Rule::NotAligned, Rule::Conflict]) {
            return Some(Rule::Conflict);
        }
        self.first_broken()
    }

    fn broken(&self) -> impl Iterator<Item = Rule> {
        self.verdicts.iter().filter(|verdict| !verdict.ok).map(|verdict| verdict.rule)
    }
}

/// Judges a span. `taken`, in any order, is at least everything that occupies the
/// resource somewhere in [`reach`]; more does no harm.
pub fn judge(
    terms: &Terms,
    now: Timestamp,
    booker: &Booker,
    asked: Span,
    taken: &[Taken],
) -> Judgement {
    let ground = Ground::new(terms, now, *booker, measured(asked), taken);
    let verdict =
        |rule| Verdict { rule, ok: ground.holds(rule, asked), detail: ground.detail(rule, asked) };
    let mut conflicts = ground.in_the_way(asked, taken);
    conflicts.truncate(MOST_CONFLICTS);
    Judgement {
        verdicts: Rule::ALL.into_iter().map(verdict).collect(),
        conflicts,
        siblings: Vec::new(),
    }
}

/// Where whatever may stand in the way of a span overlaps.
pub fn reach(terms: &Terms, asked: Span) -> Span {
    let (asked, gap) = (measured(asked), terms.gap());
    Span::new(asked.start - gap, asked.end + gap)
}
