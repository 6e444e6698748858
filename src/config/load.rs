//! Reads a configuration from all its sources, checks it, and takes it whole
//! or not at all.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value};
use zelador_actors::wispro::{InitialPassword, Mode};

use super::decode::decode;
use super::environment::{self, Variables};
use super::problem::{Place, Problem, Refused};
use super::secret::Reference;
use super::tree::{Key, Tree};
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
    let (tree, mut notices) = lay(&defaults, sources)?;
    let (mut config, mut problems) = decode(tree.clone(), &defaults);
    // A key that could not be read stands at its default, which is sound; what
    // the checks still find is the file's.
    resolve_paths(&mut config, &tree, sources);
    problems.extend(resolve_secrets(&mut config, sources));
    problems.extend(check(&config));
    problems.extend(refusals(&config, &facts(&config, &tree)));
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

/// Where a daemon with this configuration is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The address it listens on, as configured.
    pub listen: SocketAddr,
    /// Where it keeps its records and the operator's token.
    pub data_dir: PathBuf,
}

/// Finds the daemon of a configuration. Other mistakes in it do not matter
/// here, nor secrets that this person cannot read: one may well be asking the
/// running daemon what is wrong.
pub fn locate(sources: &Sources) -> Result<Location, Refused> {
    let defaults = Tree::of_defaults(defaults());
    let (tree, _) = lay(&defaults, sources)?;
    let (mut config, problems) = decode(tree.clone(), &defaults);
    let matters = |problem: &Problem| {
        ["api.listen", "store.data_dir"].contains(&problem.key.join(".").as_str())
    };
    let problems: Vec<_> = problems.into_iter().filter(matters).collect();
    if !problems.is_empty() {
        return Err(Refused::new(problems));
    }
    resolve_paths(&mut config, &tree, sources);
    Ok(Location { listen: config.api.listen, data_dir: config.store.data_dir })
}

/// Lays all sources over the defaults; the notices come along.
fn lay(defaults: &Tree, sources: &Sources) -> Result<(Tree, Vec<String>), Refused> {
    let alone = |problem| Refused::new(vec![problem]);
    let mut tree = defaults.clone();
    if let Some(path) = &sources.file {
        lay_file(&mut tree, path).map_err(alone)?;
    }
    let notices = environment::lay(&mut tree, &sources.variables);
    lay_flags(&mut tree, sources).map_err(alone)?;
    Ok((tree, notices))
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
    let bytes = std::fs::read(path).map_err(|error| {
        let denied = error.kind() == std::io::ErrorKind::PermissionDenied;
        let remedy = if denied { " (its owner and root may: sudo zelador)" } else { "" };
        whole(format!("cannot read {shown}: {error}{remedy}"))
    })?;
    if bytes.len() > MAX_FILE_BYTES {
        return Err(whole(format!("{shown} is larger than 1 MiB: it is no configuration")));
    }
    let text = String::from_utf8(bytes).map_err(|_| whole(format!("{shown} is not UTF-8 text")))?;
    tree.lay_file(&Arc::new(path.to_owned()), text.trim_start_matches('\u{feff}'))
}

fn lay_flags(tree: &mut Tree, sources: &Sources) -> Result<(), Problem> {
    if let Some(dir) = &sources.data_dir {
        let key = parts("store.data_dir");
        let place = Place::Flag(FLAG_DATA_DIR);
        let Some(text) = dir.to_str() else {
            return Err(Problem::at(key, "the path is not UTF-8 text", "").placed(place));
        };
        tree.set(key, Value::from(text), place);
    }
    if let Some(listen) = &sources.listen {
        tree.set(parts("api.listen"), Value::from(listen.as_str()), Place::Flag(FLAG_LISTEN));
    }
    Ok(())
}

/// The directory that relative paths of the file, and the defaults, are under.
fn home(sources: &Sources) -> PathBuf {
    let beside = sources.file.as_deref().and_then(Path::parent);
    sources.working_dir.join(beside.unwrap_or(Path::new("")))
}

fn resolve_paths(config: &mut Config, tree: &Tree, sources: &Sources) {
    let home = home(sources);
    for (key, path) in config.paths() {
        let base = match tree.place(&parts(key)) {
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
    let needed = config.clone();
    for (key, slot) in config.secrets_mut() {
        let Some(secret) = slot else { continue };
        if let Err(why) = secret.resolve(&home, &sources.variables) {
            if needed.needs(key) {
                problems.push(Problem::new(key, why.to_string(), ""));
            }
            *slot = None;
        }
    }
    problems
}

/// What the rules for production ask of the disk.
fn facts(config: &Config, tree: &Tree) -> Facts {
    let mut files: BTreeSet<PathBuf> =
        ["operator.token", "secret.key"].map(|name| config.store.data_dir.join(name)).into();
    for (key, secret) in config.secrets() {
        match (secret.reference(), tree.place(&parts(key))) {
            (Reference::File(path), _) => files.insert(path.clone()),
            // A configuration that holds a secret is a secret file.
            (Reference::Inline, Place::File { path, .. }) => files.insert(path.to_path_buf()),
            _ => false,
        };
    }
    let open_to_all = |path: &PathBuf| {
        std::fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o007 != 0)
    };
    Facts { world_readable: files.into_iter().filter(open_to_all).collect() }
}

fn parts(key: &str) -> Key {
    key.split('.').map(str::to_owned).collect()
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
    let wispro = &config.wispro;
    if config.is_production()
        && wispro.mode == Mode::Live
        && wispro.initial_password == InitialPassword::IdNumber
    {
        remarks.push(
            "wispro.initial_password: who knows a client's cédula could claim the account first; \
             `invite` and `none` do not have that"
                .to_owned(),
        );
    }
    remarks
}
