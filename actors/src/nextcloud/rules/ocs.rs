//! What an answer over HTTP means. `ocs.meta.statuscode` decides, the status code
//! of HTTP where there is no envelope, and the words never: they are translated.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::account::{Seen, ServerStatus};
use super::quota::SeenQuota;
use super::trouble::{Class, Trouble};

/// How long an address that showed bad logins is locked out.
const LOCKED: Duration = Duration::from_secs(30 * 60);
/// How long it takes at most until edits are allowed again.
const EDITED_OUT: Duration = super::budget::WINDOW;
/// How soon a server in maintenance is asked again.
const MAINTAINED: Duration = Duration::from_secs(60);
/// A password is asked for again since version 34, which app passwords cannot give.
const CONFIRMATION: &str = "Password confirmation is required";
/// What any unexpected exception is answered as.
const EXCEPTION: &str = "Bad request";

/// An answer as it was read.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    /// Of HTTP.
    pub status: u16,
    /// Whether the header that tells maintenance was there.
    pub maintenance: bool,
    /// The server's id of the request, which its log knows.
    pub request_id: Option<String>,
    /// The body, as far as it was read.
    pub body: Vec<u8>,
}

/// What an envelope says.
#[derive(Debug, Clone)]
pub struct Said {
    /// Its statuscode.
    pub code: u16,
    /// Its message.
    pub words: String,
    /// Its data: an empty list where there is none.
    pub data: Value,
}

#[derive(Deserialize)]
struct Outer {
    ocs: Inner,
}

#[derive(Deserialize)]
struct Inner {
    meta: Meta,
    #[serde(default)]
    data: Value,
}

#[derive(Deserialize)]
struct Meta {
    statuscode: u16,
    #[serde(default)]
    message: Option<String>,
}

impl Said {
    const fn is_ok(&self) -> bool {
        matches!(self.code, 100 | 200)
    }
}

/// The envelope, or the trouble that every call may meet. What is left is for the
/// call to judge.
pub fn opened(reply: &Reply) -> Result<Said, Trouble> {
    let said = serde_json::from_slice::<Outer>(&reply.body).ok().map(|outer| Said {
        code: outer.ocs.meta.statuscode,
        words: outer.ocs.meta.message.unwrap_or_default(),
        data: outer.ocs.data,
    });
    match said {
        Some(said) => known(reply, said),
        None => Err(unenveloped(reply)),
    }
}

fn known(reply: &Reply, said: Said) -> Result<Said, Trouble> {
    if said.is_ok() {
        return Ok(said);
    }
    let words = told(reply, &said.words);
    Err(match (said.code, reply.status) {
        (429, _) => Trouble::new(Class::Throttled, words).for_now(LOCKED),
        (503, _) if reply.maintenance => {
            Trouble::new(Class::Maintenance, words).for_now(MAINTAINED)
        }
        (503, _) => Trouble::new(Class::Failed, words).in_doubt(),
        (997, _) | (_, 401) => Trouble::new(Class::WrongCredentials, words),
        (403, _) if said.words.contains(CONFIRMATION) => Trouble::new(
            Class::NotPermitted,
            "the server asks for the password again, which an app password cannot answer: \
             give the instance a login password, or install a newer patch of Nextcloud",
        ),
        (403, _) => Trouble::new(Class::NotPermitted, words),
        (996, _) => Trouble::new(Class::Failed, words).in_doubt(),
        _ => return Ok(said),
    })
}

fn told(reply: &Reply, words: &str) -> String {
    let words = if words.trim().is_empty() { "no reason given" } else { words.trim() };
    match &reply.request_id {
        Some(id) => format!("{words} (request {id})"),
        None => words.to_owned(),
    }
}

/// An answer that is no envelope.
fn unenveloped(reply: &Reply) -> Trouble {
    let said = |words: &str| format!("{words} (HTTP {})", reply.status);
    match reply.status {
        429 => Trouble::new(Class::Throttled, said("too many edits lately")).for_now(EDITED_OUT),
        401 => Trouble::new(Class::WrongCredentials, said("the credentials were refused")),
        412 => Trouble::new(Class::Misconfigured, said("the server wants a header that was lost")),
        503 if reply.maintenance => {
            Trouble::new(Class::Maintenance, said("maintenance mode")).for_now(MAINTAINED)
        }
        300..=399 => Trouble::new(
            Class::Misconfigured,
            said("the server redirects: base_url is not its address"),
        ),
        400 => Trouble::new(
            Class::Misconfigured,
            said("the server does not go by the name in base_url (trusted_domains)"),
        ),
        // What is behind the gateway may be at it still.
        504 => Trouble::new(Class::Unreachable, said("a gateway gave up waiting")).in_doubt(),
        status @ (500..) => {
            Trouble::new(Class::Failed, format!("the web server failed (HTTP {status})")).in_doubt()
        }
        _ => Trouble::new(Class::Misconfigured, said("no Nextcloud answers under base_url")),
    }
}

fn refused(class: Class, reply: &Reply, said: &Said) -> Trouble {
    Trouble::new(class, told(reply, &said.words))
}

/// After asking for an account. Doubt: look, compare, repair.
pub fn created(reply: &Reply) -> Result<(), Trouble> {
    let said = opened(reply)?;
    Err(match said.code {
        _ if said.is_ok() => return Ok(()),
        // Permanent or not, made or not: 101 says nothing of that.
        101 if said.words.trim() == EXCEPTION => refused(Class::Failed, reply, &said).in_doubt(),
        101 => refused(Class::Policy, reply, &said).in_doubt(),
        102 => refused(Class::Taken, reply, &said).in_doubt(),
        104 => refused(Class::NoGroup, reply, &said),
        105 | 107 | 108 => refused(Class::Policy, reply, &said),
        _ => refused(Class::Failed, reply, &said).in_doubt(),
    })
}

/// After asking for an account by its id.
pub fn found(reply: &Reply) -> Result<Option<Seen>, Trouble> {
    let said = opened(reply)?;
    match said.code {
        // Who may not see an account is told 998, as when there is none. Who may
        // make accounts may see them.
        404 | 998 => Ok(None),
        _ if said.is_ok() => seen(&said.data).map(Some).ok_or_else(|| strange(reply)),
        _ => Err(refused(Class::Failed, reply, &said)),
    }
}

fn strange(reply: &Reply) -> Trouble {
    Trouble::new(Class::Failed, told(reply, "an answer that makes no sense"))
}

/// After an edit of one value.
pub fn edited(reply: &Reply) -> Result<(), Trouble> {
    let said = opened(reply)?;
    Err(match said.code {
        _ if said.is_ok() => return Ok(()),
        998 | 404 => refused(Class::UnknownUser, reply, &said),
        101 | 107 | 113 => refused(Class::Policy, reply, &said),
        _ => refused(Class::Failed, reply, &said).in_doubt(),
    })
}

/// After letting an account in or keeping it out: these say 101 for a missing one.
pub fn switched(reply: &Reply) -> Result<(), Trouble> {
    let said = opened(reply)?;
    Err(match said.code {
        _ if said.is_ok() => return Ok(()),
        101 | 998 => refused(Class::UnknownUser, reply, &said),
        _ => refused(Class::Failed, reply, &said).in_doubt(),
    })
}

/// After deleting: one that is gone is deleted.
pub fn deleted(reply: &Reply) -> Result<(), Trouble> {
    let said = opened(reply)?;
    Err(match said.code {
        998 => return Ok(()),
        _ if said.is_ok() => return Ok(()),
        101 => refused(Class::NotPermitted, reply, &said),
        _ => refused(Class::Failed, reply, &said).in_doubt(),
    })
}

/// After putting an account into a group, or taking it out.
pub fn grouped(reply: &Reply) -> Result<(), Trouble> {
    let said = opened(reply)?;
    Err(match said.code {
        _ if said.is_ok() => return Ok(()),
        102 => refused(Class::NoGroup, reply, &said),
        103 => refused(Class::UnknownUser, reply, &said),
        _ => refused(Class::Policy, reply, &said),
    })
}

/// After making a group: one that is there is made.
pub fn group_made(reply: &Reply) -> Result<(), Trouble> {
    let said = opened(reply)?;
    match said.code {
        102 => Ok(()),
        _ if said.is_ok() => Ok(()),
        _ => Err(refused(Class::Policy, reply, &said)),
    }
}

/// After asking for a page of ids.
pub fn listed(reply: &Reply) -> Result<Vec<String>, Trouble> {
    let said = opened(reply)?;
    let ids = said.data.get("users").and_then(Value::as_array);
    let ids = ids.ok_or_else(|| strange(reply))?;
    Ok(ids.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

/// After `/status.php`, which answers during maintenance too.
pub fn status(reply: &Reply) -> Result<ServerStatus, Trouble> {
    if reply.status != 200 {
        return Err(unenveloped(reply));
    }
    let status = serde_json::from_slice(&reply.body).ok().and_then(|body| status_of(&body));
    status.ok_or_else(|| {
        Trouble::new(Class::Misconfigured, "no Nextcloud answers under base_url (status.php)")
    })
}

/// What `status.php` and `occ status` say.
pub fn status_of(body: &Value) -> Option<ServerStatus> {
    Some(ServerStatus {
        version: body.get("versionstring")?.as_str()?.chars().take(40).collect(),
        maintenance: body.get("maintenance")?.as_bool()?,
        needs_upgrade: body.get("needsDbUpgrade").and_then(Value::as_bool).unwrap_or(false),
    })
}

fn text(data: &Value, name: &str) -> Option<String> {
    data.get(name)?.as_str().map(str::to_owned)
}

/// An account as it is shown. Numbers may come as fractions, lists as objects.
fn seen(data: &Value) -> Option<Seen> {
    let quota = data.get("quota").and_then(|quota| quota.get("quota"));
    let quota = match quota {
        Some(Value::Number(number)) => {
            number.as_f64().map_or(SeenQuota::Unreadable, SeenQuota::of_number)
        }
        Some(Value::String(text)) => SeenQuota::of_text(text),
        // An account that never signed in may be shown with an empty list.
        _ => SeenQuota::Unreadable,
    };
    let groups = match data.get("groups") {
        Some(Value::Array(groups)) => groups.iter().collect::<Vec<_>>(),
        Some(Value::Object(groups)) => groups.values().collect(),
        _ => Vec::new(),
    };
    Some(Seen {
        id: text(data, "id")?,
        display_name: text(data, "displayname").or_else(|| text(data, "display-name"))?,
        email: text(data, "email").filter(|email| !email.is_empty()),
        quota,
        groups: groups.into_iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        language: text(data, "language"),
        enabled: data.get("enabled").and_then(Value::as_bool).unwrap_or(true),
    })
}
