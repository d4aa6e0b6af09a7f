//! Lists the rule files and the notices, so that a new vendor or a new notice is a new file and no code.

use std::{
    env,
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

fn collect(folder: &Path, prefix: &str, files: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{name}/"), files)?;
        } else if entry.path().extension().is_some_and(|extension| extension == "toml") {
            files.push(name);
        }
    }
    Ok(())
}

/// Writes `FOLDER.rs`: a constant with name and text of every TOML file of a folder.
#[expect(clippy::disallowed_methods, reason = "cargo speaks to a build script through the environment")]
fn embed(folder: &str, constant: &str, what: &str) -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed={folder}");
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let mut files = Vec::new();
    collect(&root.join(folder), "", &mut files)?;
    files.sort();
    let mut code = format!("/// {what} of the binary: name and text.\nconst {constant}: &[(&str, &str)] = &[\n");
    for name in files {
        // Found again when the folder has moved: the place is asked for when the crate is compiled.
        writeln!(code, "    ({name:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/{folder}/{name}\"))),")?;
    }
    code.push_str("];\n");
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join(format!("{folder}.rs")), code)?;
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=migrations");
    embed("selectors", "SELECTORS", "The rule files")?;
    embed("notices", "NOTICES", "The notices")
}
