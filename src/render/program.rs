//! Where the browser is on this machine. Compiled also without the feature `render`: what is missing is told first.

use std::{
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use super::Missing;

/// Names under which distributions ship it.
const NAMES: [&str; 5] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"];

/// Where a browser that is not on the search path may be.
const SEARCH_PATH: [&str; 4] = ["/usr/bin", "/usr/local/bin", "/snap/bin", "/opt/google/chrome"];

/// The program to start.
pub(super) fn find(given: Option<&Path>) -> Result<PathBuf, Missing> {
    if let Some(given) = given {
        return if is_program(given) { Ok(given.to_owned()) } else { Err(Missing::NotAProgram(given.to_owned())) };
    }
    let folders = SEARCH_PATH.iter().map(Path::new);
    folders
        .flat_map(|folder| NAMES.map(|name| folder.join(name)))
        .find(|path| is_program(path))
        .ok_or_else(|| Missing::NotFound(NAMES.join(", ")))
}

/// A file that may be run.
pub(super) fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}
