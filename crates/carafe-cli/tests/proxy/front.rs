//! nginx, Apache and Caddy with printed files, each as a process of its own.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use super::wire::{Reply, Wire};
use super::{PATIENCE, clean, tool};

/// Where Debian keeps Apache's modules.
const APACHE_MODULES: &str = "/usr/lib/apache2/modules";

/// Which web server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Nginx,
    Apache,
    Caddy,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Nginx => "nginx",
            Kind::Apache => "apache",
            Kind::Caddy => "caddy",
        }
    }
}

/// Free ports, a folder that any user can read, and a certificate: what a site is printed for.
pub(crate) struct Ground {
    pub(crate) http: u16,
    pub(crate) https: u16,
    folder: tempfile::TempDir,
}

impl Ground {
    pub(crate) fn new() -> Ground {
        let folder = tempfile::tempdir().unwrap();
        // Web servers drop root's rights before they read files.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let ground = Ground { http: free_port(), https: free_port(), folder };
        let mut command = Command::new(tool("openssl"));
        command
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"])
            .args(["-nodes", "-days", "2", "-subj", "/CN=tests", "-addext"])
            .args(["subjectAltName=DNS:book.example,DNS:probe.example", "-keyout"])
            .arg(ground.path("key.pem"))
            .arg("-out")
            .arg(ground.path("cert.pem"));
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        ground
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A path as an option takes it.
    pub(crate) fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }
}

/// A port that nobody listens on. It is given back before it is used, so it is none of those that the
/// system itself hands out, and no two tests get the same.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let start = std::process::id().wrapping_mul(131);
    let free = |port: &u16| {
        ["127.0.0.1", "::1"].iter().all(|host| TcpListener::bind((*host, *port)).is_ok())
    };
    let ports = std::iter::repeat_with(|| start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)));
    let mut ports = ports.take(10_000).map(|number| 20_000 + (number % 10_000) as u16);
    ports.find(free).unwrap()
}

/// A web server that runs, until it is dropped.
pub(crate) struct Front<'a> {
    child: Child,
    ground: &'a Ground,
    pub(crate) kind: Kind,
}

impl<'a> Front<'a> {
    /// Tests the printed sites as their heads say, and serves them.
    pub(crate) fn start(kind: Kind, ground: &'a Ground, sites: &[String]) -> Front<'a> {
        let folder = ground.path("front");
        fs::create_dir(&folder).unwrap();
        for (number, site) in sites.iter().enumerate() {
            fs::write(folder.join(format!("{number}.site")), site).unwrap();
        }
        let (mut test, mut run) = match kind {
            Kind::Nginx => nginx(&folder),
            Kind::Apache => apache(&folder, sites),
            Kind::Caddy => caddy(&folder),
        };
        let output = test.output().unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{kind:?} refuses the file:\n{words}");
        assert!(!words.contains("[warn]"), "{words}");
        let log = fs::File::create(folder.join("said.log")).unwrap();
        let child = run.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).spawn();
        let mut front = Front { child: child.unwrap(), ground, kind };
        front.wait();
        front
    }

    fn wait(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        let ports = [self.ground.http, self.ground.https];
        for port in ports {
            while TcpStream::connect(("127.0.0.1", port)).is_err() {
                let ended = self.child.try_wait().unwrap();
                if ended.is_some() || Instant::now() > deadline {
                    panic!("{:?} does not listen on {port}: {ended:?}\n{}", self.kind, self.log());
                }
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
        }
    }

    /// What it wrote into its logs.
    pub(crate) fn log(&self) -> String {
        let folder = self.ground.path("front");
        let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap_or_default();
        format!("{}\n{}", read("said.log"), read("error.log"))
    }

    /// Opens a connection, over TLS.
    pub(crate) fn open(&self, domain: &str) -> Wire {
        Wire::secure(self.ground.https, domain, &self.ground.path("cert.pem"))
    }

    /// The host with its port, as a browser would name it.
    pub(crate) fn host(&self, domain: &str) -> String {
        format!("{domain}:{}", self.ground.https)
    }

    /// Asks for `target` with these headers, over TLS.
    pub(crate) fn ask(&self, domain: &str, method: &str, target: &str, rest: &str) -> Reply {
        self.asked(domain, method, target, rest).reply()
    }

    /// The status alone; `None` when the connection was closed without an answer.
    pub(crate) fn status(
        &self,
        domain: &str,
        method: &str,
        target: &str,
        rest: &str,
    ) -> Option<u16> {
        self.asked(domain, method, target, rest).status()
    }

    fn asked(&self, domain: &str, method: &str, target: &str, rest: &str) -> Wire {
        let host = self.host(domain);
        let mut wire = self.open(domain);
        let head = format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
        wire.send(head + if rest.is_empty() { "\r\n" } else { rest });
        wire
    }

    pub(crate) fn get(&self, domain: &str, target: &str) -> Reply {
        self.ask(domain, "GET", target, "")
    }
}

impl Drop for Front<'_> {
    fn drop(&mut self) {
        // TERM, as these have children of their own to end.
        let pid = self.child.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &pid]).status();
        let deadline = Instant::now() + PATIENCE;
        while let Ok(None) = self.child.try_wait() {
            if Instant::now() > deadline {
                let _ = self.child.kill();
                let _ = self.child.wait();
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        if std::thread::panicking() {
            println!("{}", self.log());
        }
    }
}

fn nginx(folder: &Path) -> (Command, Command) {
    let shown = folder.display();
    // `nobody` could not read a checkout in somebody's home; as root the workers stay root.
    let user = if is_root() { "user root;\n" } else { "" };
    let temp: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {shown}/{name};\n"))
        .concat();
    let main = format!(
        "{user}worker_processes 1;\ndaemon off;\npid {shown}/nginx.pid;\n\
         error_log {shown}/error.log;\nevents {{}}\n\
         http {{\ninclude /etc/nginx/mime.types;\naccess_log off;\n{temp}\
         include {shown}/*.site;\n}}\n"
    );
    fs::write(folder.join("nginx.conf"), main).unwrap();
    let command = |arguments: &[&str]| {
        let mut command = clean(tool("nginx"));
        command.arg("-p").arg(folder).arg("-c").arg(folder.join("nginx.conf")).args(arguments);
        command
    };
    (command(&["-t"]), command(&[]))
}

/// The modules that are on from the start in Debian, and those that the heads tell to turn on.
fn apache(folder: &Path, sites: &[String]) -> (Command, Command) {
    const USUAL: [&str; 9] = [
        "mpm_event",
        "authz_core",
        "authz_host",
        "dir",
        "filter",
        "mime",
        "negotiation",
        "reqtimeout",
        "setenvif",
    ];
    let mut modules = USUAL.to_vec();
    for site in sites {
        let lines = site.lines().map(|line| line.trim_start_matches(['#', ' ']));
        let asked = lines.filter_map(|line| line.strip_prefix("sudo a2enmod ")).next().unwrap();
        modules.extend(asked.split(' ').filter(|name| !modules.contains(name)).collect::<Vec<_>>());
    }
    let load = |name: &str| format!("LoadModule {name}_module {APACHE_MODULES}/mod_{name}.so\n");
    let mut main: String = modules.into_iter().map(load).collect();
    let shown = folder.display();
    fs::write(folder.join("types"), "text/css css\nimage/svg+xml svg\ntext/plain txt\n").unwrap();
    main.push_str(&format!(
        "ServerRoot {shown}\nServerName tests.example\nDefaultRuntimeDir {shown}\n\
         PidFile {shown}/apache.pid\nErrorLog {shown}/error.log\nMutex file:{shown}\n\
         TypesConfig {shown}/types\n<Directory />\nRequire all denied\n</Directory>\n"
    ));
    if is_root() {
        main.push_str("User www-data\nGroup www-data\n");
    }
    main.push_str(&format!("Include {shown}/*.site\n"));
    fs::write(folder.join("apache.conf"), main).unwrap();
    let command = |arguments: &[&str]| {
        let mut command = clean(tool("apache2"));
        command.arg("-f").arg(folder.join("apache.conf")).args(arguments);
        command
    };
    (command(&["-t"]), command(&["-D", "FOREGROUND"]))
}

fn caddy(folder: &Path) -> (Command, Command) {
    let shown = folder.display();
    let main = format!(
        "{{\n\tadmin off\n\tauto_https disable_redirects\n\
         \tstorage file_system {shown}/storage\n}}\nimport {shown}/*.site\n"
    );
    fs::write(folder.join("Caddyfile"), main).unwrap();
    let command = |what: &str| {
        let mut command = clean(tool("caddy"));
        command.args([what, "--adapter", "caddyfile", "--config"]).arg(folder.join("Caddyfile"));
        command.env("XDG_DATA_HOME", folder).env("XDG_CONFIG_HOME", folder).env("HOME", folder);
        command
    };
    (command("validate"), command("run"))
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    output.stdout == b"0\n"
}
