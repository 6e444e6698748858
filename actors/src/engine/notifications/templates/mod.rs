//! The texts of notices: shipped files, and the operator's in their place.
//!
//! ```text
//!  shipped texts ─────────────┐
//!  templates_dir ── checked ──┴─▶ Book ── a kind, a language, facts ──▶ Written
//!                     └─ a broken file is left out, and said so
//! ```
//! Invariants:
//! - Whatever lies in the operator's folder, every text can be written: a file that
//!   fails on sample data is not used, and one that fails later, on real data, is
//!   passed over for the shipped one.
//! - Values are escaped in HTML by the engine, never by a template's good will.
//! - A template reads nothing but its values, and ends: its steps are counted.

mod book;
mod folder;
mod sample;
mod shipped;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

use arc_swap::ArcSwap;

pub use book::{Book, TemplateProblem, Unwritable, Written};
pub use folder::{Mark, Overrides};
pub use sample::sample;
pub use shipped::{ALERT, names};

/// The texts in force; clones are the same ones.
#[derive(Clone)]
pub struct Templates(Arc<ArcSwap<Book>>);

impl Default for Templates {
    fn default() -> Self {
        Self(Arc::new(ArcSwap::from_pointee(Book::shipped())))
    }
}

impl Templates {
    /// The texts in force.
    pub fn book(&self) -> Arc<Book> {
        self.0.load_full()
    }

    /// Takes over what lies in a folder now; reads files, and so may block.
    pub fn reload(&self, dir: Option<&Path>) {
        let overrides = dir.map(Overrides::read).unwrap_or_default();
        let book = Book::with(&overrides);
        for problem in &book.problems {
            tracing::error!(%problem, "a text is not used, the shipped one stands");
        }
        if !book.overridden.is_empty() {
            tracing::info!(texts = book.overridden.join(", "), "texts of the operator in force");
        }
        self.0.store(Arc::new(book));
    }
}
