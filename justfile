# List the commands
default:
    @just --list

# Formatting, lints, licences and the dependency tree, without running tests
check:
    cargo fmt --check
    cargo clippy --all-targets -- -D warnings
    cargo deny check bans licenses sources

# Everything that has to hold (what CI runs)
ci:
    tests/run

# The tests; arguments go to cargo test
test *ARGS:
    cargo test {{ARGS}}

# The main job on a local web of made-up comuni, without the internet
demo:
    cargo run --release --example demo

# What is found on the local web and in how many requests (docs/requests.md)
requests:
    cargo run --release --example demo -- --table

# The figures of the performance notes
bench *ARGS:
    cargo bench {{ARGS}}

# The documentation of the library
docs:
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps

# The detection rules: mistakes in them, and their own examples
rules:
    cargo run --quiet -- rules lint
    cargo run --quiet -- rules test
