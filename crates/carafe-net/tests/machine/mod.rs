//! A machine that a test makes up: `/proc`, `/sys` and `/etc` in a folder.

use std::fmt::Write as _;
use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::symlink;

use carafe_net::System;

/// The folder, removed when it is dropped.
pub(crate) struct Machine {
    folder: tempfile::TempDir,
    pub(crate) system: System,
}

/// A process on it.
pub(crate) struct Program<'a> {
    pub(crate) pid: u32,
    pub(crate) name: &'a str,
    /// Its words, separated by spaces.
    pub(crate) command: &'a str,
    pub(crate) exe: &'a str,
    pub(crate) folder: &'a str,
    pub(crate) uid: u32,
    pub(crate) parent: u32,
    pub(crate) state: &'a str,
    /// Seconds since it started.
    pub(crate) age: u64,
    /// The sockets that we may see it hold; `None` when we may not look.
    pub(crate) sockets: Option<&'a [u64]>,
}

impl Default for Program<'_> {
    fn default() -> Self {
        Program {
            pid: 4211,
            name: "python3",
            command: "python3 -m http.server 8000",
            exe: "/usr/bin/python3.13",
            folder: "/srv/ann/site",
            uid: 1000,
            parent: 900,
            state: "S",
            age: 185,
            sockets: Some(&[]),
        }
    }
}

const UP: u64 = 100_000;

impl Machine {
    pub(crate) fn new() -> Machine {
        let folder = tempfile::tempdir().unwrap();
        let machine = Machine { system: System::at(folder.path()), folder };
        machine.file("proc/uptime", &format!("{UP}.00 3.00\n"));
        machine.file("proc/stat", "cpu 1 2 3\nbtime 1751500000\n");
        machine.file("proc/net/tcp", "  sl  local_address rem_address   st\n");
        machine.file("proc/net/tcp6", "  sl  local_address remote_address st\n");
        machine.file("proc/self/ignored", "");
        machine.file(
            "etc/passwd",
            "root:x:0:0:root:/root:/bin/sh\nann:x:1000:1000::/srv/ann:/bin/sh\n\
             bob:x:1001:1001::/srv/bob:/bin/sh\n",
        );
        machine
    }

    pub(crate) fn file(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn link(&self, path: &str, target: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(target, path).unwrap();
    }

    /// A socket in this state: `0A` listens, `06` is in `TIME_WAIT`.
    pub(crate) fn socket(&self, address: &str, state: &str, uid: u32, inode: u64) {
        let address: SocketAddr = address.parse().unwrap();
        let (file, octets) = match address.ip() {
            IpAddr::V4(ip) => ("proc/net/tcp", ip.octets().to_vec()),
            IpAddr::V6(ip) => ("proc/net/tcp6", ip.octets().to_vec()),
        };
        let mut local = String::new();
        for word in octets.chunks_exact(4) {
            let word = u32::from_ne_bytes(word.try_into().unwrap());
            write!(local, "{word:08X}").unwrap();
        }
        let path = self.folder.path().join(file);
        let mut text = fs::read_to_string(&path).unwrap();
        writeln!(
            text,
            "   0: {local}:{:04X} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000 \
             {uid:5}        0 {inode} 1 00000000b18f75d3 100 0 0 10 0",
            address.port()
        )
        .unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn listens(&self, address: &str, uid: u32, inode: u64) {
        self.socket(address, "0A", uid, inode);
    }

    pub(crate) fn program(&self, program: &Program<'_>) {
        let Program { pid, name, uid, parent, state, age, .. } = program;
        let start = (UP - age) * 100;
        self.file(
            &format!("proc/{pid}/stat"),
            &format!(
                "{pid} ({name}) {state} {parent} 1 1 0 -1 0 1 2 3 4 5 6 7 8 20 0 1 0 {start} 9"
            ),
        );
        self.file(&format!("proc/{pid}/comm"), &format!("{name}\n"));
        self.file(
            &format!("proc/{pid}/status"),
            &format!("Name:\t{name}\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\nGid:\t0\t0\t0\t0\n"),
        );
        let words = program.command.split(' ').map(|word| format!("{word}\0"));
        self.file(&format!("proc/{pid}/cmdline"), &words.collect::<String>());
        if let Some(sockets) = program.sockets {
            self.link(&format!("proc/{pid}/exe"), program.exe);
            self.link(&format!("proc/{pid}/cwd"), program.folder);
            self.link(&format!("proc/{pid}/fd/0"), "/dev/null");
            for (at, inode) in sockets.iter().enumerate() {
                self.link(&format!("proc/{pid}/fd/{}", at + 3), &format!("socket:[{inode}]"));
            }
        }
    }
}
