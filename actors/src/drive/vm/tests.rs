//! Files found, read and moved, on a disk.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::*;

struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { dir: tempfile::tempdir().unwrap() };
        fs::create_dir(place.path("novos")).unwrap();
        fs::create_dir(place.path("processados")).unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A file, and what its version is known by, and its content.
    fn file(&self, name: &str, text: &str) -> (String, String, String) {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        let place = path.display().to_string();
        let version = version_of(&place, &print_of(&path).unwrap().unwrap());
        let digest = digest_of(&place, &version).unwrap().unwrap();
        (place, version, digest)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }
}

#[test]
fn only_whole_files_of_their_own_are_found() {
    let place = Place::new();
    for name in ["a.txt", ".hidden", "b.part", "~$c.docx", "d.crdownload"] {
        fs::write(place.path("novos").join(name), "x").unwrap();
    }
    fs::create_dir(place.path("novos/folder")).unwrap();
    symlink("/etc/passwd", place.path("novos/link.txt")).unwrap();
    let scanned = scan(&place.path("novos")).unwrap();
    let names: Vec<_> = scanned.files.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!((names, scanned.nameless), (vec!["a.txt"], 0));
    assert!(scan(&place.path("none")).is_err());
}

#[test]
fn what_has_changed_is_not_read_for_what_it_was() {
    let place = Place::new();
    let (path, version, digest) = place.file("novos/a.txt", "one");
    assert_eq!(digest.len(), 64);
    let copy = place.path("copy");
    assert_eq!(take_copy(&path, &version, &copy).unwrap(), Some(digest));
    assert_eq!(place.text("copy"), "one");
    fs::write(&path, "other").unwrap();
    assert_eq!(digest_of(&path, &version).unwrap(), None);
    fs::remove_file(&path).unwrap();
    symlink("/etc/passwd", &path).unwrap();
    assert!(digest_of(&path, &version).map_or(true, |digest| digest.is_none()));
}

#[test]
fn a_move_writes_nothing_over_and_is_made_once() {
    let place = Place::new();
    let (from, version, digest) = place.file("novos/a.txt", "new");
    place.file("processados/a.txt", "old");
    let to = place.path("processados/a.txt");
    assert_eq!(move_to(&from, &version, &digest, &to).unwrap(), Moved::Taken);
    let free = free_name(&place.path("processados"), "a.txt").unwrap();
    assert_eq!(free, place.path("processados/a (2).txt"));
    assert_eq!(move_to(&from, &version, &digest, &free).unwrap(), Moved::There);
    // Killed after that, it is looked at again.
    assert_eq!(move_to(&from, &version, &digest, &free).unwrap(), Moved::There);
    assert_eq!(
        (place.text("processados/a.txt"), place.text("processados/a (2).txt")),
        ("old".into(), "new".into())
    );
    assert!(!Path::new(&from).exists());
    // Another file of the old name is another file.
    place.file("novos/a.txt", "third");
    assert_eq!(move_to(&from, &version, &digest, &free).unwrap(), Moved::There);
    assert_eq!(place.text("novos/a.txt"), "third");
    let other = place.path("processados/b.txt");
    assert_eq!(move_to(&from, &version, &digest, &other).unwrap(), Moved::Gone);
}

/// As a move by links leaves it that was cut off.
#[test]
fn a_move_that_was_cut_off_is_finished() {
    let place = Place::new();
    let (from, version, digest) = place.file("novos/a.txt", "new");
    let to = place.path("processados/a.txt");
    fs::hard_link(&from, &to).unwrap();
    assert_eq!(move_to(&from, &version, &digest, &to).unwrap(), Moved::There);
    assert!(!Path::new(&from).exists() && to.exists());
}

/// The memory's file system is another one than the disk's, where there is one.
#[test]
fn a_move_across_file_systems_is_a_copy() {
    let place = Place::new();
    let Ok(other) = tempfile::tempdir_in("/dev/shm") else {
        println!("skipped: there is no /dev/shm");
        return;
    };
    let (from, version, digest) = place.file("novos/a.txt", "new");
    let to = other.path().join("a.txt");
    assert_eq!(move_to(&from, &version, &digest, &to).unwrap(), Moved::There);
    assert_eq!(fs::read_to_string(&to).unwrap(), "new");
    assert!(!Path::new(&from).exists());
    assert_eq!(move_to(&from, &version, &digest, &to).unwrap(), Moved::There, "again");
    assert_eq!(fs::read_dir(other.path()).unwrap().count(), 1, "no part stays behind");
}

#[test]
fn a_note_is_put_beside() {
    let place = Place::new();
    let path = place.path("processados/a.txt.erro.txt");
    for text in ["first", "second"] {
        write_note(&path, text).unwrap();
        assert_eq!(place.text("processados/a.txt.erro.txt"), text);
    }
    assert_eq!(fs::read_dir(place.path("processados")).unwrap().count(), 1);
}
