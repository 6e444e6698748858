//! `zelador users …`.

mod ask;
mod provision;

use clap::Subcommand;

pub(super) use ask::run;

/// What can be asked about users, and done to them.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// List users
    List {
        /// Only of this tenant
        #[arg(long, value_name = "TENANT_ID")]
        tenant: Option<String>,
        /// Only with this status in force, such as ACTIVE
        #[arg(long)]
        status: Option<String>,
        /// Only whose name or address begins like this
        #[arg(long, value_name = "TEXT")]
        search: Option<String>,
        /// At most so many
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// Show a user
    Show {
        /// The user
        #[arg(value_name = "USER_ID")]
        id: String,
    },
    /// Tell the status of a user, or set it
    Status {
        /// The user
        #[arg(value_name = "USER_ID")]
        id: String,
        /// Set it to this, such as SUSPENDED
        #[arg(long, value_name = "STATUS")]
        set: Option<String>,
        /// At this time, past or to come; without an offset, local to the tenant
        #[arg(long, value_name = "TIME")]
        at: Option<String>,
        #[command(flatten)]
        why: Why,
    },
    /// Ban a user, now or later
    Ban {
        /// The user
        #[arg(value_name = "USER_ID")]
        id: String,
        /// Plan it for this time; without an offset, local to the tenant
        #[arg(long, value_name = "TIME", requires = "reason")]
        at: Option<String>,
        #[command(flatten)]
        why: Why,
    },
    /// Lift a ban, or call off one that is planned
    Unban {
        /// The user
        #[arg(value_name = "USER_ID")]
        id: String,
        #[command(flatten)]
        why: Why,
    },
    /// List the leaves of a user, plan one, or cancel one
    Leave {
        /// The user
        #[arg(value_name = "USER_ID")]
        id: String,
        /// The first day, local to the tenant, such as 2025-12-05
        #[arg(long, value_name = "DATE", requires = "to")]
        from: Option<String>,
        /// The day of the return
        #[arg(long, value_name = "DATE", requires = "from")]
        to: Option<String>,
        /// Cancel this leave
        #[arg(long, value_name = "LEAVE_ID", conflicts_with_all = ["from", "to"])]
        cancel: Option<String>,
        #[command(flatten)]
        why: Why,
    },
    /// List where a user is signed in, or end it
    Sessions {
        /// The user
        #[arg(value_name = "USER_ID")]
        id: String,
        /// End all of them
        #[arg(long)]
        revoke: bool,
    },
    /// Tell everything that ever happened to a user, the newest first
    Timeline {
        /// The user
        #[arg(value_name = "USER_ID")]
        id: String,
        /// At most so many
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// Have a Nextcloud account made for a user
    Provision {
        /// The user
        #[arg(value_name = "USER_ID", required_unless_present = "retry_failed")]
        id: Option<String>,
        /// Follow it to its end
        #[arg(long, requires = "id")]
        wait: bool,
        /// Make a link that shows the first password once
        #[arg(long, requires = "id", conflicts_with_all = ["wait", "to"])]
        link: bool,
        /// Make it anew on this instance, and switch the old one off
        #[arg(long, value_name = "INSTANCE_ID", requires = "id")]
        to: Option<String>,
        /// Try every account anew that could not be made
        #[arg(long, conflicts_with = "id")]
        retry_failed: bool,
    },
    /// Print everything that is kept about a user, as JSON
    Export {
        /// The user
        #[arg(value_name = "USER_ID")]
        id: String,
    },
    /// Delete a user
    Delete {
        /// The user
        #[arg(value_name = "USER_ID")]
        id: String,
        /// Erase what is known of the person as well; cannot be undone
        #[arg(long)]
        erase: bool,
        /// Tell what would happen, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
}

/// What goes with a change.
#[derive(Debug, clap::Args)]
pub struct Why {
    /// Why
    #[arg(long)]
    reason: Option<String>,
    /// Tell what would happen, and change nothing
    #[arg(long)]
    dry_run: bool,
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use crate::cli::{Args, Command};

    fn parse(line: &str) -> Result<Command, clap::Error> {
        let words = ["zelador", "users"].into_iter().chain(line.split_whitespace());
        Args::try_parse_from(words).map(|args| args.command)
    }

    #[test]
    fn what_belongs_together_is_asked_for_together() {
        for good in [
            "list --status ACTIVE --json",
            "ban u",
            "ban u --at 2025-12-05 --reason debt --dry-run",
            "unban u --reason paid",
            "unban u --dry-run",
            "status u --at 2025-12-05",
            "status u --set SUSPENDED --at 2025-12-05 --reason trip",
            "leave u",
            "leave u --from 2025-12-05 --to 2025-12-09 --reason trip",
            "leave u --cancel l",
            "sessions u --revoke",
            "delete u --erase",
            "provision u --wait",
            "provision --retry-failed",
        ] {
            assert!(parse(good).is_ok(), "{good}");
        }
        for bad in [
            "ban",
            "provision",
            "provision u --retry-failed",
            "ban u --at 2025-12-05",
            "leave u --from 2025-12-05",
            "leave u --cancel l --from 2025-12-05 --to 2025-12-06",
        ] {
            assert_eq!(parse(bad).unwrap_err().exit_code(), 2, "{bad}");
        }
    }
}
