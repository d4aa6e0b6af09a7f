//! Embedded migrations are read by a macro, which cargo cannot see: it is told here to look at them.
#![expect(clippy::print_stdout, reason = "this is how a build script speaks to cargo")]

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
