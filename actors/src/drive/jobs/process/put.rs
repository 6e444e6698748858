//! A file on Drive reaches its folder there.

use super::{Decided, Going};
use crate::drive::messages::made;
use crate::drive::port::{NewFolder, RemoteFile};
use crate::drive::rules::answer::Trouble;
use crate::drive::rules::names::note_of;
use crate::drive::rules::routes::USUAL;
use crate::drive::rules::tree::mark;
use crate::engine::jobs::Failure;

impl Going {
    /// Moves the file, and puts a note beside one that failed; answers whether it was
    /// there.
    pub(super) async fn put(
        &mut self,
        file: &RemoteFile,
        decided: &Decided,
    ) -> Result<bool, Failure> {
        let port = self.port()?;
        let to = made(&self.folder, &decided.to)
            .or_else(|| made(&self.folder, USUAL))
            .map(str::to_owned)
            .ok_or_else(|| Failure::permanent(format!("there is no folder {:?}", decided.to)))?;
        let from = file.parent.clone().unwrap_or_default();
        if from != to {
            match port.move_file(&file.id, &from, &to).await {
                Ok(_) => {}
                Err(Trouble::Missing) => return Ok(false),
                Err(trouble) => return Err(self.outage(trouble)),
            }
        }
        let Some(error) = &decided.error else { return Ok(true) };
        let id = if let Some(id) = self.row.row.note.clone() {
            id
        } else {
            let ids = port.ids(1).await.map_err(|trouble| self.outage(trouble))?;
            let id = ids.into_iter().next().unwrap_or_default();
            let noted = id.clone();
            self.note(|journey| journey.note = Some(noted)).await?;
            id
        };
        let note = NewFolder {
            id,
            name: note_of(&file.name),
            parent: Some(to),
            mark: mark(&self.user.to_string(), "note"),
        };
        let put = port.put_text(&note, &format!("{error}\n")).await;
        put.map(|()| true).map_err(|trouble| self.outage(trouble))
    }
}
