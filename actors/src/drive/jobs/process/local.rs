//! A file on the VM reaches its folder there.

use std::path::{Path, PathBuf};

use zelador_store::drive::Folder;

use super::{Decided, Going};
use crate::drive::rules::names::{legal, note_of};
use crate::drive::rules::routes::USUAL;
use crate::drive::settings::NOVOS;
use crate::drive::vm::{self, Moved};
use crate::engine::jobs::Failure;

/// Names that are tried before the job is.
const NAMES: usize = 8;

impl Going {
    /// Moves the file, and puts a note beside one that failed; answers whether it was
    /// there. The path it is to have is on disk before it is moved.
    pub(super) async fn put_on_vm(&mut self, decided: &Decided) -> Result<bool, Failure> {
        let dir = dir_of(&self.folder, &decided.to)
            .or_else(|| dir_of(&self.folder, USUAL))
            .ok_or_else(|| Failure::permanent(format!("there is no folder {:?}", decided.to)))?;
        let sha256 = match self.row.row.sha256.clone() {
            Some(sha256) => sha256,
            // An empty file is nobody's twin.
            None => self.digest().await?.unwrap_or_default(),
        };
        for _ in 0..NAMES {
            let target = self.target(&dir).await?;
            let (place, version) = (self.row.row.place.clone(), self.version());
            let (to, sha256) = (target.clone(), sha256.clone());
            let moved = vm::aside(move || vm::move_to(&place, &version, &sha256, &to)).await;
            match moved.map_err(|error| self.not_moved(&target, &error))? {
                Moved::There => {
                    self.annotate(&target, decided).await?;
                    return Ok(true);
                }
                Moved::Gone => return Ok(false),
                Moved::Taken => self.note(|journey| journey.target = None).await?,
            }
        }
        Err(Failure::retry(format!(
            "names in {} are taken as fast as they are chosen",
            dir.display()
        )))
    }

    /// The path that the file is to have, which is its own from now on.
    async fn target(&mut self, dir: &Path) -> Result<PathBuf, Failure> {
        if let Some(target) = &self.row.row.target {
            return Ok(PathBuf::from(target));
        }
        let (into, name) = (dir.to_owned(), legal(&self.row.row.name));
        let free = vm::aside(move || vm::free_name(&into, &name)).await;
        let free = free.map_err(|error| self.not_moved(dir, &error))?;
        let text = free.display().to_string();
        self.note(|journey| journey.target = Some(text)).await?;
        Ok(free)
    }

    /// Says beside a file why it failed.
    async fn annotate(&self, target: &Path, decided: &Decided) -> Result<(), Failure> {
        let Some(error) = &decided.error else { return Ok(()) };
        let name = target.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let (path, text) = (target.with_file_name(note_of(name)), format!("{error}\n"));
        let written = vm::aside(move || vm::write_note(&path, &text)).await;
        written.map_err(|error| self.not_moved(target, &error))
    }

    fn not_moved(&self, target: &Path, error: &std::io::Error) -> Failure {
        self.hindered(format_args!("it cannot be moved to {}: {error}", target.display()))
    }
}

/// Where a folder of a user's is on the VM; where nobody says, beside `novos`.
fn dir_of(folder: &Folder, name: &str) -> Option<PathBuf> {
    let part = folder.part(name)?;
    if let Some(path) = &part.path {
        return Some(PathBuf::from(path));
    }
    let novos = folder.part(NOVOS)?.path.as_deref()?;
    Some(Path::new(novos).parent()?.join(legal(name)))
}

/// SHA-256 of a copy.
pub(super) fn digest(path: &Path) -> std::io::Result<String> {
    let place = path.display().to_string();
    let gone = || std::io::Error::other("a copy changed while it was read");
    let print = vm::print_of(path)?.ok_or_else(gone)?;
    vm::digest_of(&place, &vm::version_of(&place, &print))?.ok_or_else(gone)
}
