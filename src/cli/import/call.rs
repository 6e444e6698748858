//! The shell of an import: drafts in, calls out.

use std::collections::HashMap;

use reqwest::Method;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::find::{Before, clash};
use super::ledger::Ledger;
use super::plan::{After, Draft, Find, Plan, Ref};
use super::row::Wrong;
use crate::cli::client::{Client, ClientError, Said};
use crate::cli::paths::segment;
use crate::cli::{Exit, Failure};

/// The version of a record that nobody has changed.
const BORN: u64 = 1;

/// Calls the daemon, and knows which old id became which new one.
pub(super) struct Shell {
    /// Without it, a dry run: nobody is called.
    client: Option<Client>,
    source: &'static str,
    /// The tenant that everything goes into.
    tenant: Option<String>,
    ids: HashMap<(&'static str, String), String>,
    before: Before,
}

/// A record that is there now.
struct Made {
    record: Value,
    /// By this very call, or an earlier one with the same key.
    how: How,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    New,
    Replayed,
    Found,
}

impl Shell {
    /// Brings over from this source.
    pub(super) fn new(
        client: Option<Client>,
        source: &'static str,
        tenant: Option<String>,
    ) -> Self {
        Self { client, source, tenant, ids: HashMap::new(), before: Before::default() }
    }

    /// The tenant that everything goes into, if it is one.
    pub(super) fn tenant(&self) -> Option<&str> {
        self.tenant.as_deref()
    }

    /// Does what is planned for a row, and enters what became of it.
    pub(super) async fn carry_out(
        &mut self,
        table: &'static str,
        old: &str,
        plan: Plan,
        ledger: &mut Ledger,
    ) -> Result<(), Failure> {
        match plan {
            Plan::Leave(why) => ledger.left(table, why),
            Plan::Refuse(wrong) => ledger.wrong(table, old, &wrong)?,
            Plan::Bring(_) if old.is_empty() => {
                ledger.wrong(table, old, &Wrong::new("id", "is missing"))?;
            }
            Plan::Bring(draft) => self.bring(table, old, *draft, ledger).await?,
        }
        Ok(())
    }

    async fn bring(
        &mut self,
        table: &'static str,
        old: &str,
        mut draft: Draft,
        ledger: &mut Ledger,
    ) -> Result<(), Failure> {
        for wrong in &draft.told {
            ledger.wrong(table, old, wrong)?;
        }
        let path = match self.resolve(&mut draft) {
            Ok(path) => path,
            Err(wrong) => return ledger.wrong(table, old, &wrong),
        };
        let Some(client) = &self.client else {
            self.ids.insert((table, old.to_owned()), old.to_owned());
            ledger.created(table);
            draft.after.iter().filter(|after| counts(after)).for_each(|a| ledger.created(a.what()));
            return Ok(());
        };
        let key = self.key(table, old);
        let made = match make(client, &mut self.before, &draft, &path, &key).await {
            Ok(made) => made,
            Err(error) => return refused(table, old, error, ledger),
        };
        let id = text(&made.record, "id");
        self.ids.insert((table, old.to_owned()), id);
        if made.how == How::New {
            ledger.created(table);
        } else {
            ledger.there(table);
        }
        follow_up(client, table, old, &key, &draft.after, &made, ledger).await
    }

    /// Puts new ids in the place of old ones; answers the path.
    fn resolve(&self, draft: &mut Draft) -> Result<String, Wrong> {
        let mut path = draft.path.to_owned();
        for Ref { member, table, old } in std::mem::take(&mut draft.refs) {
            let known = self.ids.get(&(table, old.clone())).map(String::as_str);
            let tenant = self.tenant().filter(|_| table == "tenants");
            let why = || format!("names {old} of {table}, which was not brought over");
            let id = tenant.or(known).ok_or_else(|| Wrong::new(member, why()))?;
            let place = format!("{{{member}}}");
            if path.contains(&place) {
                path = path.replace(&place, &segment(id));
            } else {
                draft.set(member, Some(id));
            }
        }
        Ok(path)
    }

    /// The same for the same row of the same source, and for no other.
    fn key(&self, table: &str, old: &str) -> String {
        let parts = [self.source, self.tenant().unwrap_or_default(), table, old];
        let text = parts.map(|part| format!("{}:{part}", part.len())).concat();
        format!("import-{}", hex::encode(Sha256::digest(text)))
    }
}

/// A record is made, or found.
async fn make(
    client: &Client,
    before: &mut Before,
    draft: &Draft,
    path: &str,
    key: &str,
) -> Result<Made, ClientError> {
    if let Find::First(member) = draft.find
        && let Some(record) = before.take(client, path, member, &draft.body).await?
    {
        return Ok(Made { record, how: How::Found });
    }
    let body = Value::Object(draft.body.clone());
    match client.post_once(path, key, &body).await {
        Ok(reply) => {
            let how = if reply.replayed { How::Replayed } else { How::New };
            Ok(Made { record: reply.body, how })
        }
        Err(ClientError::Said(said)) if collides(&said) => {
            let found = clash(client, draft.find, path, &draft.body).await?;
            let found = found.map(|record| Made { record, how: How::Found });
            found.ok_or(ClientError::Said(said))
        }
        Err(error) => Err(error),
    }
}

fn collides(said: &Said) -> bool {
    said.status == 409 || said.error == "idempotency_key_reused"
}

/// What is asked for once a record is there, unless somebody changed it here.
async fn follow_up(
    client: &Client,
    table: &'static str,
    old: &str,
    key: &str,
    after: &[After],
    made: &Made,
    ledger: &mut Ledger,
) -> Result<(), Failure> {
    for (at, wish) in after.iter().enumerate() {
        for id in places(wish, &made.record) {
            let (method, path, body) = wish.request(&id);
            let posted = method == Method::POST && made.how == How::Replayed;
            if made.how != How::New && !posted && !untouched(client, table, &id).await? {
                continue;
            }
            let told = if method == Method::POST {
                client.post_once(&path, &format!("{key}-{at}"), &body).await
            } else {
                client.call(method, &path, Some(&body)).await
            };
            match told {
                Ok(reply) if !counts(wish) => drop(reply),
                Ok(reply) if reply.replayed => ledger.there(wish.what()),
                Ok(_) => ledger.created(wish.what()),
                Err(ClientError::Said(said)) if *wish == After::Cloud && said.status == 409 => {
                    cloudless(&said, ledger);
                }
                Err(error) => refused(wish.what(), old, error, ledger)?,
            }
        }
    }
    Ok(())
}

/// Why no account was asked for.
fn cloudless(said: &Said, ledger: &mut Ledger) {
    if said.error == "concern_off" {
        let why = "Nextcloud is off here; when it is on: zelador users provision USER_ID";
        ledger.left(After::Cloud.what(), why);
    } else {
        ledger.there(After::Cloud.what());
    }
}

/// The records that a wish is for: a series has many.
fn places(wish: &After, record: &Value) -> Vec<String> {
    let occurrences = record.get("occurrences").and_then(Value::as_array);
    match (wish, occurrences) {
        (After::Confirm, Some(all)) if !all.is_empty() => {
            all.iter().map(|occurrence| text(occurrence, "id")).collect()
        }
        (After::Confirm, _) if text(record, "status") == "confirmado" => Vec::new(),
        _ => vec![text(record, "id")],
    }
}

/// Whether a record is as it was born.
async fn untouched(client: &Client, table: &str, id: &str) -> Result<bool, Failure> {
    let record = match client.get(&format!("/{table}/{id}")).await {
        Ok(record) => record,
        Err(ClientError::Said(said)) if said.status == 404 => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    Ok(record.get("version").and_then(Value::as_u64) == Some(BORN))
}

const fn counts(after: &After) -> bool {
    !matches!(after, After::Status(_) | After::Confirm)
}

/// A refusal is a line or more; anything else ends the import.
fn refused(
    table: &'static str,
    old: &str,
    error: ClientError,
    ledger: &mut Ledger,
) -> Result<(), Failure> {
    let said = match error {
        ClientError::Said(said) if of_the_row(said.status) => said,
        ClientError::Said(said) => {
            let why = format!("{} (repeat the import: it goes on where it stopped)", said.message);
            return Err(Failure::new(Exit::No, why));
        }
        error => return Err(error.into()),
    };
    if said.error == "in_the_past" {
        ledger.left(table, "in the past: zelador books nothing there");
        return Ok(());
    }
    match said.errors.as_slice() {
        [] => ledger.wrong(table, old, &Wrong::new(&said.error, said.message.as_str())),
        flaws => flaws.iter().try_for_each(|flaw| {
            ledger.wrong(table, old, &Wrong::new(&flaw.field, flaw.message.as_str()))
        }),
    }
}

/// Whether a refusal is about the row, and not about the caller or the daemon.
const fn of_the_row(status: u16) -> bool {
    matches!(status, 400 | 404 | 409 | 412 | 413 | 422)
}

fn text(record: &Value, member: &str) -> String {
    record.get(member).and_then(Value::as_str).unwrap_or_default().to_owned()
}
