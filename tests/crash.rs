//! Runs that are cut short: killed at any moment, killed at chosen calls, out of disk. What was reported done is there,
//! with its evidence; what was under way goes on where it was.

#![expect(clippy::print_stdout, reason = "how the cuts were spread is worth seeing")]
#![expect(clippy::unwrap_used, reason = "a test may stop where its world is not as it should be")]

mod support;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use support::{
    Entry, Riscontro, Web,
    comuni::{self, alike},
    database,
    run::Ended,
    sound::{assert_all_shown, assert_indexed, assert_replays, findings},
};

const BINARY: &str = env!("CARGO_BIN_EXE_riscontro");

const VISITS: &str = "SELECT count(*) FROM visit";
const FINISHED: &str = "SELECT count(*) FROM run WHERE state = 'finished'";

/// Twelve comuni with a way in, the list of them, and what an uncut run finds.
struct World {
    web: Web,
    riscontro: Riscontro,
    targets: String,
    uncut: BTreeSet<String>,
    /// How long that took.
    took: Duration,
}

/// How far evidence is looked at.
#[derive(Debug, Clone, Copy)]
enum Bytes {
    /// Every record in the files.
    Looked,
    /// The index alone.
    Indexed,
}

impl World {
    fn new(latency: Duration) -> Self {
        let (comuni, web) = alike::country(12, latency, |_| true);
        let riscontro = Riscontro::new(BINARY, &web).flag(&["--concurrency", "3"]);
        let path = riscontro.path("comuni.csv");
        fs::write(&path, comuni::targets_csv(&comuni)).unwrap();
        let targets = path.to_str().unwrap().to_owned();
        let uncut = riscontro.database("uncut.db");
        let ended = riscontro.run(&["run", "--targets", &targets, "--db", &uncut]);
        ended.assert_code(0);
        let uncut = findings(&riscontro, &uncut);
        Self { web, riscontro, targets, uncut, took: ended.took }
    }

    fn arguments<'a>(&'a self, db: &'a str) -> [&'a str; 5] {
        ["run", "--targets", &self.targets, "--db", db]
    }

    /// After a cut: the engine finds its file whole, done and stored are one, and all that is stored has its evidence.
    #[track_caller]
    fn assert_sound(&self, name: &str, bytes: Bytes) {
        let (db, file) = (self.riscontro.database(name), self.riscontro.path(name));
        // Cut before the tables were made, there is nothing that could be wrong.
        if database::number(&file, "SELECT count(*) FROM evidence_chain").is_some() {
            database::assert_whole(&file);
            match bytes {
                Bytes::Looked => assert_all_shown(&self.riscontro, &db, &file),
                Bytes::Indexed => assert_indexed(&file),
            }
            let twice = "SELECT count(*) FROM run_target t
                         WHERE (t.state = 'done') <> (SELECT count(*) = 1 FROM visit v
                                                      WHERE v.run = t.run AND v.position = t.position)";
            assert_eq!(database::number(&file, twice), Some(0), "done and stored are one");
        }
    }

    /// Runs to the end, which is that of a run that was never cut.
    #[track_caller]
    fn assert_resumes(&self, name: &str) {
        let (db, file) = (self.riscontro.database(name), self.riscontro.path(name));
        // A kill may have come after the last word.
        if database::number(&file, FINISHED) != Some(1) {
            self.riscontro.run(&self.arguments(&db)).assert_code(0);
        }
        self.assert_sound(name, Bytes::Looked);
        assert_eq!(database::number(&file, VISITS), Some(12));
        assert_eq!(findings(&self.riscontro, &db), self.uncut, "as if nothing had been");
        assert_replays(&self.riscontro, &db, 12);
        let left = fs::read_dir(self.riscontro.path(&format!("{name}.inflight"))).map(Iterator::count);
        assert_eq!(left.unwrap_or_default(), 0, "no journal stays");
    }
}

/// Requests for what had been asked for in an earlier segment, for each host.
fn again(before: &BTreeSet<String>, now: &[Entry]) -> BTreeMap<String, usize> {
    let mut again = BTreeMap::new();
    for entry in now.iter().filter(|entry| before.contains(&entry.url())) {
        *again.entry(entry.host.clone()).or_default() += 1;
    }
    again
}

/// A row of numbers that looks random and is the same every time (Knuth's multiplier).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u128) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u64::try_from((u128::from(self.0 >> 33) * below.max(1)) >> 31).unwrap()
    }
}

#[test]
fn killed_at_a_hundred_moments_a_run_ends_as_if_it_had_not_been() {
    const KILLS: usize = 100;
    let world = World::new(Duration::from_millis(15));
    let riscontro = &world.riscontro;
    let mut dice = Dice(20_261_122);
    // Not cleared in between: a request of a killed process may still be open.
    let mut arrived = world.web.log().all().len();
    let (mut kills, mut most, mut stored) = (0, 0, BTreeMap::<i64, usize>::new());
    for round in 0.. {
        let name = format!("{round}.db");
        let (db, file) = (riscontro.database(&name), riscontro.path(&name));
        let mut before = BTreeSet::new();
        loop {
            let running = riscontro.spawn(&world.arguments(&db));
            std::thread::sleep(Duration::from_millis(10 + dice.roll(world.took.as_millis())));
            let killed = running.kill();
            let segment = world.web.log().all().split_off(arrived);
            arrived += segment.len();
            let worst = again(&before, &segment).into_values().max().unwrap_or_default();
            assert!(worst <= 2, "a site was asked {worst} pages again: {:?}", again(&before, &segment));
            most = most.max(worst);
            before.extend(segment.iter().map(Entry::url));
            world.assert_sound(&name, if kills % 5 == 0 { Bytes::Looked } else { Bytes::Indexed });
            if killed.code().is_some() || database::number(&file, FINISHED) == Some(1) {
                break;
            }
            kills += 1;
            *stored.entry(database::number(&file, VISITS).unwrap_or(-1)).or_default() += 1;
        }
        world.assert_resumes(&name);
        arrived = world.web.log().all().len();
        if kills >= KILLS {
            break;
        }
    }
    println!("{kills} kills; visits stored by then: {stored:?}; at most {most} pages of a site asked for again");
    assert!(stored.len() > 6, "the kills are spread over the run: {stored:?}");
}

/// Calls of the system on one file; the ending is that of the database's name.
#[derive(Debug, Clone, Copy)]
struct Calls {
    calls: &'static [&'static str],
    ending: &'static str,
}

const WRITES: &[&str] = &["pwrite64", "write"];
const FLUSHES: &[&str] = &["fdatasync", "fsync"];
const WAL: &str = "-wal";
const KEPT: &str = ".evidence/run-000001-0001.warc.gz";
const ITSELF: &str = "";

impl Calls {
    const fn of(calls: &'static [&'static str], ending: &'static str) -> Self {
        Self { calls, ending }
    }
}

/// The binary under strace, with `extra` said to it.
fn traced(world: &World, name: &str, calls: Calls, extra: &[&str]) -> Ended {
    let strace = Riscontro::new("strace", &world.web).flag(&["--concurrency", "3"]);
    let path = world.riscontro.path(&format!("{name}{}", calls.ending));
    let trace = format!("trace={}", calls.calls.join(","));
    let database = world.riscontro.database(name);
    let mut arguments = vec!["-f", "-qqq", "-P", path.to_str().unwrap(), "-e", &trace];
    arguments.extend(extra);
    arguments.extend(["--", BINARY]);
    arguments.extend(world.arguments(&database));
    strace.run(&arguments)
}

/// Which of the calls an uncut run makes, and how often the thread that makes most of them does: strace counts the calls of
/// each thread by itself.
fn counted(world: &World, name: &str, calls: Calls) -> (&'static str, usize) {
    let log = world.riscontro.path(&format!("{name}.calls"));
    traced(world, name, calls, &["-o", log.to_str().unwrap()]).assert_code(0);
    let log = fs::read_to_string(log).unwrap();
    let count = |call: &'static str| {
        let mut threads: BTreeMap<&str, usize> = BTreeMap::new();
        for line in log.lines().filter(|line| line.contains(&format!(" {call}("))) {
            *threads.entry(line.split_whitespace().next().unwrap_or_default()).or_default() += 1;
        }
        (call, threads.into_values().max().unwrap_or_default())
    };
    let most = calls.calls.iter().map(|call| count(call)).max_by_key(|(_, count)| *count).unwrap();
    assert!(most.1 > 0, "{calls:?}: never called\n{log}");
    most
}

/// Does something to one call, or to it and all after it.
fn tampered(world: &World, name: &str, calls: Calls, (call, when): (&str, &str), what: &str) -> Ended {
    traced(world, name, calls, &["-o", "/dev/null", "-e", &format!("inject={call}:{what}:when={when}")])
}

/// A share of a count, at least the first.
fn share(count: usize, percent: usize) -> String {
    (count * percent / 100).max(1).to_string()
}

/// `tests/run` installs strace and runs this.
#[test]
#[ignore = "needs strace"]
fn killed_at_named_points_nothing_is_lost() {
    let world = World::new(Duration::ZERO);
    let places = [
        ("migration and commits", Calls::of(WRITES, WAL), &[1, 5, 10, 20, 35, 50, 65, 80, 90][..]),
        ("flush of migration and commits", Calls::of(FLUSHES, WAL), &[1, 15, 30, 50, 70, 90][..]),
        ("checkpoint", Calls::of(WRITES, ITSELF), &[5, 25, 50, 75, 90][..]),
        ("flush of the checkpoint", Calls::of(FLUSHES, ITSELF), &[50][..]),
    ];
    let mut round = 0;
    let mut next = || {
        round += 1;
        format!("{round}.db")
    };
    for (what, calls, shares) in places {
        let (call, count) = counted(&world, &next(), calls);
        println!("{what}: {count} x {call}");
        for percent in shares {
            let name = next();
            let killed = tampered(&world, &name, calls, (call, &share(count, *percent)), "signal=KILL");
            assert_ne!(killed.code(), Some(0), "{what}, {percent}%: never came by: {killed}");
            world.assert_sound(&name, Bytes::Looked);
            world.assert_resumes(&name);
        }
    }
    // Evidence is written on whichever thread is free, so the first of each is aimed at, in runs that are this far.
    let wal = Calls::of(WRITES, WAL);
    let (call, count) = counted(&world, &next(), wal);
    for (calls, far) in [(Calls::of(WRITES, KEPT), [0, 60, 85]), (Calls::of(FLUSHES, KEPT), [0, 60, 85])] {
        let (write, _) = counted(&world, &next(), calls);
        for percent in far {
            let name = next();
            if percent > 0 {
                tampered(&world, &name, wal, (call, &share(count, percent)), "signal=KILL");
            }
            let killed = tampered(&world, &name, calls, (write, "1"), "signal=KILL");
            assert_ne!(killed.code(), Some(0), "{write} of evidence, {percent}%: never came by: {killed}");
            world.assert_sound(&name, Bytes::Looked);
            world.assert_resumes(&name);
        }
    }
}

/// `tests/run` installs strace and runs this.
#[test]
#[ignore = "needs strace"]
fn out_of_disk_at_chosen_writes_is_a_clean_stop() {
    let world = World::new(Duration::ZERO);
    let wal = Calls::of(WRITES, WAL);
    let kept = Calls::of(WRITES, KEPT);
    let (call, count) = counted(&world, "wal.db", wal);
    let (write, _) = counted(&world, "kept.db", kept);
    for round in 0..20 {
        let name = format!("{round}.db");
        let full = if round < 12 {
            tampered(&world, &name, wal, (call, &format!("{}+", share(count, 1 + round * 8))), "error=ENOSPC")
        } else {
            if round > 12 {
                tampered(&world, &name, wal, (call, &share(count, 40 + 7 * (round - 12))), "signal=KILL");
            }
            tampered(&world, &name, kept, (write, "1+"), "error=ENOSPC")
        };
        assert_full(&full, &name);
        world.assert_sound(&name, Bytes::Looked);
        world.assert_resumes(&name);
    }
}

/// One line says what is full, and the exit code is that of a full disk.
#[track_caller]
fn assert_full(ended: &Ended, name: &str) {
    ended.assert_code(71);
    let told: Vec<&str> = ended.stderr.lines().filter(|line| line.starts_with("riscontro: ")).collect();
    assert_eq!(told.len(), 1, "{ended}");
    assert!(told[0].contains(name) && !ended.stderr.contains("panicked"), "{ended}");
}

/// A file system of its own, as large as it says; gone with the value.
struct Mounted(PathBuf);

impl Mounted {
    fn new(path: PathBuf, bytes: u64) -> Self {
        fs::create_dir_all(&path).unwrap();
        let mounted = Self(path);
        mounted.mount(&format!("size={bytes}"));
        mounted
    }

    fn mount(&self, options: &str) {
        let told = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(&self.0).output().unwrap();
        assert!(told.status.success(), "mount: {}", String::from_utf8_lossy(&told.stderr));
    }

    fn grow(&self, bytes: u64) {
        self.mount(&format!("remount,size={bytes}"));
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

fn bytes_in(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { bytes_in(&path) } else { fs::metadata(&path).unwrap().len() }).sum()
}

/// The same on a real file system that is too small, in twenty sizes. `tests/run` runs this as root, who may mount one.
#[test]
#[ignore = "needs to mount a file system"]
fn out_of_disk_on_a_small_file_system_is_a_clean_stop() {
    let world = World::new(Duration::ZERO);
    let whole = Mounted::new(world.riscontro.path("whole"), 64 << 20);
    let db = world.riscontro.database("whole/a.db");
    world.riscontro.run(&world.arguments(&db)).assert_code(0);
    let needed = bytes_in(&whole.0);
    for part in 1..=20 {
        let folder = format!("part-{part}");
        let disk = Mounted::new(world.riscontro.path(&folder), needed * part / 21);
        let name = format!("{folder}/a.db");
        let full = world.riscontro.run(&world.arguments(&world.riscontro.database(&name)));
        assert_full(&full, &name);
        disk.grow(64 << 20);
        world.assert_sound(&name, Bytes::Looked);
        world.assert_resumes(&name);
    }
}
