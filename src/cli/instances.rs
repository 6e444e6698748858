//! `zelador instances …`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use reqwest::Method;
use serde_json::{Map, Value, json};

use super::client::Client;
use super::paths::segment;
use super::table::{Column, show, show_one};
use super::{Common, Exit, Failure};

/// How an instance is managed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Way {
    /// The provisioning interface over HTTP.
    Api,
    /// `occ` over SSH.
    Ssh,
}

/// What an instance is made of. Secrets are read from files: a command line is seen
/// by everybody on the machine. With --by-reference the daemon itself reads the files
/// (by their whole path) each time, and keeps nothing.
#[derive(Debug, Default, clap::Args)]
pub struct Parts {
    /// Its address
    #[arg(long, value_name = "ADDRESS")]
    base_url: Option<String>,
    /// How many accounts may be placed there
    #[arg(long, value_name = "N")]
    max_users: Option<u32>,
    /// Only users of this tenant; repeat it for several
    #[arg(long = "tenant", value_name = "TENANT_ID")]
    tenants: Vec<String>,
    /// The name of the admin (api), or of the unix user (ssh)
    #[arg(long)]
    user: Option<String>,
    /// A file with the password, or the app password
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// A file with the private key (ssh)
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// The daemon reads the files itself, each time
    #[arg(long)]
    by_reference: bool,
    /// Name or address (ssh)
    #[arg(long)]
    host: Option<String>,
    /// Port (ssh)
    #[arg(long)]
    port: Option<u16>,
    /// The key that the host must show, as ssh-keyscan prints it (ssh)
    #[arg(long, value_name = "LINE")]
    host_key: Option<String>,
    /// The path of occ (ssh)
    #[arg(long, value_name = "PATH")]
    occ: Option<String>,
    /// The unix user that occ runs as, by sudo (ssh)
    #[arg(long, value_name = "USER")]
    run_as: Option<String>,
}

/// What can be asked about instances, and done to them.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// List the instances
    List {
        /// At most so many
        #[arg(long, default_value_t = 100)]
        limit: usize,
    },
    /// Show an instance, and how it does
    Show {
        /// The instance
        #[arg(value_name = "INSTANCE_ID")]
        id: String,
    },
    /// Register an instance
    Add {
        /// What people call it
        name: String,
        /// How it is managed
        #[arg(long, value_enum, default_value = "api")]
        method: Way,
        #[command(flatten)]
        parts: Parts,
    },
    /// Change an instance; what is left out stays
    Edit {
        /// The instance
        #[arg(value_name = "INSTANCE_ID")]
        id: String,
        /// What people call it
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        parts: Parts,
    },
    /// Look at an instance now
    Check {
        /// The instance
        #[arg(value_name = "INSTANCE_ID")]
        id: String,
    },
    /// Place no more accounts there
    Disable {
        /// The instance
        #[arg(value_name = "INSTANCE_ID")]
        id: String,
    },
    /// Place accounts there again
    Enable {
        /// The instance
        #[arg(value_name = "INSTANCE_ID")]
        id: String,
    },
    /// Forget an instance without accounts
    Remove {
        /// The instance
        #[arg(value_name = "INSTANCE_ID")]
        id: String,
    },
}

const ALL: &[Column] = &[
    Column("instance", "/id"),
    Column("name", "/name"),
    Column("method", "/management_method"),
    Column("status", "/status"),
    Column("health", "/health"),
    Column("breaker", "/breaker"),
    Column("users", "/current_users"),
    Column("of", "/max_users"),
    Column("version", "/version_string"),
    Column("error", "/error/message"),
];

const ONE: &[Column] = &[
    Column("instance", "/id"),
    Column("name", "/name"),
    Column("address", "/base_url"),
    Column("method", "/management_method"),
    Column("status", "/status"),
    Column("health", "/health"),
    Column("breaker", "/breaker"),
    Column("class", "/error/class"),
    Column("error", "/error/message"),
    Column("users placed", "/current_users"),
    Column("of at most", "/max_users"),
    Column("users by its own count", "/user_count"),
    Column("missing there", "/drift/missing"),
    Column("not ours there", "/drift/strangers"),
    Column("version", "/version_string"),
    Column("milliseconds", "/latency_ms"),
    Column("looked at", "/last_health_check"),
    Column("secrets", "/secrets"),
    Column("tenants", "/tenant_ids"),
];

const CHECK: &[Column] = &[
    Column("healthy", "/healthy"),
    Column("version", "/version"),
    Column("maintenance", "/maintenance"),
    Column("milliseconds", "/latency_ms"),
    Column("users", "/user_count"),
    Column("class", "/error/class"),
    Column("error", "/error/message"),
];

/// Does it.
pub(super) async fn run(common: &Common, client: &Client, action: Action) -> Result<(), Failure> {
    let one = |id: &str| format!("admin/instances/{}", segment(id));
    let sent = async |method, path: &str, body: &Value| {
        show_one(common, ONE, &client.call(method, path, Some(body)).await?.body)
    };
    match action {
        Action::List { limit } => show(common, ALL, &client.list("admin/instances", limit).await?),
        Action::Show { id } => show_one(common, ONE, &client.get(&one(&id)).await?),
        Action::Add { name, method, parts } => {
            let mut body = parts.members(method)?;
            body.insert("name".to_owned(), name.into());
            let word = if method == Way::Api { "api" } else { "ssh" };
            body.insert("management_method".to_owned(), word.into());
            sent(Method::POST, "admin/instances", &Value::Object(body)).await
        }
        Action::Edit { id, name, parts } => {
            let record = client.get(&one(&id)).await?;
            let of_ssh = record.get("management_method").is_some_and(|method| method == "ssh");
            let mut body = parts.members(if of_ssh { Way::Ssh } else { Way::Api })?;
            body.extend(name.map(|name| ("name".to_owned(), name.into())));
            sent(Method::PATCH, &one(&id), &Value::Object(body)).await
        }
        Action::Check { id } => {
            let path = format!("{}/health-check", one(&id));
            let seen = client.call(Method::POST, &path, None).await?.body;
            show_one(common, CHECK, &seen)?;
            if seen.get("healthy") == Some(&Value::Bool(true)) {
                return Ok(());
            }
            Err(Failure::new(Exit::No, "the instance is not well"))
        }
        Action::Disable { id } => {
            sent(Method::PATCH, &one(&id), &json!({ "status": "disabled" })).await
        }
        Action::Enable { id } => {
            sent(Method::PATCH, &one(&id), &json!({ "status": "active" })).await
        }
        Action::Remove { id } => {
            client.call(Method::DELETE, &one(&id), None).await?;
            Ok(())
        }
    }
}

impl Parts {
    /// The members of a body.
    fn members(self, way: Way) -> Result<Map<String, Value>, Failure> {
        let by_reference = self.by_reference;
        let secret = |file: Option<PathBuf>| file.map(|file| secret(&file, by_reference));
        let password = secret(self.password_file).transpose()?;
        let inner: Vec<(&str, Option<Value>)> = match way {
            Way::Api => vec![("username", self.user.map(Value::from)), ("password", password)],
            Way::Ssh => vec![
                ("user", self.user.map(Value::from)),
                ("password", password),
                ("private_key", secret(self.key_file).transpose()?),
                ("host", self.host.map(Value::from)),
                ("port", self.port.map(Value::from)),
                ("host_key", self.host_key.map(Value::from)),
                ("occ_path", self.occ.map(Value::from)),
                ("run_as", self.run_as.map(Value::from)),
            ],
        };
        let named = |(name, value): (&str, Option<Value>)| Some((name.to_owned(), value?));
        let inner: Map<String, Value> = inner.into_iter().filter_map(named).collect();
        let mut body = Map::new();
        body.extend(self.base_url.map(|url| ("base_url".to_owned(), url.into())));
        body.extend(self.max_users.map(|most| ("max_users".to_owned(), most.into())));
        if !self.tenants.is_empty() {
            body.insert("tenant_ids".to_owned(), self.tenants.into());
        }
        if !inner.is_empty() {
            let name = if way == Way::Api { "api" } else { "ssh" };
            body.insert(name.to_owned(), inner.into());
        }
        Ok(body)
    }
}

/// What a file holds, or that the daemon is to read it.
fn secret(file: &std::path::Path, by_reference: bool) -> Result<Value, Failure> {
    let fail = |error| Failure::new(Exit::No, format_args!("{}: {error}", file.display()));
    if by_reference {
        let whole = std::path::absolute(file).map_err(fail)?;
        return Ok(json!({ "file": whole }));
    }
    let text = std::fs::read_to_string(file).map_err(fail)?;
    // A private key ends with a line break, a password does not.
    let bare = text.strip_suffix('\n').filter(|bare| !bare.contains('\n')).unwrap_or(&text);
    Ok(bare.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_sent_and_nothing_else() {
        let parts = Parts {
            host: Some("cloud.example".to_owned()),
            port: Some(2222),
            max_users: Some(5),
            ..Parts::default()
        };
        let body = Value::Object(parts.members(Way::Ssh).unwrap());
        let expected = json!({ "max_users": 5, "ssh": { "host": "cloud.example", "port": 2222 } });
        assert_eq!(body, expected);
        assert!(Parts::default().members(Way::Api).unwrap().is_empty());
    }

    #[test]
    fn a_password_is_sent_without_its_line_break_and_a_key_with_all_of_them() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("secret");
        for (text, sent) in [("pass\n", "pass"), ("a\nb\n", "a\nb\n")] {
            std::fs::write(&file, text).unwrap();
            assert_eq!(secret(&file, false).unwrap(), json!(sent));
        }
        assert_eq!(secret(&file, true).unwrap(), json!({ "file": file }));
    }
}
