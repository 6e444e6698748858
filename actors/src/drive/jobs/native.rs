//! The daemon makes the folders itself: on the VM, on Drive, and shares `novos`.

use std::path::{Path, PathBuf};

use zelador_store::drive::{FolderPart, ShareState};

use super::create::Making;
use super::share;
use crate::drive::port::{Port, RemoteFile};
use crate::drive::rules::answer::Trouble;
use crate::drive::rules::names::{folder_name, legal};
use crate::drive::rules::tree::{self, Part, Seen, Step};
use crate::drive::settings::NOVOS;
use crate::engine::jobs::Failure;

/// Steps about one folder, at most: more means that Drive says one thing and does
/// another.
const STEPS: usize = 8;

/// Makes what is missing.
pub(super) async fn make(making: &mut Making, port: &dyn Port) -> Result<(), Failure> {
    let have: Vec<Part> = making.row.row.parts.iter().map(part_of).collect();
    let all = tree::completed(&have, &making.settings.folders);
    let total = u64::try_from(all.len() + 2).unwrap_or(u64::MAX);
    making.cx.progress(0, total, "folders on the VM");
    let paths = on_the_vm(making, &all).await?;
    making
        .note(|folder| {
            let rows = all.iter().zip(&paths);
            folder.parts = rows.map(|(part, path)| row_of(part, Some(path))).collect();
        })
        .await?;
    ids(making, port).await?;
    let parent = making.settings.parent().map(str::to_owned);
    let mut top = None;
    for at in 0..all.len() {
        let into = if at == 0 { parent.clone() } else { top.clone() };
        let file = one(making, port, at, into.as_deref()).await?;
        if at == 0 {
            let link = file.as_ref().and_then(|file| file.link.clone());
            top = making.row.row.parts.first().and_then(|part| part.drive_id.clone());
            making.note(|folder| folder.link = link.or(folder.link.take())).await?;
        }
        let done = u64::try_from(at + 2).unwrap_or(u64::MAX);
        making.cx.progress(done, total, "folders on Drive");
    }
    making.cx.progress(total - 1, total, "the share of novos");
    let wanted = share::wanted(&making.user, making.row.row.share == ShareState::Withdrawn);
    let novos = making.row.row.part(NOVOS).and_then(|part| part.drive_id.clone());
    if let Some(novos) = novos {
        let share = share::bring(port, &novos, &making.row.row.share, wanted).await?;
        making.note(|folder| folder.share = share).await?;
    }
    Ok(())
}

fn part_of(row: &FolderPart) -> Part {
    Part { name: row.name.clone(), id: row.drive_id.clone(), made: row.made }
}

fn row_of(part: &Part, path: Option<&PathBuf>) -> FolderPart {
    FolderPart {
        name: part.name.clone(),
        path: path.map(|path| path.display().to_string()),
        drive_id: part.id.clone(),
        made: part.made,
    }
}

/// Makes the folders on the VM; answers their paths. A user's folder is named by the
/// user's id, which nothing that people write is part of.
async fn on_the_vm(making: &Making, all: &[Part]) -> Result<Vec<PathBuf>, Failure> {
    let top = making.settings.root.join(making.id.to_string());
    let path = |part: &Part| {
        if part.name.is_empty() { top.clone() } else { top.join(legal(&part.name)) }
    };
    let paths: Vec<PathBuf> = all.iter().map(path).collect();
    for path in &paths {
        directory(path).await?;
    }
    Ok(paths)
}

async fn directory(path: &Path) -> Result<(), Failure> {
    let mut builder = tokio::fs::DirBuilder::new();
    builder.recursive(true).mode(0o750);
    let made = builder.create(path).await;
    made.map_err(|error| Failure::retry(format!("making {}: {error}", path.display())))
}

/// Has ids handed out for the parts that have none, and puts them on disk before
/// anything is made under them.
async fn ids(making: &mut Making, port: &dyn Port) -> Result<(), Failure> {
    let missing = making.row.row.parts.iter().filter(|part| part.drive_id.is_none()).count();
    if missing == 0 {
        return Ok(());
    }
    let fresh = port.ids(missing).await?;
    making
        .note(|folder| {
            let without = folder.parts.iter_mut().filter(|part| part.drive_id.is_none());
            for (part, id) in without.zip(fresh) {
                part.drive_id = Some(id);
            }
        })
        .await
}

/// Brings one part into its place; what is known of its folder, if anybody looked.
async fn one(
    making: &mut Making,
    port: &dyn Port,
    at: usize,
    into: Option<&str>,
) -> Result<Option<RemoteFile>, Failure> {
    let title = folder_name(&making.user.name, &making.id.to_string());
    let whose = making.id.to_string();
    let (mut seen, mut renewed) = (Seen::Unknown, false);
    for _ in 0..STEPS {
        let Some(row) = making.row.row.parts.get(at) else { return Ok(None) };
        let part = part_of(row);
        if let (true, Seen::Unknown, Some(id)) = (part.made, &seen, &part.id) {
            seen = look(port, id).await?;
        }
        seen = match tree::step(&part, &seen, &whose, &title, into) {
            Step::Nothing => {
                making.note(|folder| set_made(folder, at)).await?;
                return Ok(match seen {
                    Seen::There(file) => Some(*file),
                    Seen::Unknown | Seen::Missing => None,
                });
            }
            Step::Id | Step::NewId => {
                let fresh = port.ids(1).await?.into_iter().next();
                making
                    .note(|folder| {
                        if let Some(part) = folder.parts.get_mut(at) {
                            (part.drive_id, part.made) = (fresh, false);
                        }
                    })
                    .await?;
                Seen::Unknown
            }
            Step::Make(new) => match port.make_folder(&new).await {
                Ok(file) => Seen::There(Box::new(file)),
                Err(Trouble::Exists) => {
                    // Its id is spent: if it is not there, it was there.
                    making.note(|folder| set_made(folder, at)).await?;
                    look(port, &new.id).await?
                }
                // An id that Drive does not take, such as one that a stand-in before this
                // one handed out: another one is had, once.
                Err(trouble) if trouble.is_for("invalid") && !renewed => {
                    renewed = true;
                    making.note(|folder| set_made(folder, at)).await?;
                    Seen::Missing
                }
                Err(trouble) => return Err(trouble.into()),
            },
            Step::Untrash(id) => Seen::There(Box::new(port.untrash(&id).await?)),
            Step::PutBack { id, from, to } => {
                Seen::There(Box::new(port.move_file(&id, &from, &to).await?))
            }
        };
    }
    Err(Failure::retry("Google Drive does not show a folder as it was made"))
}

fn set_made(folder: &mut zelador_store::drive::Folder, at: usize) {
    if let Some(part) = folder.parts.get_mut(at) {
        part.made = true;
    }
}

async fn look(port: &dyn Port, id: &str) -> Result<Seen, Failure> {
    match port.file(id).await {
        Ok(file) => Ok(Seen::There(Box::new(file))),
        Err(Trouble::Missing) => Ok(Seen::Missing),
        Err(trouble) => Err(trouble.into()),
    }
}
