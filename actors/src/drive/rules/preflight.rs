//! What stands in the way of the concern's work, in words.

use crate::drive::port::Standing;

/// Which way the daemon is known to Google.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Account {
    /// A service account as itself.
    Service,
    /// A service account in the place of a user.
    Delegated,
    /// A person who consented.
    Person,
}

impl Account {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Service => "service account",
            Self::Delegated => "service account acting for a user",
            Self::Person => "authorised user",
        }
    }
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// As it should be.
    Fine,
    /// It works, and somebody should know.
    Warning,
    /// It does not work.
    Wrong,
}

impl Weight {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fine => "ok",
            Self::Warning => "warning",
            Self::Wrong => "wrong",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad.
    pub weight: Weight,
    /// What.
    pub about: &'static str,
    /// In words an operator can act on.
    pub words: String,
}

fn finding(weight: Weight, about: &'static str, words: impl Into<String>) -> Finding {
    Finding { weight, about, words: words.into() }
}

/// What follows from how the account stands. `drive`: the shared drive that is
/// configured; empty: none. `domain`: that of the organisation, if it is known.
pub fn findings(account: Account, drive: &str, standing: &Standing) -> Vec<Finding> {
    let who = format!("{} ({})", standing.email, account.word());
    let mut found = vec![finding(Weight::Fine, "account", who)];
    match (drive.is_empty(), &standing.drive) {
        (true, _) => found.push(own_storage(account)),
        (false, None) => found.push(finding(
            Weight::Wrong,
            "shared drive",
            format!(
                "{drive} is not there, or {} is no member of it: add it in Drive, under Manage members, as Content manager",
                standing.email
            ),
        )),
        (false, Some(shared)) => {
            found.push(finding(Weight::Fine, "shared drive", shared.name.clone()));
            if !shared.can_add {
                let words = "the account may not put files into the shared drive: make it a Content manager";
                found.push(finding(Weight::Wrong, "membership", words));
            }
            if shared.folders_need_organizer && !shared.can_share {
                let words = "only managers may share folders there: make the account a Manager, or allow Content managers to share folders";
                found.push(finding(Weight::Wrong, "sharing", words));
            } else if !shared.can_share {
                let words = "the account may not share what is in the shared drive: make it a Content manager";
                found.push(finding(Weight::Wrong, "sharing", words));
            }
            if shared.members_only {
                let words = "only members of the shared drive may see what is in it: novos cannot be shared with users";
                found.push(finding(Weight::Wrong, "sharing", words));
            }
            if shared.domain_users_only {
                let words = "nobody outside of the organisation's domain gets a share: users with other addresses cannot see their folders";
                found.push(finding(Weight::Warning, "sharing", words));
            }
        }
    }
    found
}

fn own_storage(account: Account) -> Finding {
    match account {
        Account::Service => finding(
            Weight::Wrong,
            "storage",
            "a service account stores nothing of its own: set [drive] shared_drive_id, or subject, or use an authorised user",
        ),
        Account::Delegated | Account::Person => finding(
            Weight::Warning,
            "storage",
            "files live in a person's My Drive: what a user drops stays theirs, and the daemon can move it, not delete it",
        ),
    }
}
