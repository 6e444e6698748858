//! A user's folders, against a Drive of a few lines.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::drive::port::{NewFolder, RemoteFile};
use crate::drive::rules::tree::{Part, Seen, Step, completed, mark, parts, step};

fn folders() -> Vec<String> {
    ["novos", "processados", "erros"].map(str::to_owned).to_vec()
}

fn there(id: &str, parent: &str) -> Seen {
    Seen::There(Box::new(RemoteFile {
        id: id.into(),
        parent: Some(parent.into()),
        ..RemoteFile::default()
    }))
}

fn part(name: &str, id: Option<&str>, made: bool) -> Part {
    Part { name: name.into(), id: id.map(str::to_owned), made }
}

#[test]
fn what_is_left_to_do() {
    let of = |part: &Part, seen: &Seen| step(part, seen, "7", "Ana", Some("top"));
    assert_eq!(of(&part("novos", None, false), &Seen::Unknown), Step::Id);
    let new = NewFolder {
        id: "1".into(),
        name: "novos".into(),
        parent: Some("top".into()),
        mark: mark("7", "novos"),
    };
    assert_eq!(of(&part("novos", Some("1"), false), &Seen::Missing), Step::Make(new));
    let Step::Make(top) = of(&part("", Some("0"), false), &Seen::Unknown) else { panic!() };
    assert_eq!((top.name.as_str(), top.mark.as_str()), ("Ana", "user:7:"));
    assert_eq!(of(&part("novos", Some("1"), true), &Seen::Missing), Step::NewId);
    assert_eq!(of(&part("novos", Some("1"), true), &Seen::Unknown), Step::Nothing);
    assert_eq!(of(&part("novos", Some("1"), true), &there("1", "top")), Step::Nothing);
    let back = Step::PutBack { id: "1".into(), from: "else".into(), to: "top".into() };
    assert_eq!(of(&part("novos", Some("1"), true), &there("1", "else")), back);
    assert_eq!(
        of(&part("", Some("0"), true), &there("0", "else")),
        Step::Nothing,
        "people may move it"
    );
    let Seen::There(mut file) = there("1", "top") else { panic!() };
    file.trashed = true;
    assert_eq!(of(&part("novos", Some("1"), true), &Seen::There(file)), Step::Untrash("1".into()));
}

#[test]
fn a_folder_that_is_configured_later_comes_to_those_there_are() {
    let mut have = parts(&folders());
    have[1].made = true;
    let all = completed(&have, &["novos".to_owned(), "contratos".to_owned()]);
    assert_eq!(all.len(), 5);
    assert!(all[1].made && all[4].name == "contratos");
    assert_eq!(completed(&have, &folders()), have);
}

/// A Drive: by id, the parent and whether it is in the trash; and ids that are spent.
#[derive(Default)]
struct Toy {
    files: BTreeMap<String, (String, bool)>,
    spent: Vec<String>,
    next: u32,
}

impl Toy {
    fn seen(&self, part: &Part) -> Seen {
        let found = part.id.as_ref().and_then(|id| Some((id, self.files.get(id)?)));
        found.map_or(Seen::Missing, |(id, (parent, trashed))| {
            let file = RemoteFile {
                id: id.clone(),
                parent: Some(parent.clone()),
                trashed: *trashed,
                ..RemoteFile::default()
            };
            Seen::There(Box::new(file))
        })
    }

    /// Does a step; `lost`: all is done, and nobody hears of it.
    fn act(&mut self, part: &mut Part, step: Step, lost: bool) {
        match step {
            Step::Id | Step::NewId => {
                self.next += 1;
                *part =
                    Part { name: part.name.clone(), id: Some(self.next.to_string()), made: false };
            }
            Step::Make(new) => {
                if !self.spent.contains(&new.id) {
                    self.spent.push(new.id.clone());
                    self.files.insert(new.id, (new.parent.unwrap_or_default(), false));
                }
                part.made |= !lost;
            }
            Step::Untrash(id) => self.files.get_mut(&id).unwrap().1 = false,
            Step::PutBack { id, to, .. } => self.files.get_mut(&id).unwrap().0 = to,
            Step::Nothing => part.made = true,
        }
    }
}

proptest! {
    /// Whatever is lost, deleted, trashed or moved between: in the end every folder is
    /// there once, in its place.
    #[test]
    fn every_folder_is_there_once(lost in prop::collection::vec(any::<bool>(), 40), harm in prop::collection::vec(0_u8..8, 10)) {
        let (mut toy, mut all, mut lost) = (Toy::default(), parts(&folders()), lost.into_iter());
        let mut harm = harm.into_iter();
        for round in 0..20 {
            let mut quiet = round >= 10;
            if let Some(kind) = harm.next() {
                let ids: Vec<_> = toy.files.keys().cloned().collect();
                if let Some(id) = ids.get(usize::from(kind) % ids.len().max(1)) {
                    match kind % 4 {
                        0 => drop(toy.files.remove(id)),
                        1 => toy.files.get_mut(id).unwrap().1 = true,
                        2 => toy.files.get_mut(id).unwrap().0 = "elsewhere".into(),
                        _ => {}
                    }
                }
                quiet = false;
            }
            for at in 0..all.len() {
                for _ in 0..4 {
                    let parent = if at == 0 { Some("root".to_owned()) } else { all[0].id.clone() };
                    let seen = toy.seen(&all[at]);
                    let next = step(&all[at], &seen, "7", "Ana", parent.as_deref());
                    let done = next == Step::Nothing;
                    let lose = !quiet && lost.next().unwrap_or(false);
                    toy.act(&mut all[at], next, lose);
                    if done || lose { break; }
                }
            }
        }
        let top = all[0].id.clone().unwrap();
        for part in &all {
            let (parent, trashed) = &toy.files[part.id.as_ref().unwrap()];
            prop_assert!(part.made && !trashed);
            prop_assert!(part.name.is_empty() || *parent == top);
        }
        // A folder is made once for each id; what is left beside ours was ours, and lost its
        // top folder or was replaced after somebody deleted it.
        prop_assert!(toy.spent.len() <= 4 + 10, "{:?}", toy.spent);
    }
}
