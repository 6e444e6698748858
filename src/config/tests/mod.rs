//! Tests of the configuration as a whole, against real files.

mod arbitrary;
mod files;
mod production;
mod reference;
mod reload;
mod shipped;
mod sources;

use std::path::{Path, PathBuf};

use super::{Config, Loaded, Refused, Sources, Variables, load};

/// A directory with a `config.toml`, and the sources that read it.
struct Bench {
    dir: tempfile::TempDir,
    sources: Sources,
}

impl Bench {
    fn new(text: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("config.toml");
        // Production has no stand-ins; a text that says nothing of them means off.
        let production = text.starts_with("environment = \"production\"");
        let unsaid = ["wispro", "nextcloud", "drive"]
            .iter()
            .filter(|name| !text.contains(&format!("[{name}")));
        let rest =
            unsaid.fold(String::new(), |all, name| all + "\n[" + name + "]\nmode = \"off\"\n");
        let rest = if production { rest } else { String::new() };
        std::fs::write(&file, format!("{text}{rest}")).unwrap();
        let sources = Sources {
            file: Some(file),
            working_dir: PathBuf::from("/elsewhere"),
            ..Sources::default()
        };
        Self { dir, sources }
    }

    fn with(mut self, variables: impl Into<Variables>) -> Self {
        self.sources.variables = variables.into();
        self
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn load(&self) -> Result<Loaded, Refused> {
        load(&self.sources)
    }

    #[track_caller]
    fn config(&self) -> Config {
        self.load().unwrap().config
    }

    /// The problems, a line each, the directory left out.
    #[track_caller]
    fn problems(&self) -> String {
        let refused = self.load().unwrap_err().to_string();
        refused.replace(&format!("{}/", self.path().display()), "")
    }
}
