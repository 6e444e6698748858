//! Where the edge finds tokens, kept answers and tenants' languages: in the store.

use async_trait::async_trait;
use zelador_actors::Error;
use zelador_actors::engine::Shell;
use zelador_actors::error::During;
use zelador_actors::identity::{IdentityDesk, Person, tokens};
use zelador_store::Timestamp;
use zelador_store::Write;
use zelador_store::answer::Answer;
use zelador_store::id::{TenantId, TokenId};
use zelador_store::tenant::Tenants;
use zelador_store::token::Token;

use super::auth::{PersonSource, TokenSource};
use super::edge::LocaleSource;
use super::idempotency::AnswerSource;

/// Tokens in the store.
pub struct Tokens(pub Shell);

#[async_trait]
impl TokenSource for Tokens {
    async fn find(&self, hash: [u8; 32]) -> Result<Option<(TokenId, Token)>, Error> {
        tokens::find(&self.0, hash).await
    }
}

/// People in the store.
pub struct People(pub IdentityDesk);

#[async_trait]
impl PersonSource for People {
    async fn recognise(&self, token: &str, now: Timestamp) -> Result<Option<Person>, Error> {
        self.0.recognise(token, now).await
    }
}

/// Kept answers in the store.
pub struct Answers(pub Shell);

#[async_trait]
impl AnswerSource for Answers {
    async fn find(&self, scope: &[u8; 32]) -> Result<Option<Answer>, Error> {
        let found = self.0.store.get::<zelador_store::answer::Answers>(scope).await;
        let Some(kept) = found.during("looking for a kept answer")? else { return Ok(None) };
        if kept.row.expires_at > self.0.now() {
            return Ok(Some(kept.row));
        }
        // The pruning has not come by yet, and a new answer needs the place.
        let mut write = Write::new();
        write.remove(&kept);
        match self.0.store.commit(write).await {
            // Whoever was faster has removed it.
            Ok(_) | Err(zelador_store::Error::Conflict(_)) => Ok(None),
            Err(error) => Err(error).during("forgetting a kept answer"),
        }
    }
}

/// Tenants' languages in the store.
pub struct Locales(pub Shell);

#[async_trait]
impl LocaleSource for Locales {
    async fn locale(&self, tenant: TenantId) -> Option<String> {
        let found = self.0.store.get::<Tenants>(&tenant).await.ok()??;
        found.row.locale
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use zelador_actors::PendingAnswer;
    use zelador_actors::testkit::World;

    use super::*;

    #[tokio::test]
    async fn an_expired_answer_makes_room_for_another() {
        let world = World::new();
        let expires_at = world.shell.now() + Duration::from_hours(24);
        let pending = PendingAnswer { scope: [1; 32], fingerprint: [2; 32], expires_at };
        let answer = pending.finish(zelador_actors::Rendered {
            status: 201,
            location: None,
            etag: None,
            body: "{}".to_owned(),
        });
        let keep = || {
            let mut write = Write::new();
            write.answer(&pending.scope, &answer);
            world.shell.store.commit(write)
        };
        keep().await.unwrap();
        let answers = Answers(world.shell.clone());
        world.hand.advance(Duration::from_hours(23));
        assert_eq!(answers.find(&pending.scope).await.unwrap(), Some(answer.clone()));
        assert!(keep().await.is_err(), "one answer a place");
        world.hand.advance(Duration::from_hours(1));
        assert_eq!(answers.find(&pending.scope).await.unwrap(), None);
        keep().await.unwrap();
    }
}
