//! The `FastAPI` services: tenants, users, categories, resources, bookings and
//! webhooks, from one dump or from one of each service.

mod rules;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::Failure;
use super::call::Shell;
use super::dump::{Dump, Unreadable};
use super::ledger::Ledger;
use super::plan::Plan;
use super::row::{Row, Wrong};

/// Where a tenant's settings may stand, if not in its own row.
const SETTINGS: [&str; 2] = ["organization_settings", "tenant_settings"];

/// What becomes of a row.
type Rule<'a> = &'a dyn Fn(&Row) -> Plan;

/// Brings a dump over.
pub(super) async fn run(
    dump: &Dump,
    now: Timestamp,
    shell: Shell,
    ledger: &mut Ledger,
) -> Result<(), Failure> {
    let mut mover = Mover { dump, shell, ledger };
    mover.tenants().await?;
    mover.each("users", &rules::user).await?;
    mover.each("categories", &rules::category).await?;
    mover.each("resources", &rules::resource).await?;
    let series = mover.series()?;
    mover.each("bookings", &|row| rules::booking(row, &series, now)).await?;
    mover.each("webhooks", &rules::webhook).await
}

struct Mover<'a> {
    dump: &'a Dump,
    shell: Shell,
    ledger: &'a mut Ledger,
}

impl Mover<'_> {
    /// Brings a table over, each row by this rule.
    async fn each(&mut self, table: &'static str, rule: Rule<'_>) -> Result<(), Failure> {
        for found in self.dump.rows(table) {
            match found? {
                Ok(row) => {
                    let plan = rule(&row);
                    self.shell.carry_out(table, &row.id(), plan, self.ledger).await?;
                }
                Err(unreadable) => self.untold(table, &unreadable)?,
            }
        }
        Ok(())
    }

    /// Makes the tenants, or sees that there is only one to go into the given.
    async fn tenants(&mut self) -> Result<(), Failure> {
        if self.shell.tenant().is_some() {
            return self.one_tenant();
        }
        let settings = self.settings()?;
        self.each("tenants", &|row| rules::tenant(row, settings.get(&row.id()))).await
    }

    /// Two tenants' people and rooms are not to be mixed up.
    fn one_tenant(&mut self) -> Result<(), Failure> {
        let tenants = self.dump.rows("tenants").filter(|found| matches!(found, Ok(Ok(_)))).count();
        if tenants > 1 {
            let text = "--tenant: the dump has several tenants; without it, each is made";
            return Err(Failure::new(super::Exit::Usage, text));
        }
        if tenants == 1 {
            self.ledger.left("tenants", "its records go into the tenant that --tenant names");
        }
        Ok(())
    }

    /// The settings that stand in a table of their own, by tenant.
    fn settings(&mut self) -> Result<HashMap<String, Map<String, Value>>, Failure> {
        let mut all = HashMap::new();
        for table in SETTINGS {
            for found in self.dump.rows(table) {
                match found? {
                    Ok(row) => match rules::settings(&row) {
                        Ok(settings) => {
                            let tenant = row.text("tenant_id").unwrap_or_default();
                            all.insert(tenant.to_owned(), settings);
                        }
                        Err(wrong) => self.ledger.wrong(table, &row.id(), &wrong)?,
                    },
                    Err(unreadable) => self.untold(table, &unreadable)?,
                }
            }
        }
        Ok(all)
    }

    /// How many rows there are of each series: one alone stands for all of it.
    fn series(&self) -> Result<HashMap<String, u32>, Failure> {
        let mut all = HashMap::new();
        for found in self.dump.rows("bookings") {
            if let Ok(row) = found?
                && let Some(series) = rules::series(&row)
            {
                *all.entry(series).or_default() += 1;
            }
        }
        Ok(all)
    }

    fn untold(&mut self, table: &'static str, unreadable: &Unreadable) -> Result<(), Failure> {
        let place = format!("(line {} of the dump)", unreadable.line);
        self.ledger.wrong(table, &place, &Wrong::new("-", unreadable.why.as_str()))
    }
}
