//! Tables of what is told to whom, and in which words.

mod alerts;
mod dates;
mod news;
mod remind;
