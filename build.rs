//! Embedded migrations are read by a macro, which cargo cannot see: it is told here to look at them.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
