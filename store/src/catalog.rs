//! Every table there is. Names and tags are never used twice, not even after a
//! table is gone.

use crate::answer::Answers;
use crate::audit::Audit;
use crate::booking::{Bookings, Calendars};
use crate::category::{Categories, CategoryCounts};
use crate::delivery::Deliveries;
use crate::drive::{Channels, Folders, Journeys, LogPlaces};
use crate::event::{Consumers, Events, ParkedEvents, Timeline};
use crate::external::{Externals, Leases};
use crate::job::{BatchCounts, Batches, JobCounts, Jobs, Queues, Schedules};
use crate::kv::TableDef;
use crate::leave::Leaves;
use crate::nextcloud::{Accounts, Instances, Occupancy};
use crate::notice::{Alerts, NoticeChoices, SentNotices};
use crate::plan::Plans;
use crate::resource::Resources;
use crate::series::SeriesTable;
use crate::session::{Credentials, Sessions};
use crate::tenant::Tenants;
use crate::token::Tokens;
use crate::user::{StatusHistory, Users};
use crate::waitlist::Waitlist;
use crate::webhook::{WebhookHealths, Webhooks};
use crate::wispro::{
    SandboxUsers, StagedClients, SyncCounts, SyncLines, SyncRuns, SyncTurns, SyncVerdicts,
};

/// All tables, logs and tallies of this release.
pub fn tables() -> Vec<TableDef> {
    vec![
        TableDef::of_log::<Events>(),
        TableDef::of::<Timeline>(),
        TableDef::of::<Consumers>(),
        TableDef::of::<ParkedEvents>(),
        TableDef::of::<Jobs>(),
        TableDef::of_tally::<JobCounts>(),
        TableDef::of_tally::<BatchCounts>(),
        TableDef::of::<Batches>(),
        TableDef::of::<Queues>(),
        TableDef::of::<Schedules>(),
        TableDef::of::<Tokens>(),
        TableDef::of::<Answers>(),
        TableDef::of::<Tenants>(),
        TableDef::of::<Users>(),
        TableDef::of::<StatusHistory>(),
        TableDef::of::<Plans>(),
        TableDef::of::<Leaves>(),
        TableDef::of::<Sessions>(),
        TableDef::of::<Credentials>(),
        TableDef::of::<Audit>(),
        TableDef::of::<Categories>(),
        TableDef::of_tally::<CategoryCounts>(),
        TableDef::of::<Resources>(),
        TableDef::of::<Bookings>(),
        TableDef::of::<Calendars>(),
        TableDef::of::<SeriesTable>(),
        TableDef::of::<Waitlist>(),
        TableDef::of::<Externals>(),
        TableDef::of::<Leases>(),
        TableDef::of::<Instances>(),
        TableDef::of::<Occupancy>(),
        TableDef::of::<Accounts>(),
        TableDef::of::<NoticeChoices>(),
        TableDef::of::<SentNotices>(),
        TableDef::of::<Alerts>(),
        TableDef::of::<Webhooks>(),
        TableDef::of::<WebhookHealths>(),
        TableDef::of::<Deliveries>(),
        TableDef::of::<SyncRuns>(),
        TableDef::of::<SyncTurns>(),
        TableDef::of::<StagedClients>(),
        TableDef::of::<SyncVerdicts>(),
        TableDef::of::<SyncLines>(),
        TableDef::of_tally::<SyncCounts>(),
        TableDef::of::<SandboxUsers>(),
        TableDef::of::<Folders>(),
        TableDef::of::<Journeys>(),
        TableDef::of::<Channels>(),
        TableDef::of::<LogPlaces>(),
    ]
}
