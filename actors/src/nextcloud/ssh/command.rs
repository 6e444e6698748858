//! The command lines that are sent. Only what stands in this file reaches a shell
//! unquoted.

use super::super::rules::quoting::{Unspeakable, option, quote};
use super::target::SshTarget;

/// A run of `occ`.
#[derive(Debug, Clone)]
pub(super) struct Occ {
    name: &'static str,
    flags: Vec<&'static str>,
    options: Vec<(&'static str, String)>,
    arguments: Vec<String>,
}

impl Occ {
    pub(super) const fn new(name: &'static str) -> Self {
        Self { name, flags: Vec::new(), options: Vec::new(), arguments: Vec::new() }
    }

    pub(super) fn flag(mut self, flag: &'static str) -> Self {
        self.flags.push(flag);
        self
    }

    /// `--name=value`.
    pub(super) fn option(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.options.push((name, value.into()));
        self
    }

    pub(super) fn argument(mut self, value: impl Into<String>) -> Self {
        self.arguments.push(value.into());
        self
    }

    /// The whole command line; with a password, which is read from standard input
    /// into the one variable that `occ` looks at.
    pub(super) fn script(&self, target: &SshTarget, password: bool) -> Result<String, Unspeakable> {
        let mut words = Vec::new();
        if let Some(user) = &target.run_as {
            words.push("sudo -n".to_owned());
            if password {
                words.push("--preserve-env=OC_PASS".to_owned());
            }
            words.push(format!("-u {} --", quote(user)?));
        }
        words.push(quote(&target.php)?);
        words.push(quote(&target.occ_path)?);
        words.push(quote(self.name)?);
        words.push("--no-interaction --no-ansi".to_owned());
        words.extend(self.flags.iter().map(|flag| format!("--{flag}")));
        for (name, value) in &self.options {
            words.push(option(name, value)?);
        }
        if !self.arguments.is_empty() {
            words.push("--".to_owned());
        }
        for argument in &self.arguments {
            words.push(quote(argument)?);
        }
        let run = words.join(" ");
        if !password {
            return Ok(run);
        }
        Ok(format!("IFS= read -r OC_PASS; export OC_PASS; {run}"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::pin::HostPin;
    use super::super::target::SshAuth;
    use super::*;

    fn target(run_as: Option<&str>) -> SshTarget {
        SshTarget {
            host: "h".into(),
            port: 22,
            user: "deploy".into(),
            auth: SshAuth::Password("secret".into()),
            host_key: HostPin::Fingerprint(String::new()),
            occ_path: "/srv/next cloud/occ".into(),
            php: "php".into(),
            run_as: run_as.map(str::to_owned),
            limits: crate::nextcloud::port::Limits::default(),
        }
    }

    #[test]
    fn every_value_is_quoted_and_the_id_stands_behind_a_dash() {
        let add = Occ::new("user:add")
            .flag("password-from-env")
            .option("display-name", "João'; rm -rf /; echo '")
            .argument("-dash");
        let script = add.script(&target(Some("www-data")), true).unwrap();
        assert_eq!(
            script,
            "IFS= read -r OC_PASS; export OC_PASS; sudo -n --preserve-env=OC_PASS -u 'www-data' -- \
             'php' '/srv/next cloud/occ' 'user:add' --no-interaction --no-ansi --password-from-env \
             '--display-name=João'\"'\"'; rm -rf /; echo '\"'\"'' -- '-dash'"
        );
    }

    #[test]
    fn without_a_password_nothing_is_read() {
        let script = Occ::new("status").option("output", "json").script(&target(None), false);
        assert_eq!(
            script.unwrap(),
            "'php' '/srv/next cloud/occ' 'status' --no-interaction --no-ansi '--output=json'"
        );
    }

    #[test]
    fn line_breaks_are_refused() {
        let add = Occ::new("user:add").argument("a\nb");
        assert_eq!(add.script(&target(None), false), Err(Unspeakable));
    }
}
