//! Making one account on one instance, whatever becomes of the answers.
//!
//! ```text
//! never called ─ find ─┬ there ─────────────▶ Foreign (it is somebody else's)
//!                      └ absent ─▶ (noted) ─▶ create ─┬ done ───────▶ whole
//! called before ─ find ┬ there ─▶ repair ─▶ whole     ├ doubt ─ find ┬ there ─▶ repair
//!                      └ absent ─▶ create …           └ trouble      └ absent ─▶ trouble
//! ```
//! Invariants:
//! - Trouble is certain only where nothing can come of any call: the one call that was
//!   made was answered. One that broke off, and one of a try that was cut off, may be
//!   carried out by the server long after an account was looked for in vain.
//! - An account that was there before our first call is not touched.
//! - It counts as whole when it was looked at and nothing was missing, or when the
//!   one call that makes it was answered with success.

use parking_lot::Mutex;
use secrecy::SecretString;
use zelador_store::Timestamp;

use super::port::Port;
use super::rules::budget::Budget;
use super::rules::{Class, Edit, Seen, Trouble, Wanted, repair};

/// How making an account ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It stands, as it was wanted.
    Whole,
    /// The id is somebody else's.
    Foreign,
}

/// What is known before the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// The account was looked for, was not there, and was never asked for.
    Absent,
    /// It may have been asked for: by a try that was cut off, or failed.
    Asked,
}

/// Makes the account whole. `at` is now; edits are counted against `budget`.
pub async fn make(
    port: &dyn Port,
    wanted: &Wanted,
    password: &SecretString,
    before: Before,
    budget: &Mutex<Budget>,
    at: Timestamp,
) -> Result<Outcome, Trouble> {
    if before == Before::Asked
        && let Some(seen) = port.find(&wanted.id).await.map_err(Trouble::in_doubt)?
    {
        return mend(port, wanted, password, &seen, budget, at).await;
    }
    let trouble = match port.create(wanted, password).await {
        Ok(()) if wanted.enabled => return Ok(Outcome::Whole),
        Ok(()) => {
            let out = port.edit(&wanted.id, &Edit::Enabled(false)).await;
            return out.map(|()| Outcome::Whole).map_err(Trouble::in_doubt);
        }
        // It was not there a moment ago, and we had not asked.
        Err(trouble) if trouble.class == Class::Taken && before == Before::Absent => {
            return Ok(Outcome::Foreign);
        }
        // What the rules refuse was refused before, too.
        Err(trouble) if trouble.class == Class::Policy && !trouble.doubt => return Err(trouble),
        Err(trouble) if !trouble.doubt && before == Before::Absent => return Err(trouble),
        Err(trouble) => trouble.in_doubt(),
    };
    let answered = trouble.class != Class::Unreachable;
    match port.find(&wanted.id).await {
        Ok(Some(seen)) => mend(port, wanted, password, &seen, budget, at).await,
        // Nothing was made, and the server has said why.
        Ok(None) if answered && before == Before::Absent => Err(trouble.certain()),
        // Ours, of a call that is still being carried out.
        Ok(None) if trouble.class == Class::Taken => {
            Err(Trouble::new(Class::Failed, trouble.words).in_doubt())
        }
        Ok(None) | Err(_) => Err(trouble),
    }
}

async fn mend(
    port: &dyn Port,
    wanted: &Wanted,
    password: &SecretString,
    seen: &Seen,
    budget: &Mutex<Budget>,
    at: Timestamp,
) -> Result<Outcome, Trouble> {
    let edits = repair::edits(wanted, seen);
    if edits.is_empty() {
        return Ok(Outcome::Whole);
    }
    if may_spend(port, &edits, budget, at) {
        if let Err(trouble) = apply(port, wanted, &edits).await {
            if trouble.class == Class::Throttled {
                budget.lock().refused(at);
            }
            return Err(trouble.in_doubt());
        }
    } else {
        // Nobody has this account yet, so it can be made anew: that is not limited.
        port.delete(&wanted.id).await.map_err(Trouble::in_doubt)?;
        port.create(wanted, password).await.map_err(Trouble::in_doubt)?;
    }
    let seen = port.find(&wanted.id).await.map_err(Trouble::in_doubt)?;
    match seen.map(|seen| repair::edits(wanted, &seen)) {
        Some(missing) if missing.is_empty() => Ok(Outcome::Whole),
        _ => Err(Trouble::new(Class::Failed, "the account is not as it was asked for").in_doubt()),
    }
}

/// Takes the edits from the allowance, if they are limited and there are enough.
fn may_spend(port: &dyn Port, edits: &[Edit], budget: &Mutex<Budget>, at: Timestamp) -> bool {
    let scarce = repair::scarce(edits);
    if !port.has_scarce_edits() || scarce == 0 {
        return true;
    }
    let mut budget = budget.lock();
    let enough = budget.left(at) >= scarce;
    if enough {
        budget.spend(scarce, at);
    }
    enough
}

async fn apply(port: &dyn Port, wanted: &Wanted, edits: &[Edit]) -> Result<(), Trouble> {
    for edit in edits {
        port.edit(&wanted.id, edit).await?;
    }
    Ok(())
}
