//! The engine we ship.
