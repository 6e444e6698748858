//! `zelador man [DIR]`: the manual, made from the command line itself.

use std::path::Path;

use clap::CommandFactory as _;

use super::{Args, Exit, Failure, print};

/// Prints the page of `zelador`, or writes a page for every command.
pub(super) fn run(dir: Option<&Path>) -> Result<Exit, Failure> {
    match dir {
        None => print(&page().map_err(failed)?)?,
        Some(dir) => {
            std::fs::create_dir_all(dir)
                .and_then(|()| clap_mangen::generate_to(Args::command(), dir))
                .map_err(failed)?;
        }
    }
    Ok(Exit::Done)
}

fn page() -> std::io::Result<String> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Args::command()).render(&mut page)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

#[expect(clippy::needless_pass_by_value, reason = "a mapping of errors takes them")]
fn failed(error: std::io::Error) -> Failure {
    Failure::new(Exit::No, format_args!("cannot write the manual: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_page_for_every_command() {
        let dir = tempfile::tempdir().unwrap();
        run(Some(dir.path())).unwrap();
        assert!(dir.path().join("zelador.1").exists());
        assert!(dir.path().join("zelador-check-config.1").exists());
        assert!(page().unwrap().contains("check\\-config"));
    }
}
