//! Where the candidates of a list come from, in the order of the list.
//!
//! | asked for | walked |
//! |---|---|
//! | a beginning of a name or address | names, then addresses |
//! | one status of a tenant | those of that status, and whose plans are overdue |
//! | a tenant | its users |
//! | nothing | all users |
//!
//! Users come by id, the oldest first, but for a beginning: there they come by
//! name, then by address.

use std::collections::BTreeSet;

use zelador_store::fold::{fold, fold_address};
use zelador_store::id::{TenantId, UserId};
use zelador_store::kv::Term;
use zelador_store::leave::{Leaves, LeavesByDue};
use zelador_store::plan::{Plans, PlansByDue};
use zelador_store::user::{
    Status, User, Users, UsersByEmail, UsersByName, UsersByStatus, UsersByTenant,
};
use zelador_store::{Cursor, Error, Query};

use crate::engine::Shell;

/// Overdue plans looked through for one list. There are more only for minutes
/// after a long downtime; the tenant's users are walked instead then.
const OVERDUE: usize = 5000;

/// Bytes of a beginning that an index is asked for; the row is asked for all.
const BEGINNING: usize = 240;

/// What is walked.
pub(super) enum Source {
    All,
    Tenant(TenantId),
    Status(TenantId, Status, BTreeSet<UserId>),
    Beginning(TenantId, Beginning),
}

/// A beginning of a name or an address, folded as the indexes are.
pub(super) struct Beginning {
    name: String,
    address: String,
}

impl Beginning {
    /// `None`: nothing but blanks.
    pub(super) fn of(text: &str) -> Option<Self> {
        let (name, address) = (fold(text), fold_address(text.trim()));
        (!name.is_empty()).then_some(Self { name, address })
    }

    fn begins_name(&self, user: &User) -> bool {
        fold(&user.name).starts_with(&self.name)
    }

    pub(super) fn fits(&self, user: &User) -> bool {
        let address = user.email.as_deref().map(fold_address);
        self.begins_name(user) || address.is_some_and(|text| text.starts_with(&self.address))
    }
}

/// A user that may belong in the list, and the place behind it.
pub(super) struct Candidate {
    pub(super) id: UserId,
    pub(super) place: Cursor,
    /// Found by address: listed already if the name begins so too.
    pub(super) by_address: bool,
}

/// Some candidates; the last ones if `next` is `None`.
pub(super) struct Batch {
    pub(super) candidates: Vec<Candidate>,
    pub(super) next: Option<Cursor>,
}

/// The first byte of a place among names and among addresses.
const NAMES: u8 = 1;
const ADDRESSES: u8 = 2;
type NamePlace = (u8, TenantId, Term, UserId);

impl Source {
    /// The source of one status, with the users that a due plan may have brought
    /// to it although its job has not run.
    pub(super) async fn of_status(
        shell: &Shell,
        tenant: TenantId,
        status: Status,
    ) -> Result<Self, Error> {
        let query = Query::all().to_key(&(shell.now() + std::time::Duration::from_millis(1)));
        let due = shell.store.entries::<PlansByDue>(&query.clone().limit(OVERDUE)).await?;
        let away = shell.store.entries::<LeavesByDue>(&query.limit(OVERDUE)).await?;
        if due.next.is_some() || away.next.is_some() {
            return Ok(Self::Tenant(tenant));
        }
        let mut overdue = BTreeSet::new();
        for (_, plan) in due.rows {
            let found = shell.store.get::<Plans>(&plan).await?;
            overdue
                .extend(found.filter(|plan| plan.row.tenant == tenant).map(|plan| plan.row.user));
        }
        for (_, leave) in away.rows {
            let found = shell.store.get::<Leaves>(&leave).await?.map(|found| found.row);
            overdue.extend(found.filter(|leave| leave.tenant == tenant).map(|leave| leave.user));
        }
        Ok(Self::Status(tenant, status, overdue))
    }

    /// Whether `place` can be one of this source.
    pub(super) fn knows(&self, place: &Cursor) -> bool {
        match self {
            Self::Beginning(tenant, _) => {
                place.key::<NamePlace>().is_some_and(|(phase, whose, ..)| {
                    whose == *tenant && (phase == NAMES || phase == ADDRESSES)
                })
            }
            _ => place.key::<UserId>().is_some(),
        }
    }

    /// About `count` candidates after a place of this source.
    pub(super) async fn after(
        &self,
        shell: &Shell,
        place: Option<&Cursor>,
        count: usize,
    ) -> Result<Batch, Error> {
        let after = place.and_then(Cursor::key::<UserId>);
        match self {
            Self::All => {
                let query = Query::all().after(place.cloned()).limit(count);
                let page = shell.store.page::<Users>(&query).await?;
                Ok(by_id(page.rows.iter().map(|user| user.key).collect(), page.next.is_some()))
            }
            Self::Tenant(tenant) => {
                let query = Query::under_key(&(*tenant, 0)).limit(count);
                let query = query.after(after.map(|id| Cursor::after(&(*tenant, 0_u8, id))));
                let page = shell.store.entries::<UsersByTenant>(&query).await?;
                Ok(by_id(page.rows.iter().map(|(_, id)| *id).collect(), page.next.is_some()))
            }
            Self::Status(tenant, status, overdue) => {
                let under = (*tenant, status.code());
                let query = Query::under_key(&under).limit(count);
                let query = query.after(after.map(|id| Cursor::after(&(under.0, under.1, id))));
                let page = shell.store.entries::<UsersByStatus>(&query).await?;
                let ids: Vec<_> = page.rows.iter().map(|(_, id)| *id).collect();
                Ok(by_id(merged(&ids, overdue, after, page.next.is_some()), page.next.is_some()))
            }
            Self::Beginning(tenant, beginning) => {
                beginning.after(shell, *tenant, place, count).await
            }
        }
    }
}

fn by_id(ids: Vec<UserId>, more: bool) -> Batch {
    let candidates: Vec<_> = ids
        .into_iter()
        .map(|id| Candidate { id, place: Cursor::after(&id), by_address: false })
        .collect();
    let next = candidates.last().filter(|_| more).map(|last| last.place.clone());
    Batch { candidates, next }
}

/// Two ascending rows of ids as one; of the second only those that belong to
/// this part of the first.
fn merged(
    ids: &[UserId],
    overdue: &BTreeSet<UserId>,
    after: Option<UserId>,
    more: bool,
) -> Vec<UserId> {
    let last = ids.last().filter(|_| more);
    let here = |id: &&UserId| {
        after.is_none_or(|after| **id > after) && last.is_none_or(|last| **id <= *last)
    };
    let all: BTreeSet<UserId> = ids.iter().chain(overdue.iter().filter(here)).copied().collect();
    all.into_iter().collect()
}

impl Beginning {
    async fn after(
        &self,
        shell: &Shell,
        tenant: TenantId,
        place: Option<&Cursor>,
        count: usize,
    ) -> Result<Batch, Error> {
        let place = place.and_then(Cursor::key::<NamePlace>);
        let phase = place.as_ref().map_or(NAMES, |place| place.0);
        let inner = place.map(|(_, tenant, term, id)| (tenant, term, id));
        let beginning = if phase == NAMES { &self.name } else { &self.address };
        let (least, end) = bounds(tenant, beginning);
        let query = Query::all().from_key(&least).to_key(&end).limit(count);
        let (entries, more) = if phase == NAMES {
            let query = query.after(inner.map(|place| Cursor::after(&place)));
            let page = shell.store.entries::<UsersByName>(&query).await?;
            (page.rows, page.next.is_some())
        } else {
            let query = query.after(inner.map(|(tenant, term, _)| Cursor::after(&(tenant, term))));
            let page = shell.store.owners::<UsersByEmail>(&query).await?;
            (page.rows, page.next.is_some())
        };
        let candidates: Vec<_> = entries
            .into_iter()
            .map(|((tenant, term), id)| Candidate {
                id,
                place: Cursor::after(&(phase, tenant, term, id)),
                by_address: phase == ADDRESSES,
            })
            .collect();
        let next = match candidates.last() {
            Some(last) if more => Some(last.place.clone()),
            // On to the addresses, from the first.
            _ if phase == NAMES => Some(before_addresses(tenant)),
            _ => None,
        };
        Ok(Batch { candidates, next })
    }
}

/// The place before the first address of a tenant.
fn before_addresses(tenant: TenantId) -> Cursor {
    let least = UserId::from_uuid(uuid::Uuid::nil());
    Cursor::after(&(ADDRESSES, tenant, Term::new(""), least))
}

/// The least key with a beginning, and one past all of them.
fn bounds(tenant: TenantId, beginning: &str) -> ((TenantId, Term), (TenantId, Term)) {
    let mut kept = beginning.to_owned();
    while kept.len() > BEGINNING {
        kept.pop();
    }
    let past = format!("{kept}{}", char::MAX);
    ((tenant, Term::new(&kept)), (tenant, Term::new(&past)))
}

impl Candidate {
    /// Whether it is in the list already, under its name.
    pub(super) fn is_repeated(&self, source: &Source, user: &User) -> bool {
        match source {
            Source::Beginning(_, beginning) => self.by_address && beginning.begins_name(user),
            _ => false,
        }
    }
}
