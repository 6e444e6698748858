//! Tests that need what a machine may lack.

/// Says that a test is left out, and why. Where everything is said to be there
/// (`ZELADOR_TEST_REAL=1`), that is a failure.
#[track_caller]
pub(crate) fn skipped(why: impl std::fmt::Display) {
    println!("SKIPPED: {why}");
    let excused = std::env::var_os("ZELADOR_TEST_REAL").is_none_or(|value| value != "1");
    assert!(excused, "left out although ZELADOR_TEST_REAL=1: {why}");
}
