//! Rules of webhooks, by tables and properties.

mod filters;
mod lanes;
mod signing;
mod turns;
mod urls;

use crate::engine::webhooks::settings::WebhookSettings;

fn settings(localhost: bool) -> WebhookSettings {
    WebhookSettings { localhost, ..WebhookSettings::default() }
}
