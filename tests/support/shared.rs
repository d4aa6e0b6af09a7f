//! Public registers and captured pages, which are no part of the repository.

use std::path::{Path, PathBuf};

/// The folder of this name that holds this file, where somebody has put one: below the folder that `RISCONTRO_SHARED`
/// names, or below one called `shared` beside the project.
pub(crate) fn folder(name: &str, file: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let named = std::env::var_os("RISCONTRO_SHARED").map(PathBuf::from);
    let beside = [root.join("../shared"), root.join("../../shared")];
    named.into_iter().chain(beside).map(|folder| folder.join(name)).find(|folder| folder.join(file).exists())
}
