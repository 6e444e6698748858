//! `notification.test`: a sample to an address of the operator's.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use zelador_store::Write;

use crate::engine::jobs::{Failure, Handler, JobCx};
use crate::engine::notifications::desk::NoticeDesk;
use crate::engine::notifications::rules::tongue::Tongue;
use crate::engine::notifications::send::{Letter, compose};

/// What a sample is sent of.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Sample {
    /// The text.
    pub kind: String,
    /// The language.
    pub language: Tongue,
    /// To whom.
    pub address: String,
}

/// Does the work of `notification.test`.
pub(in crate::engine::notifications) struct Test(pub(in crate::engine::notifications) NoticeDesk);

#[async_trait]
impl Handler for Test {
    async fn run(&self, cx: JobCx) -> Result<Write, Failure> {
        let sample: Sample = cx.args()?;
        let (settings, now) = (self.0.settings(), cx.shell.now());
        let Some(smtp) = &settings.smtp else {
            return Err(Failure::permanent("notifications.smtp.host is not set"));
        };
        let written = self.0.sample(&sample.kind, sample.language).map_err(Failure::permanent)?;
        let id = cx.id.to_string();
        let letter = Letter {
            from: &smtp.from,
            sender: None,
            reply_to: None,
            name: None,
            to: &sample.address,
            id: &id,
            at: now,
            written: &written,
            opt_out_url: None,
            invite: None,
        };
        let sent = match compose(&letter) {
            Ok(mail) => self.0.post.send(smtp, &mail, now).await,
            Err(undelivered) => Err(undelivered),
        };
        // Whoever tries is there to be told: nothing is put off.
        sent.map_err(Failure::permanent)?;
        cx.progress(1, 1, "handed over to the mail server");
        Ok(Write::new())
    }
}
