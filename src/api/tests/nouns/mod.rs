//! The nouns over HTTP.

mod agenda;
mod audit;
mod bans;
mod categories;
mod erasure;
mod events;
mod external;
mod jobs;
mod leaves;
mod people;
mod queues;
mod resources;
mod routes;
mod schedules;
mod signin;
mod statuses;
mod stream;
mod tenants;
mod tokens;
