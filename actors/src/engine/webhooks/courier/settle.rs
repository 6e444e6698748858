//! The end of a try: the row's next state, who is free because of it, how the
//! webhook does, and whether that is the end of it; one commit.

use std::sync::atomic::Ordering;

use zelador_store::delivery::{Deliveries, DeliveriesInOrder, Delivery, DeliveryStatus};
use zelador_store::kv::Term;
use zelador_store::webhook::{Disabled, Webhook, WebhookHealth, WebhookHealths, Webhooks};
use zelador_store::{Query, Stored, Write};

use super::{Courier, REFUSED_PAUSE};
use crate::engine::webhooks::rules::turn::{self, Tried};
use crate::engine::webhooks::tell;
use crate::error::{During, Error};

impl Courier {
    /// Commits the end of a try. While the store refuses, it waits: the place is not
    /// given to another whose end could not be written either.
    pub(in crate::engine::webhooks) async fn settle(
        &self,
        hook: &Stored<Webhooks>,
        row: Stored<Deliveries>,
        tried: &Tried,
    ) {
        let mut row = Some(row);
        while let Some(stored) = row {
            let error = match self.end(hook, &stored, tried).await {
                Ok(true) => return,
                Ok(false) => None,
                Err(error) => Some(error),
            };
            if let Some(error) = error {
                if self.0.release.is_cancelled() {
                    return;
                }
                tracing::warn!(error = error.chain(), "the end of a delivery waits for the store");
                tokio::time::sleep(REFUSED_PAUSE).await;
            }
            // Sent again meanwhile, put in front of others, or gone.
            row = match self.delivery(&stored.key).await {
                Ok(found) => found.filter(|one| one.row.status == DeliveryStatus::Pending),
                Err(_) => Some(stored),
            };
        }
    }

    /// `false`: something that it rests on was changed.
    async fn end(
        &self,
        hook: &Stored<Webhooks>,
        row: &Stored<Deliveries>,
        tried: &Tried,
    ) -> Result<bool, Error> {
        let shell = &self.0.shell;
        let (settings, now) = (self.settings(), shell.now());
        let next = turn::after(&row.row, tried, &settings, shell.dice.fraction(), now);
        let mut write = Write::new();
        write.update::<Deliveries>(row, &next);
        if next.status != DeliveryStatus::Pending && row.row.followed {
            self.free_next(&mut write, row).await?;
        }
        let health = self.note_health(&mut write, row, tried).await?;
        let over = tried.is_gone()
            || (!tried.is_success() && turn::is_over(&health, settings.patience(), now));
        if over {
            self.switch_off(&mut write, hook, &health, tried).await?;
        }
        match shell.store.commit(write).await {
            Err(error) if error.is_conflict() => Ok(false),
            other => other.during("ending a delivery").map(|_| true),
        }
    }

    /// The next of its key need not wait any longer. One that does not wait yet is told
    /// that others may, and is not put aside meanwhile behind this one, of which nobody
    /// would free it.
    async fn free_next(&self, write: &mut Write, row: &Stored<Deliveries>) -> Result<(), Error> {
        let query = Query::under(&(row.key.0, Term::new(&row.row.key))).limit(3);
        // One of them may end meanwhile, and is left out: then it is the one behind it.
        let page = self.0.shell.store.page_by::<DeliveriesInOrder>(&query).await;
        let page = page.during("looking for the next of a key")?;
        let Some(next) = page.rows.iter().find(|next| next.key != row.key) else { return Ok(()) };
        let free = Delivery { held: false, followed: true, ..next.row.clone() };
        if free == next.row {
            write.expect(next);
        } else {
            write.update::<Deliveries>(next, &free);
        }
        Ok(())
    }

    /// How the webhook does after this try.
    async fn note_health(
        &self,
        write: &mut Write,
        row: &Stored<Deliveries>,
        tried: &Tried,
    ) -> Result<WebhookHealth, Error> {
        let store = &self.0.shell.store;
        let found = store.get::<WebhookHealths>(&row.key.0).await;
        let found = found.during("reading how a webhook does")?;
        let before = found.as_ref().map(|found| found.row.clone()).unwrap_or_default();
        let Some(next) = turn::health(&before, tried, row.row.seq, self.0.shell.now()) else {
            return Ok(before);
        };
        match &found {
            Some(found) => write.update::<WebhookHealths>(found, &next),
            None => write.insert::<WebhookHealths>(&row.key.0, &next),
        };
        Ok(next)
    }

    /// Stages that nothing more is sent; not if it was changed while this try was
    /// under way.
    async fn switch_off(
        &self,
        write: &mut Write,
        hook: &Stored<Webhooks>,
        health: &WebhookHealth,
        tried: &Tried,
    ) -> Result<(), Error> {
        let shell = &self.0.shell;
        let found = shell.store.get::<Webhooks>(&hook.key).await.during("reading a webhook")?;
        let same = |found: &Stored<Webhooks>| found.row.is_active && found.row.url == hook.row.url;
        let Some(found) = found.filter(same) else { return Ok(()) };
        let now = shell.now();
        let why = if tried.is_gone() { "gone" } else { "failing" };
        let last_error = health.last_error.clone();
        let row = Webhook {
            is_active: false,
            disabled: Some(Disabled { at: now, why: why.to_owned(), last_error }),
            replay_from: earlier(found.row.replay_from, turn::replay_from(health)),
            version: found.row.version + 1,
            updated_at: now,
            ..found.row.clone()
        };
        write.update::<Webhooks>(&found, &row);
        write.event(&tell::disabled(shell, hook.key, &row, health));
        tracing::warn!(
            why,
            since = health.failing_since.map(tracing::field::display),
            error = health.last_error,
            "webhook switched off: nothing is sent until it is switched on"
        );
        Ok(())
    }

    /// The try in the metrics and in the log.
    pub(super) fn told(&self, row: &Stored<Deliveries>, tried: &Tried) {
        let outcome = match (tried.is_success(), tried.status) {
            (true, _) => "delivered",
            (false, Some(_)) => "refused",
            (false, None) => "unanswered",
        };
        metrics::counter!("zelador_webhook_deliveries_total", "outcome" => outcome).increment(1);
        metrics::histogram!("zelador_webhook_duration_seconds", "outcome" => outcome)
            .record(tried.took.as_secs_f64());
        let count = if tried.is_success() { &self.0.delivered } else { &self.0.failed };
        count.fetch_add(1, Ordering::Relaxed);
        if let Some(error) = tried.trouble() {
            tracing::info!(
                error,
                kind = row.row.kind,
                tries = row.row.tries + 1,
                "delivery failed"
            );
        }
    }
}

/// The earlier of two, of which either may be missing.
pub(crate) fn earlier(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
