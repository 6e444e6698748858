//! Where the edge finds tokens, kept answers and tenants' languages: in the store.

use async_trait::async_trait;
use zelador_actors::Error;
use zelador_actors::engine::Shell;
use zelador_actors::error::During;
use zelador_actors::identity::tokens;
use zelador_store::answer::Answer;
use zelador_store::id::{TenantId, TokenId};
use zelador_store::tenant::Tenants;
use zelador_store::token::Token;

use super::auth::TokenSource;
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

/// Kept answers in the store.
pub struct Answers(pub Shell);

#[async_trait]
impl AnswerSource for Answers {
    async fn find(&self, scope: &[u8; 32]) -> Result<Option<Answer>, Error> {
        let found = self.0.store.get::<zelador_store::answer::Answers>(scope).await;
        Ok(found.during("looking for a kept answer")?.map(|stored| stored.row))
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
