//! Dovecot as a mail server that is not ours: one mailbox on loopback, under TLS, run by somebody who is nobody in particular.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener, TcpStream},
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use super::{
    ca::Authority,
    imap::{PASSWORD, USER},
};

/// The server with its mailbox; ended when dropped.
pub struct Dovecot {
    folder: tempfile::TempDir,
    authority: Authority,
    port: u16,
    child: Child,
}

impl Dovecot {
    /// Starts it with an empty mailbox.
    pub fn start() -> Self {
        // Sockets have a path of a hundred characters at most.
        let folder = tempfile::Builder::new().prefix("riscontro-dc-").tempdir_in("/tmp").unwrap();
        let authority = Authority::new(std::collections::HashMap::new());
        let (chain, key) = authority.pem("localhost");
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let root = fs::metadata(folder.path()).unwrap().uid() == 0;
        let own = |flag: &str| {
            let said = Command::new("id").arg(flag).output().unwrap().stdout;
            String::from_utf8(said).unwrap().trim().to_owned()
        };
        let (user, group) = if root { ("nobody".to_owned(), "nogroup".to_owned()) } else { (own("-un"), own("-gn")) };
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("cert.pem", &chain);
        write("key.pem", &key);
        write("users", &format!("{USER}:{{PLAIN}}{PASSWORD}\n"));
        for part in ["cur", "new", "tmp"] {
            fs::create_dir_all(folder.path().join("Maildir").join(part)).unwrap();
        }
        let place = folder.path().display();
        write(
            "conf",
            &format!(
                "base_dir = {place}/run\nstate_dir = {place}/state\nlog_path = {place}/log\nprotocols = imap\n\
                 listen = 127.0.0.1\nssl = required\nssl_cert = <{place}/cert.pem\nssl_key = <{place}/key.pem\n\
                 default_internal_user = {user}\ndefault_internal_group = {group}\ndefault_login_user = {user}\n\
                 first_valid_uid = 0\nfirst_valid_gid = 0\nmail_location = maildir:{place}/Maildir\n\
                 auth_mechanisms = plain\nauth_failure_delay = 0\nauth_verbose = yes\n\
                 passdb {{\n  driver = passwd-file\n  args = username_format=%u {place}/users\n}}\n\
                 userdb {{\n  driver = static\n  args = uid={user} gid={group} home={place}\n}}\n\
                 service imap-login {{\n  chroot =\n  inet_listener imap {{\n    port = 0\n  }}\n\
                   inet_listener imaps {{\n    port = {port}\n    ssl = yes\n  }}\n}}\n\
                 service anvil {{\n  chroot =\n}}\n"
            ),
        );
        let mut command = if root {
            let given = Command::new("chown").arg("-R").arg("nobody:nogroup").arg(folder.path()).status().unwrap();
            assert!(given.success());
            let mut command = Command::new("setpriv");
            command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups", "/usr/sbin/dovecot"]);
            command
        } else {
            Command::new("/usr/sbin/dovecot")
        };
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let log = folder.path().join("said");
        let said = fs::File::create(&log).unwrap();
        let child = command
            .arg("-F")
            .arg("-c")
            .arg(folder.path().join("conf"))
            .stdin(Stdio::null())
            .stdout(said.try_clone().unwrap())
            .stderr(said)
            .spawn()
            .unwrap();
        let mut server = Self { folder, authority, port, child };
        let until = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            let ended = server.child.try_wait().unwrap();
            assert!(ended.is_none() && Instant::now() < until, "{ended:?}\n{}", server.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }

    /// What it and its log say.
    pub fn log(&self) -> String {
        ["said", "log"].map(|name| fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()).join("\n")
    }

    /// Its address as `outbox receipts` wants it, with this folder.
    pub fn address(&self, folder: &str) -> String {
        format!("imaps://{USER}@localhost:{}/{folder}", self.port)
    }

    /// The certificate of its authority, PEM.
    pub fn ca(&self) -> &Path {
        self.authority.path()
    }

    /// The mailbox on the disk.
    pub fn maildir(&self) -> PathBuf {
        self.folder.path().join("Maildir")
    }

    /// Puts a message into the mailbox, as a program that delivers does. `place` is its file below the Maildir.
    pub fn put(&self, place: &str, message: &[u8]) {
        let file = self.maildir().join(place);
        // The name begins with the time, by which the server orders what came together.
        fs::write(&file, message).unwrap();
        let owner = fs::metadata(self.maildir()).unwrap();
        std::os::unix::fs::chown(&file, Some(owner.uid()), Some(owner.gid())).unwrap();
    }

    /// Every message of the mailbox: its file, where flags stand in the name, and its bytes.
    pub fn messages(&self) -> Vec<(String, Vec<u8>)> {
        let mut messages = Vec::new();
        for part in ["cur", "new"] {
            for entry in fs::read_dir(self.maildir().join(part)).unwrap() {
                let entry = entry.unwrap();
                let name = format!("{part}/{}", entry.file_name().to_str().unwrap());
                messages.push((name, fs::read(entry.path()).unwrap()));
            }
        }
        messages.sort();
        messages
    }

    /// Makes the server forget its numbers, so that it gives new ones under another UIDVALIDITY.
    pub fn renumber(&self) {
        for entry in fs::read_dir(self.maildir()).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().to_str().unwrap().to_owned();
            // What it keeps so as not to use a number twice stays.
            if name.starts_with("dovecot") && !name.starts_with("dovecot-uidvalidity") {
                fs::remove_file(entry.path()).unwrap();
            }
        }
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}
