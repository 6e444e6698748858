//! A notice as a mail (RFC 5322): text, HTML, and an appointment. Pure.
//!
//! Whatever stands in names, subjects and addresses cannot become a header: control
//! characters are dropped, addresses are parsed, the rest is encoded.

use std::time::{Duration, SystemTime};

use lettre::Address;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use zelador_store::Timestamp;

use super::Undelivered;
use crate::engine::notifications::templates::Written;

/// An appointment for the recipient's calendar (RFC 5546).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invite {
    /// `REQUEST`, `CANCEL` or `PUBLISH`.
    pub method: &'static str,
    /// The calendar object.
    pub text: String,
}

/// All that a mail is made of.
#[derive(Debug, Clone)]
pub struct Letter<'a> {
    /// Where it comes from: an address, with or without a name.
    pub from: &'a str,
    /// The name that it comes under, in place of that.
    pub sender: Option<&'a str>,
    /// Where answers go.
    pub reply_to: Option<&'a str>,
    /// Whom it is for.
    pub name: Option<&'a str>,
    /// Their address.
    pub to: &'a str,
    /// What makes it this mail, however often it is sent.
    pub id: &'a str,
    /// When it is written.
    pub at: Timestamp,
    /// Its words.
    pub written: &'a Written,
    /// Where one says that no more of the kind is wanted.
    pub opt_out_url: Option<&'a str>,
    /// What goes along.
    pub invite: Option<&'a Invite>,
}

/// Puts a mail together.
pub fn compose(letter: &Letter<'_>) -> Result<lettre::Message, Undelivered> {
    let refused = |what: &str| Undelivered::Refused(format!("{what} is no mail address"));
    let from = mailbox(letter.from, letter.sender)
        .ok_or_else(|| Undelivered::Login("notifications.smtp.from is no mail address".into()))?;
    let to = mailbox(letter.to, letter.name).ok_or_else(|| refused("the recipient's"))?;
    let domain = from.email.domain().to_owned();
    let at = u64::try_from(letter.at.as_millis()).unwrap_or(0);
    let mut builder = lettre::Message::builder()
        .from(from)
        .to(to)
        .date(SystemTime::UNIX_EPOCH + Duration::from_millis(at))
        .message_id(Some(format!("<{}@{domain}>", letter.id)))
        .subject(line(&letter.written.subject))
        .raw_header(plain("Auto-Submitted", "auto-generated"));
    if let Some(reply_to) = letter.reply_to.and_then(|address| mailbox(address, None)) {
        builder = builder.reply_to(reply_to);
    }
    if let Some(url) = letter.opt_out_url.filter(|url| url.chars().all(|c| c.is_ascii_graphic())) {
        builder = builder.raw_header(plain("List-Unsubscribe", &format!("<{url}>")));
        // One click must not be asked for over a line that others read (RFC 8058).
        if url.starts_with("https://") {
            let one_click = plain("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
            builder = builder.raw_header(one_click);
        }
    }
    let words = MultiPart::alternative()
        .singlepart(SinglePart::plain(letter.written.text.clone()))
        .singlepart(SinglePart::html(letter.written.html.clone()));
    let built = match letter.invite.and_then(attached) {
        Some(invite) => builder.multipart(MultiPart::mixed().multipart(words).singlepart(invite)),
        None => builder.multipart(words),
    };
    built.map_err(|error| Undelivered::Refused(error.to_string()))
}

fn attached(invite: &Invite) -> Option<SinglePart> {
    let kind = format!("text/calendar; charset=utf-8; method={}", invite.method);
    let kind = ContentType::parse(&kind).ok()?;
    Some(Attachment::new("invite.ics".to_owned()).body(invite.text.clone(), kind))
}

/// An address with a name: `Sol <sol@example.com>` or the bare address.
pub(super) fn mailbox(text: &str, name: Option<&str>) -> Option<Mailbox> {
    let (own, bare) = match text.trim().strip_suffix('>').and_then(|rest| rest.rsplit_once('<')) {
        Some((own, bare)) => (Some(own.trim().trim_matches('"')), bare),
        None => (None, text.trim()),
    };
    let name = name.or(own).map(line).filter(|name| !name.is_empty());
    Some(Mailbox::new(name, address(bare)?))
}

/// The address of `Sol <sol@example.com>`.
pub fn bare(text: &str) -> String {
    mailbox(text, None).map(|mailbox| mailbox.email.to_string()).unwrap_or_default()
}

/// An address, its domain as the net knows it: most servers take no other.
fn address(text: &str) -> Option<Address> {
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return None;
    }
    let (user, domain) = text.rsplit_once('@')?;
    if domain.is_ascii() {
        return Address::new(user, domain).ok();
    }
    Address::new(user, idna::domain_to_ascii(domain).ok()?).ok()
}

/// Text that is one line, whatever it was.
fn line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect::<String>().trim().to_owned()
}

/// A header that is ASCII of our own making.
fn plain(name: &'static str, value: &str) -> HeaderValue {
    let name = HeaderName::new_from_ascii_str(name);
    HeaderValue::dangerous_new_pre_encoded(name, value.to_owned(), value.to_owned())
}
