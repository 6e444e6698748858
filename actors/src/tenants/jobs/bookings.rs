//! What is removed of a tenant's bookings, series and waitlists. Their events have
//! told what they were; that they are gone follows from the tenant's end.

use zelador_store::booking::{BookingStatus, BookingsByTenant};
use zelador_store::id::TenantId;
use zelador_store::series::SeriesByTenant;
use zelador_store::waitlist::WaitlistByTenant;
use zelador_store::{Query, Write};

use super::{Done, STEP, committed, remove_page};
use crate::engine::jobs::{Failure, JobCx, call_off};

pub(super) async fn purge(cx: &JobCx, done: &mut Done, tenant: TenantId) -> Result<(), Failure> {
    let store = &cx.shell.store;
    loop {
        let mut write = Write::new();
        let bookings = Query::under(&(tenant,)).limit(STEP);
        let bookings = store.page_by::<BookingsByTenant>(&bookings).await?;
        let held = bookings.rows.iter().filter(|one| one.row.status == BookingStatus::Reservado);
        for hold in held.filter_map(|one| one.row.hold.as_ref()) {
            let why = "the tenant was deleted";
            call_off(&cx.shell, &mut write, hold.job, why, cx.shell.now()).await?;
        }
        let series = Query::under_key(&tenant).limit(STEP);
        let series = store.page_by::<SeriesByTenant>(&series).await?;
        let waitlist = Query::under_key(&tenant).limit(STEP);
        let waitlist = store.page_by::<WaitlistByTenant>(&waitlist).await?;
        remove_page(&mut write, &bookings);
        remove_page(&mut write, &series);
        remove_page(&mut write, &waitlist);
        if write.is_empty() {
            return Ok(());
        }
        if !committed(&cx.shell, write).await? {
            continue;
        }
        done.bookings += bookings.rows.len() as u64;
        cx.progress(done.bookings, done.bookings, format!("{} bookings removed", done.bookings));
        cx.checkpoint(done).await?;
    }
}
