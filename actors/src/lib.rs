//! Decisions: pure rules, the actors around them, and the engine they stand on.
