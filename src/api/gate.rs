//! Who is known: at the beginning of a request, and again while its answer lasts.

use std::fmt;
use std::sync::Arc;

use zelador_actors::Error;
use zelador_actors::engine::Clock;
use zelador_store::Timestamp;

use super::auth::{self, PersonSource, Presented, TokenSource, Who};

/// Recognises callers; clones are the same one.
#[derive(Clone)]
pub(crate) struct Gate {
    tokens: Arc<dyn TokenSource>,
    people: Arc<dyn PersonSource>,
}

impl Gate {
    pub(crate) fn new(tokens: Arc<dyn TokenSource>, people: Arc<dyn PersonSource>) -> Self {
        Self { tokens, people }
    }

    /// Whose token it is; `None` if it is nobody's.
    pub(crate) async fn recognise(
        &self,
        token: &Presented,
        now: Timestamp,
    ) -> Result<Option<Who>, Error> {
        let token = match token {
            Presented::Nothing => return Ok(Some(Who::Anyone)),
            Presented::Unusable => return Ok(None),
            Presented::Token(token) => token,
        };
        if !token.starts_with(auth::TOKEN_PREFIX)
            && let Some(person) = self.people.recognise(token, now).await?
        {
            return Ok(Some(Who::Person(person)));
        }
        // Ours, or a key that the operator has chosen ([drive] api_key).
        let hash = auth::hash_of(token);
        let found = self.tokens.find(hash).await?;
        Ok(found.and_then(|(id, token)| auth::admit(id, token, hash, now)))
    }
}

/// What a caller showed. It is kept for as long as an answer lasts, so that one
/// whose token is revoked, or who is banned, does not go on reading.
#[derive(Clone)]
pub struct Credential {
    gate: Gate,
    presented: Presented,
    clock: Clock,
}

impl Credential {
    pub(crate) fn new(gate: Gate, presented: Presented, clock: Clock) -> Self {
        Self { gate, presented, clock }
    }

    /// Whether it still makes its bearer exactly this caller. A store that does not
    /// answer has not said otherwise.
    pub async fn still(&self, who: &Who) -> bool {
        match self.gate.recognise(&self.presented, self.clock.now()).await {
            Ok(found) => found.as_ref() == Some(who),
            Err(error) => {
                tracing::warn!(error = error.chain(), "a caller cannot be looked up again");
                true
            }
        }
    }
}

/// It holds a token.
impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential").finish_non_exhaustive()
    }
}
