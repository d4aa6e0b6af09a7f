#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap should fail")]

mod case;
mod decode;
mod judge;
mod lint;

use super::{Notice, Notices};

fn notices() -> Notices {
    Notices::embedded().unwrap_or_else(|found| {
        let lines: Vec<String> = found.iter().map(ToString::to_string).collect();
        panic!("{}", lines.join("\n"));
    })
}

fn notice(id: &str) -> Notice {
    notices().find(id).unwrap().clone()
}
