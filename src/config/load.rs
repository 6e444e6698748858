//! Reads a configuration from all its sources, checks it, and takes it whole
//! or not at all.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::decode::decode;
use super::environment::{self, Variables};
use super::problem::{Place, Problem, Refused};
use super::secret::Reference;
use super::tree::Tree;
use super::{Config, Facts, check, refusals};

/// The flag for the data directory.
pub const FLAG_DATA_DIR: &str = "--data-dir";
/// The flag for the address.
pub const FLAG_LISTEN: &str = "--listen";
/// No configuration is larger.
const MAX_FILE_BYTES: usize = 1024 * 1024;

/// Where a configuration comes from; the same sources are read again when it
/// is loaded anew.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The file; `None`: there is none, the defaults stand.
    pub file: Option<PathBuf>,
    /// The environment variables.
    pub variables: Variables,
    /// What `--data-dir` says.
    pub data_dir: Option<PathBuf>,
    /// What `--listen` says.
    pub listen: Option<String>,
    /// The directory that relative paths of flags and variables are under.
    pub working_dir: PathBuf,
}

/// A configuration that passed every check.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The configuration, its paths absolute, its secrets fetched.
    pub config: Config,
    /// What a person should know although nothing is wrong.
    pub notices: Vec<String>,
}

/// Reads, lays over each other and checks all sources.
pub fn load(sources: &Sources) -> Result<Loaded, Refused> {
    let defaults = Tree::of_defaults(defaults());
    let mut tree = defaults.clone();
    if let Some(path) = &sources.file {
        lay_file(&mut tree, path).map_err(|problem| Refused::new(vec![problem]))?;
    }
    let mut notices = environment::lay(&mut tree, &sources.variables);
    lay_flags(&mut tree, sources);
    let (mut config, mut problems) = decode(tree.clone(), &defaults);
    // A key that could not be read stands at its default, which is sound; what
    // the checks still find is the file's.
    resolve_paths(&mut config, &tree, sources);
    problems.extend(resolve_secrets(&mut config, sources));
    problems.extend(check(&config));
    problems.extend(refusals(&config, &facts(&config)));
    if problems.is_empty() {
        notices.extend(remarks(&config));
        return Ok(Loaded { config, notices });
    }
    let place = |problem: Problem| match problem.place {
        Place::Default => {
            let place = tree.place(&problem.key);
            problem.placed(place)
        }
        _ => problem,
    };
    Err(Refused::new(problems.into_iter().map(place).collect()))
}

fn defaults() -> Map<String, Value> {
    match serde_json::to_value(Config::default()) {
        Ok(Value::Object(root)) => root,
        // A struct of plain values is an object; a test holds this.
        _ => Map::new(),
    }
}

fn lay_file(tree: &mut Tree, path: &Path) -> Result<(), Problem> {
    let shown = path.display();
    let whole = |message: String| Problem::at(Vec::new(), message, "");
    let bytes =
        std::fs::read(path).map_err(|error| whole(format!("cannot read {shown}: {error}")))?;
    if bytes.len() > MAX_FILE_BYTES {
        return Err(whole(format!("{shown} is larger than 1 MiB: it is no configuration")));
    }
    let text = String::from_utf8(bytes).map_err(|_| whole(format!("{shown} is not UTF-8 text")))?;
    tree.lay_file(&Arc::new(path.to_owned()), text.trim_start_matches('\u{feff}'))
}

fn lay_flags(tree: &mut Tree, sources: &Sources) {
    let mut set = |key: &[&str], value: String, flag| {
        let key = key.iter().map(|part| (*part).to_owned()).collect();
        tree.set(key, Value::from(value), Place::Flag(flag));
    };
    if let Some(dir) = &sources.data_dir {
        set(&["store", "data_dir"], dir.display().to_string(), FLAG_DATA_DIR);
    }
    if let Some(listen) = &sources.listen {
        set(&["api", "listen"], listen.clone(), FLAG_LISTEN);
    }
}

/// The directory that relative paths of the file, and the defaults, are under.
fn home(sources: &Sources) -> PathBuf {
    let beside = sources.file.as_deref().and_then(Path::parent);
    sources.working_dir.join(beside.unwrap_or(Path::new("")))
}

fn resolve_paths(config: &mut Config, tree: &Tree, sources: &Sources) {
    let home = home(sources);
    for (key, path) in config.paths() {
        let key: Vec<_> = key.split('.').map(str::to_owned).collect();
        let base = match tree.place(&key) {
            Place::Variable(_) | Place::Flag(_) => &sources.working_dir,
            Place::File { .. } | Place::Default => &home,
        };
        // Drops `./` without looking at the disk.
        *path = base.join(&*path).components().collect();
    }
}

fn resolve_secrets(config: &mut Config, sources: &Sources) -> Vec<Problem> {
    let home = home(sources);
    let mut problems = Vec::new();
    for (key, slot) in config.secrets_mut() {
        let Some(secret) = slot else { continue };
        if let Err(why) = secret.resolve(&home, &sources.variables) {
            problems.push(Problem::new(key, why.to_string(), ""));
            *slot = None;
        }
    }
    problems
}

/// What the rules for production ask of the disk.
fn facts(config: &Config) -> Facts {
    let mut files: Vec<PathBuf> =
        ["operator.token", "secret.key"].map(|name| config.store.data_dir.join(name)).into();
    for (_, secret) in config.secrets() {
        if let Reference::File(path) = secret.reference() {
            files.push(path.clone());
        }
    }
    let open_to_all = |path: &PathBuf| {
        std::fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o007 != 0)
    };
    Facts { world_readable: files.into_iter().filter(open_to_all).collect() }
}

fn remarks(config: &Config) -> Vec<String> {
    let mut remarks = Vec::new();
    let cors = &config.api.cors;
    if cors.enabled && cors.any_origin() && cors.allow_credentials {
        remarks.push(
            "api.cors: browsers refuse credentials where origins hold \"*\"; name the origins"
                .to_owned(),
        );
    }
    if config.is_production() && config.users.test_ban_delay_seconds > 0 {
        remarks.push("users.test_ban_delay_seconds has no effect in production".to_owned());
    }
    remarks
}
