//! Which rules are in force: each level says only what differs from the one above.

use zelador_store::category::Overrides;
use zelador_store::tenant::Settings;

use crate::checks::Checks;
use crate::error::Refusal;
use crate::tenants::rules::limits::check_order;

/// The rules in force of a resource: its own, else its category's, else the
/// tenant's. Closures add up, the tenant's first. Of a category: the same
/// without a category above it.
pub fn in_force(tenant: &Settings, category: Option<&Overrides>, own: &Overrides) -> Settings {
    let inherited = category.map_or_else(|| tenant.clone(), |category| apply(tenant, category));
    apply(&inherited, own)
}

fn apply(above: &Settings, own: &Overrides) -> Settings {
    let closures = above.closures.iter().chain(&own.closures).cloned().collect();
    Settings {
        working_hours_start: own.working_hours_start.unwrap_or(above.working_hours_start),
        working_hours_end: own.working_hours_end.unwrap_or(above.working_hours_end),
        working_days: own.working_days.clone().unwrap_or_else(|| above.working_days.clone()),
        closures,
        booking_interval: own.booking_interval.unwrap_or(above.booking_interval),
        advance_booking_days: own.advance_booking_days.unwrap_or(above.advance_booking_days),
        min_notice_minutes: own.min_notice_minutes.unwrap_or(above.min_notice_minutes),
        cancellation_hours: own.cancellation_hours.unwrap_or(above.cancellation_hours),
        buffer_minutes: own.buffer_minutes.unwrap_or(above.buffer_minutes),
        auto_confirm: own.auto_confirm.unwrap_or(above.auto_confirm),
        ..above.clone()
    }
}

/// Refuses hours that end before they begin once what is inherited is counted
/// in. Whoever sets no hours has none to mend.
pub fn check_hours(
    tenant: &Settings,
    category: Option<&Overrides>,
    own: &Overrides,
) -> Result<(), Refusal> {
    let mut checks = Checks::default();
    if own.working_hours_start.is_some() || own.working_hours_end.is_some() {
        let rules = in_force(tenant, category, own);
        check_order(Some(rules.working_hours_start), Some(rules.working_hours_end), &mut checks);
    }
    checks.done()
}
