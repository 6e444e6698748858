//! The calls.

use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;

use super::super::port::Port;
use super::super::rules::occ::{self, Ran};
use super::super::rules::quoting::one_line;
use super::super::rules::{AccountId, Class, Edit, Seen, ServerStatus, Trouble, Wanted};
use super::command::Occ;
use super::connection::Connection;
use super::target::{SshTarget, Unusable};

/// An instance over SSH.
pub struct SshPort(Connection);

impl SshPort {
    /// Ready to be called; no connection is made yet.
    pub fn new(target: SshTarget) -> Result<Self, Unusable> {
        Connection::new(target).map(Self)
    }

    async fn run(&self, occ: Occ) -> Result<Ran, Trouble> {
        self.run_with(occ, None, self.0.target().limits.call).await
    }

    async fn run_with(
        &self,
        occ: Occ,
        password: Option<&SecretString>,
        limit: Duration,
    ) -> Result<Ran, Trouble> {
        let unspeakable = |error| Trouble::new(Class::Policy, format!("nothing was sent: {error}"));
        let script = occ.script(self.0.target(), password.is_some()).map_err(unspeakable)?;
        self.0.run(&script, password, limit).await
    }

    /// Sets a value; nobody on the other side checks it.
    async fn set(&self, id: &AccountId, app: &str, key: &str, value: &str) -> Result<(), Trouble> {
        let occ = Occ::new("user:setting");
        let occ = occ.argument(id.text()).argument(app).argument(key).argument(one_line(value));
        occ::written(&self.run(occ).await?)
    }

    async fn member(&self, id: &AccountId, group: &str, inside: bool) -> Result<(), Trouble> {
        let name = if inside { "group:adduser" } else { "group:removeuser" };
        occ::grouped(&self.run(Occ::new(name).argument(group).argument(id.text())).await?)
    }

    async fn make_group(&self, group: &str) -> Result<(), Trouble> {
        occ::group_made(&self.run(Occ::new("group:add").argument(group)).await?)
    }

    async fn language(&self, id: &AccountId) -> Result<Option<String>, Trouble> {
        let occ = Occ::new("user:setting");
        occ::read(&self.run(occ.argument(id.text()).argument("core").argument("lang")).await?)
    }

    /// In maintenance mode `occ` would go on, without the apps that have a say.
    async fn is_open(&self) -> Result<(), Trouble> {
        let status = self.status().await?;
        if !status.maintenance && !status.needs_upgrade {
            return Ok(());
        }
        let words = if status.maintenance { "maintenance mode" } else { "waits for an upgrade" };
        Err(Trouble::new(Class::Maintenance, words).for_now(Duration::from_secs(60)))
    }
}

#[async_trait]
impl Port for SshPort {
    async fn status(&self) -> Result<ServerStatus, Trouble> {
        let ran = self.run(Occ::new("status").option("output", "json")).await;
        occ::status(&ran.map_err(Trouble::certain)?).map_err(Trouble::certain)
    }

    async fn find(&self, id: &AccountId) -> Result<Option<Seen>, Trouble> {
        let occ = Occ::new("user:info").option("output", "json").argument(id.text());
        let ran = self.run(occ).await.map_err(Trouble::certain)?;
        let Some(mut seen) = occ::found(&ran).map_err(Trouble::certain)? else { return Ok(None) };
        seen.language = self.language(id).await.map_err(Trouble::certain)?;
        Ok(Some(seen))
    }

    async fn create(&self, wanted: &Wanted, password: &SecretString) -> Result<(), Trouble> {
        self.is_open().await?;
        let mut add = Occ::new("user:add").flag("password-from-env");
        if let Some(name) = &wanted.display_name {
            add = add.option("display-name", one_line(name));
        }
        if let Some(email) = &wanted.email {
            add = add.option("email", email);
        }
        for group in &wanted.groups {
            add = add.option("group", group);
        }
        let ran = self
            .run_with(add.argument(wanted.id.text()), Some(password), self.0.target().limits.create)
            .await?;
        occ::created(&ran, wanted.id.text())?;
        // What `user:add` has no options for. The account stands from here on.
        let quota = wanted.quota.text();
        self.set(&wanted.id, "files", "quota", &quota).await.map_err(Trouble::in_doubt)?;
        if let Some(language) = &wanted.language {
            self.set(&wanted.id, "core", "lang", language).await.map_err(Trouble::in_doubt)?;
        }
        Ok(())
    }

    async fn edit(&self, id: &AccountId, edit: &Edit) -> Result<(), Trouble> {
        match edit {
            Edit::Enabled(enabled) => {
                let name = if *enabled { "user:enable" } else { "user:disable" };
                occ::switched(&self.run(Occ::new(name).argument(id.text())).await?, *enabled)
            }
            Edit::Quota(quota) => self.set(id, "files", "quota", &quota.text()).await,
            Edit::DisplayName(name) => self.set(id, "settings", "display_name", name).await,
            Edit::Email(email) => self.set(id, "settings", "email", email).await,
            Edit::Language(language) => self.set(id, "core", "lang", language).await,
            Edit::Leave(group) => self.member(id, group, false).await,
            Edit::Join(group) => match self.member(id, group, true).await {
                Err(trouble) if trouble.class == Class::NoGroup => {
                    self.make_group(group).await?;
                    self.member(id, group, true).await
                }
                done => done,
            },
        }
    }

    async fn delete(&self, id: &AccountId) -> Result<(), Trouble> {
        occ::deleted(&self.run(Occ::new("user:delete").argument(id.text())).await?)
    }

    async fn count(&self) -> Result<u64, Trouble> {
        let ran = self.run(Occ::new("user:report")).await.map_err(Trouble::certain)?;
        occ::counted(&ran).map_err(Trouble::certain)
    }

    async fn list(&self, offset: u64, limit: u32) -> Result<Vec<String>, Trouble> {
        let occ = Occ::new("user:list")
            .option("output", "json")
            .option("limit", limit.to_string())
            .option("offset", offset.to_string());
        let ran = self.run(occ).await.map_err(Trouble::certain)?;
        occ::listed(&ran).map_err(Trouble::certain)
    }

    fn has_scarce_edits(&self) -> bool {
        false
    }
}
