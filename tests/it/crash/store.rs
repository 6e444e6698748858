//! The store as a kill left it, checked row by row by `check-store`.
//!
//! A copy is checked, for opening it mends it: the daemon's own start must find it
//! as it is.

use std::path::Path;

use crate::harness::Home;

/// Fails with everything that is wrong with the store.
pub(super) async fn sound(home: &Home) {
    let copy = home.path().join("copy");
    copy_all(home.data(), &copy);
    let (code, out, err) = home.run(["check-store", "--data-dir", copy.to_str().unwrap()]).await;
    assert_eq!((code, out.trim()), (0, "the store is sound"), "{err}");
    std::fs::remove_dir_all(copy).unwrap();
}

fn copy_all(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy_all(&path, &target);
        } else {
            std::fs::copy(path, target).unwrap();
        }
    }
}
