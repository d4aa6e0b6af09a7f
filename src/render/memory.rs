//! How much memory a process and its descendants hold, from `/proc`.

use std::{collections::HashMap, fs};

/// Resident bytes of a process and all its descendants; `None` where `/proc` does not tell. Memory that processes share
/// is counted once for each, so this is more than the truth.
pub(super) fn resident(root: u32) -> Option<u64> {
    let mut parents: HashMap<u32, (u32, u64)> = HashMap::new();
    for entry in fs::read_dir("/proc").ok()?.flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        let Ok(status) = fs::read_to_string(entry.path().join("status")) else { continue };
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse::<u64>().ok()
        };
        // Anonymous memory: of the program file itself, which all processes map, nothing is counted.
        let (Some(parent), Some(kilobytes)) = (field("PPid:"), field("RssAnon:")) else { continue };
        parents.insert(id, (u32::try_from(parent).ok()?, kilobytes * 1024));
    }
    parents.contains_key(&root).then(|| {
        let belongs = |mut id: u32| {
            // A chain of parents is short; the bound is for a table that changed while it was read.
            for _ in 0..32 {
                if id == root {
                    return true;
                }
                match parents.get(&id) {
                    Some((parent, _)) => id = *parent,
                    None => return false,
                }
            }
            false
        };
        parents.iter().filter(|(id, _)| belongs(**id)).map(|(_, (_, bytes))| bytes).sum()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_memory_grows_with_what_is_held() {
        let before = resident(std::process::id()).unwrap_or_default();
        let held = vec![1_u8; 64 << 20];
        let with = resident(std::process::id()).unwrap_or_default();
        assert!(with >= before + (48 << 20), "{before} then {with} with {} held", held.len());
    }

    #[test]
    fn a_process_that_is_not_there_has_none() {
        assert_eq!(resident(u32::MAX), None);
    }
}
