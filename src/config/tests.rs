#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::{fs, path::PathBuf, time::Duration};

use super::*;
use crate::model::Register;

fn environment(variables: &[(&str, &str)]) -> Environment {
    variables.iter().copied().collect()
}

fn flags(values: &[(Key, &str)]) -> Flags {
    Flags { values: values.iter().map(|(key, text)| (*key, (*text).to_owned())).collect(), config: None }
}

fn folder_with(toml: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("riscontro.toml");
    fs::write(&path, toml).unwrap();
    (folder, path)
}

/// Every mistake of a file, as `line: message (hint)`.
fn mistakes(toml: &str) -> Vec<String> {
    let (_folder, path) = folder_with(toml);
    let found = load(&Environment::default(), &Flags { config: Some(path), ..Flags::default() });
    let Err(ConfigError::Invalid(problems)) = found else { return Vec::new() };
    problems
        .iter()
        .map(|problem| {
            let Origin::File(_, line) = problem.origin else { panic!("not of the file: {problem:?}") };
            let hint = problem.hint(Lang::En).unwrap_or_default();
            format!("{line}: {} ({hint})", problem.message(Lang::En))
        })
        .collect()
}

#[test]
fn each_layer_beats_the_one_before() {
    let (_folder, path) = folder_with("delay = 2\nmax_requests = 10\ncontact = \"file@example.it\"\n");
    let file = Flags { config: Some(path.clone()), ..Flags::default() };
    let none = Environment::default();

    let loaded = load(&none, &Flags::default()).unwrap();
    assert_eq!(loaded.settings.delay, Duration::from_secs(1));
    assert_eq!(*loaded.origin(Key::Delay), Origin::Default);

    let loaded = load(&none, &file).unwrap();
    assert_eq!(loaded.settings.delay, Duration::from_secs(2));
    assert_eq!(*loaded.origin(Key::MaxRequests), Origin::File(path.clone(), 2));

    let variables = environment(&[("RISCONTRO_DELAY", "3"), ("RISCONTRO_CONFIG", path.to_str().unwrap())]);
    let loaded = load(&variables, &Flags::default()).unwrap();
    assert_eq!(loaded.settings.delay, Duration::from_secs(3));
    assert_eq!(loaded.settings.contact.as_deref(), Some("file@example.it"));
    assert_eq!(*loaded.origin(Key::Delay), Origin::Variable("RISCONTRO_DELAY".into()));

    let loaded = load(&variables, &flags(&[(Key::Delay, "0.25")])).unwrap();
    assert_eq!(loaded.settings.delay, Duration::from_millis(250));
    assert_eq!(loaded.settings.max_requests, 10);
    assert_eq!(*loaded.origin(Key::Delay), Origin::Flag("--delay"));
}

#[test]
fn a_list_replaces_the_list_below() {
    let (_folder, path) = folder_with("opt_out = [\"a.it\", \"B.it.\"]\nca_certificate = [\"ca.pem\"]\n");
    let config = Flags { config: Some(path.clone()), ..Flags::default() };
    let loaded = load(&Environment::default(), &config).unwrap();
    assert_eq!(loaded.settings.opt_out, ["a.it", "b.it"]);
    assert_eq!(loaded.settings.ca_certificates, [path.parent().unwrap().join("ca.pem")]);
    let loaded = load(&environment(&[("RISCONTRO_OPT_OUT", "c.it, d.it")]), &config).unwrap();
    assert_eq!(loaded.settings.opt_out, ["c.it", "d.it"]);
}

#[test]
fn the_opt_out_file_adds_hosts_and_names_its_bad_lines() {
    let (folder, path) = folder_with("opt_out_file = \"hosts.txt\"\n");
    fs::write(folder.path().join("hosts.txt"), "# asked by mail\nwww.a.it # 2026\n\nb.it\n").unwrap();
    let config = Flags { config: Some(path), ..Flags::default() };
    assert_eq!(load(&Environment::default(), &config).unwrap().settings.opt_out, ["b.it", "www.a.it"]);

    fs::write(folder.path().join("hosts.txt"), "a.it\nhttp://b.it/\nc d\n").unwrap();
    let ConfigError::Invalid(problems) = load(&Environment::default(), &config).unwrap_err();
    let lines: Vec<_> = problems.iter().map(|problem| problem.origin.describe(Lang::En)).collect();
    let file = folder.path().join("hosts.txt").display().to_string();
    assert_eq!(lines, [format!("{file}:2"), format!("{file}:3")]);
}

#[test]
fn every_mistake_is_told_at_once_with_its_line() {
    let toml = "delay = \"fast\"\n\ncontatc = \"a@b.it\"\nmax_requests = 0\nconcurrency = 1.5\n\
                connect_to = [\"a:1:127.0.0.1:2\", \"nonsense\"]\nproxy = \"ftp://x\"\nlang = \"de\"\n";
    assert_eq!(
        mistakes(toml),
        [
            "1: `delay` wants a number, not a text ()",
            "3: unknown setting `contatc` (perhaps `contact`)",
            "5: `concurrency` wants a whole number, not a number with a fraction ()",
            "8: `lang` cannot be `de` (wanted: `it` or `en`)",
            "4: `max_requests` cannot be `0` (wanted: a whole number from 1 to 10000)",
            "7: `proxy` cannot be `ftp://x` (wanted: the address of an http, https, socks5 or socks5h proxy, for \
             example `http://127.0.0.1:3128`)",
            "6: `connect_to` cannot be `nonsense` (wanted: HOST:PORT:ADDRESS:PORT, for example \
             `www.comune.esempio.it:443:127.0.0.1:8443`)",
        ]
    );
}

#[test]
fn one_mistake_each() {
    let cases = [
        ("delay = -1", "`delay` cannot be `-1`"),
        ("delay = nan", "`delay` cannot be `nan`"),
        ("delay = inf", "`delay` cannot be `inf`"),
        ("delay = 3601", "`delay` cannot be `3601`"),
        ("delay = 0x10", "`delay` wants a number"),
        ("address_delay = true", "`address_delay` wants a number, not true or false"),
        ("max_time = 0", "`max_time` cannot be `0`"),
        ("concurrency = 5000", "`concurrency` cannot be `5000`"),
        ("verbosity = 9", "`verbosity` cannot be `9`"),
        ("db = \"mysql://x\"", "`db` cannot be"),
        ("db = \"sqlite://\"", "`db` cannot be"),
        ("contact = \"me\"", "`contact` cannot be `me`"),
        ("contact = \"a b@c.it\"", "`contact` cannot be"),
        ("contact = \"a@b.it)\"", "`contact` cannot be"),
        ("contact = \"a@b.it\\r\\nX: y\"", "`contact` cannot be"),
        ("resolver = \"dns.example\"", "`resolver` cannot be"),
        ("connect_to = \"a:1:127.0.0.1:2\"", "`connect_to` wants a list"),
        ("connect_to = [\"a:1:localhost:2\"]", "`connect_to` cannot be"),
        ("connect_to = [\"a:70000:127.0.0.1:2\"]", "`connect_to` cannot be"),
        ("opt_out = [1]", "`opt_out` wants a list"),
        ("opt_out = [\"user@host.it\"]", "`opt_out` cannot be"),
        ("log_format = \"xml\"", "`log_format` cannot be"),
        ("selectors = \"\"", "`selectors` cannot be"),
        ("[network]\ndelay = 1", "unknown setting `network`"),
        ("delay = 1\ndelay = 2", "not valid TOML"),
        ("delay = ", "not valid TOML"),
        ("lang = 'it", "not valid TOML"),
    ];
    for (toml, message) in cases {
        let found = mistakes(toml);
        assert!(found.iter().any(|line| line.contains(message)), "{toml}: {found:?}");
        let line = if toml.starts_with("delay = 1\n") { "2: " } else { "1: " };
        assert!(found.iter().any(|found| found.starts_with(line)), "{toml}: {found:?}");
    }
}

#[test]
fn good_values() {
    let cases = [
        ("db", "sqlite:///tmp/a.db"),
        ("db", "sqlite://relative.db"),
        ("contact", "https://www.ente.example/verifiche"),
        ("contact", "mailto:a@b.it"),
        ("contact", "verifiche@ente.example"),
        ("delay", "0"),
        ("proxy", "socks5h://user:secret@127.0.0.1:1080"),
        ("connect_to", "::127.0.0.1:8080"),
        ("connect_to", "[::1]:443:[::1]:8443"),
        ("connect_to", "Example.it::127.0.0.1:8080"),
        ("resolver", "127.0.0.1"),
        ("resolver", "[::1]:5353"),
    ];
    for (name, text) in cases {
        let variable = Key::from_name(name).unwrap().variable();
        load(&environment(&[(&variable, text)]), &Flags::default()).unwrap();
    }
    let one: ConnectTo = "Example.it::127.0.0.1:8080".parse().unwrap();
    assert_eq!((one.names_host(), one.names_port()), (true, false));
    assert_eq!(one.to_string(), "example.it::127.0.0.1:8080");
    let six: ConnectTo = "[::1]:443:[::1]:8443".parse().unwrap();
    assert_eq!(six.to_string(), "[::1]:443:[::1]:8443");
}

#[test]
fn a_file_that_is_named_must_be_there() {
    let gone = Flags { config: Some("no/such/file.toml".into()), ..Flags::default() };
    let ConfigError::Invalid(problems) = load(&Environment::default(), &gone).unwrap_err();
    assert_eq!(problems[0].origin.describe(Lang::It), "no/such/file.toml");
    assert_eq!(problems[0].message(Lang::It), "il file non c'è");
}

#[test]
fn folders_follow_the_base_directory_rules() {
    let folder = |variables: &[(&str, &str)]| load(&environment(variables), &Flags::default()).unwrap().settings.db;
    assert_eq!(folder(&[("XDG_DATA_HOME", "/data")]), "sqlite:///data/riscontro/riscontro.db");
    assert_eq!(folder(&[("HOME", "/home/a")]), "sqlite:///home/a/.local/share/riscontro/riscontro.db");
    assert_eq!(folder(&[("HOME", "/home/a"), ("XDG_DATA_HOME", "relative")]), folder(&[("HOME", "/home/a")]));
    assert_eq!(folder(&[("HOME", "/a?b#c%d")]), "sqlite:///a%3fb%23c%25d/.local/share/riscontro/riscontro.db");
    assert_eq!(folder(&[]), "sqlite://riscontro.db");
}

#[test]
fn the_language_comes_from_the_locale() {
    let of = |variables: &[(&str, &str)]| Lang::of_locale(&environment(variables));
    assert_eq!(of(&[]), Lang::It);
    assert_eq!(of(&[("LANG", "C.UTF-8")]), Lang::It);
    assert_eq!(of(&[("LANG", "POSIX")]), Lang::It);
    assert_eq!(of(&[("LANG", "it_IT.UTF-8")]), Lang::It);
    assert_eq!(of(&[("LANG", "en_GB.UTF-8")]), Lang::En);
    assert_eq!(of(&[("LANG", "en_GB.UTF-8"), ("LC_ALL", "it_CH")]), Lang::It);
    assert_eq!(of(&[("LANG", "it_IT"), ("LC_MESSAGES", "en_US"), ("LC_ALL", "")]), Lang::En);
}

#[test]
fn proxies_of_the_environment_are_not_obeyed() {
    let variables =
        environment(&[("HTTP_PROXY", "http://p:1"), ("https_proxy", "http://p:1"), ("ALL_PROXY", "http://p")]);
    assert_eq!(load(&variables, &Flags::default()).unwrap().settings.proxy, None);
}

#[test]
fn mistyped_variables_are_remarked() {
    let variables = environment(&[("RISCONTRO_CONTATC", "x"), ("RISCONTRO_DELAY", "1"), ("RISCONTRO_PROXY", "")]);
    assert_eq!(load(&variables, &Flags::default()).unwrap().unknown_variables, ["RISCONTRO_CONTATC"]);
}

#[test]
fn secrets_are_masked_everywhere() {
    let variables = environment(&[("RISCONTRO_PROXY", "http://user:canary@proxy.example:3128")]);
    let loaded = load(&variables, &Flags::default()).unwrap();
    let shown = show_text(&loaded, Lang::It) + &show_json(&loaded).to_string();
    assert!(shown.contains("http://***@proxy.example:3128"), "{shown}");
    assert!(!shown.contains("canary"), "{shown}");

    let wrong = environment(&[("RISCONTRO_PROXY", "gopher://user:canary@proxy.example")]);
    let ConfigError::Invalid(problems) = load(&wrong, &Flags::default()).unwrap_err();
    assert!(!problems[0].message(Lang::It).contains("canary"));
    assert_eq!(mask("postgres://a:b@h/d?password=c&x=1"), "postgres://***@h/d?password=***&x=1");
    assert_eq!(mask("no address"), "no address");
    assert_eq!(mask("http://h/p@q"), "http://h/p@q");
}

#[cfg(unix)]
#[test]
fn a_password_that_everybody_may_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_folder, path) = folder_with("proxy = \"http://user:canary@proxy.example\"\n");
    let config = Flags { config: Some(path.clone()), ..Flags::default() };
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let ConfigError::Invalid(problems) = load(&Environment::default(), &config).unwrap_err();
    assert_eq!(problems[0].fault, Fault::Exposed(Key::Proxy));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    load(&Environment::default(), &config).unwrap();
}

#[test]
fn the_example_is_a_configuration_once_uncommented() {
    for lang in Lang::ALL {
        let example_lines = example(lang);
        let lines: Vec<&str> = example_lines
            .lines()
            .filter_map(|line| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')))
            .filter(|line| !line.starts_with("opt_out_file"))
            .collect();
        let toml = lines.join("\n");
        assert_eq!(toml.lines().count(), Key::ALL.len() - 1);
        assert_eq!(mistakes(&toml), Vec::<String>::new());
        assert_eq!(mistakes(&example(lang)), Vec::<String>::new());
    }
}

#[test]
fn what_is_shown_can_be_read_back() {
    let variables = environment(&[("HOME", "/home/a"), ("RISCONTRO_OPT_OUT", "a.it,b.it"), ("RISCONTRO_DELAY", "1.5")]);
    let loaded = load(&variables, &Flags::default()).unwrap();
    assert_eq!(mistakes(&show_text(&loaded, Lang::En)), Vec::<String>::new());
}

#[test]
fn receipts_are_in_a_folder_or_a_mailbox_and_its_password_may_be_a_credential() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("riscontro.toml");
    let of = |toml: &str| {
        fs::write(&config, toml).unwrap();
        let credentials = environment(&[("CREDENTIALS_DIRECTORY", folder.path().to_str().unwrap())]);
        let flags = Flags { config: Some(config.clone()), ..Flags::default() };
        load(&credentials, &flags).unwrap().settings.mail
    };
    let beside = of("mail_receipts = \"Maildir\"");
    assert_eq!(beside.receipts, Some(ReceiptsPlace::Folder(folder.path().join("Maildir"))));
    assert_eq!(beside.receipts_password_file, None);
    let credential = folder.path().join("mail-receipts-password");
    fs::write(&credential, "segreto").unwrap();
    let mailbox = of("mail_receipts = \"imaps://a@pec.b.it@c.it/INBOX\"");
    assert_eq!(mailbox.receipts.unwrap().to_string(), "imaps://a@pec.b.it@c.it:993/INBOX");
    assert_eq!((mailbox.receipts_password_file, mailbox.password_file), (Some(credential), None));
    let named = of("mail_receipts_password_file = \"altro\"");
    assert_eq!(named.receipts_password_file, Some(folder.path().join("altro")));
    let wrong = mistakes("mail_receipts = \"imaps://a:segreto@c.it/INBOX\"");
    assert!(wrong[0].contains("mail_receipts") && !wrong[0].contains("segreto"), "{wrong:?}");
}

#[test]
fn each_register_has_its_age_and_later_entries_win() {
    let ages = |text: &str| {
        load(&environment(&[("RISCONTRO_REGISTER_MAX_AGE", text)]), &Flags::default())
            .unwrap()
            .settings
            .register_max_age
    };
    assert_eq!(ages(""), MaxAges::default());
    assert_eq!((ages("").of(Register::Ipa), ages("").of(Register::Istat)), (90, 400));
    let set = ages("30, ipa:7");
    assert_eq!((set.of(Register::Ipa), set.of(Register::Appio)), (7, 30));
    assert_eq!(ages("ipa:7,30"), MaxAges::all(30));
    for wrong in ["ipa", "ipa:-1", "inps:3", "ipa:1.5", "99999", ":3"] {
        let variables = environment(&[("RISCONTRO_REGISTER_MAX_AGE", wrong)]);
        let ConfigError::Invalid(problems) = load(&variables, &Flags::default()).unwrap_err();
        assert!(problems[0].message(Lang::It).contains("register_max_age"), "{wrong}");
    }
}
