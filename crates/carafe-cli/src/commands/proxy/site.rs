//! [`Site`]: everything that a web server in front of the app is told, checked and settled.
//!
//! What nobody said follows from the app's settings; the kinds of servers only write it down.

use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use carafe_net::Lang;

use crate::output::note;

use super::app::{App, Choice};
use super::page::Page;
use super::units::seconds;
use super::values::{self, Upstream};

/// What a web server in front of the app can be told.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Options {
    #[command(flatten)]
    choice: Choice,
    /// The domain of the site; repeat it for further names [config: server_name]
    #[arg(long, value_name = "NAME", value_parser = values::domain)]
    domain: Vec<String>,
    /// The path that the app is under, such as /app [config: application_root]
    #[arg(long, value_name = "PATH", value_parser = values::url_path)]
    prefix: Option<String>,
    /// Serve https, and send http there
    #[arg(long)]
    tls: bool,
    /// The certificate with its chain [default: Let's Encrypt's]
    #[arg(long, value_name = "FILE", requires = "key", requires = "tls", value_parser = values::file_path)]
    certificate: Option<String>,
    /// The certificate's private key [default: Let's Encrypt's]
    #[arg(long, value_name = "FILE", requires = "certificate", value_parser = values::file_path)]
    key: Option<String>,
    /// Where the app listens: ADDRESS:PORT or unix:PATH [config: host, port]
    #[arg(long, value_name = "ADDRESS", value_parser = Upstream::parse)]
    upstream: Option<Upstream>,
    /// The folder where the app is installed [default: /srv/NAME]
    #[arg(long, value_name = "FOLDER", value_parser = values::file_path)]
    dir: Option<String>,
    /// The only address of this machine to listen on [default: all]
    #[arg(long, value_name = "IP")]
    listen: Option<IpAddr>,
    /// The port of http
    #[arg(long, value_name = "PORT", default_value_t = 80, value_parser = clap::value_parser!(u16).range(1..))]
    listen_port: u16,
    /// The port of https
    #[arg(long, value_name = "PORT", default_value_t = 443, value_parser = clap::value_parser!(u16).range(1..), requires = "tls")]
    tls_port: u16,
}

/// A certificate and its key.
#[derive(Clone, Debug)]
pub(super) struct Tls {
    pub(super) certificate: String,
    pub(super) key: String,
    /// Whether the files are where certbot puts them, as nobody named others.
    pub(super) usual: bool,
    pub(super) port: u16,
}

/// The files that the web server sends without asking the app.
#[derive(Clone, Debug)]
pub(super) struct StaticFiles {
    /// The path in URLs as clients see it, without a slash at the end.
    pub(super) url: String,
    /// The same as the app sees it, without the prefix.
    pub(super) app_url: String,
    pub(super) folder: String,
    /// How long browsers may keep them unasked, in seconds.
    pub(super) max_age: Option<u64>,
}

/// All that the kinds of web servers write down.
#[derive(Clone, Debug)]
pub(super) struct Site {
    pub(super) app: App,
    /// The app's name as a word of a variable: letters, digits and `_`.
    pub(super) word: String,
    /// The first is the one that URLs are made with.
    pub(super) domains: Vec<String>,
    /// Begins with `/` and does not end with it; empty at the root.
    pub(super) prefix: String,
    pub(super) tls: Option<Tls>,
    pub(super) listen: Option<IpAddr>,
    pub(super) port: u16,
    pub(super) upstream: Upstream,
    pub(super) dir: String,
    pub(super) files: Option<StaticFiles>,
}

impl Site {
    /// # Errors
    /// When the app cannot be asked, or one of its settings cannot stand in a configuration.
    pub(super) fn settle(options: &Options, lang: Lang) -> Result<Site, String> {
        let app = App::find(&options.choice, lang)?;
        let domains = domains(&options.domain, &app, lang)?;
        let settings = &app.settings;
        let prefix = match &options.prefix {
            Some(prefix) => prefix.clone(),
            None => setting("application_root", values::url_path(&settings.application_root))?,
        };
        let dir = options.dir.clone().unwrap_or_else(|| format!("/srv/{}", app.name));
        let letsencrypt = |file: &str| format!("/etc/letsencrypt/live/{}/{file}", domains[0]);
        let tls = options.tls.then(|| Tls {
            certificate: options
                .certificate
                .clone()
                .unwrap_or_else(|| letsencrypt("fullchain.pem")),
            key: options.key.clone().unwrap_or_else(|| letsencrypt("privkey.pem")),
            usual: options.certificate.is_none(),
            port: options.tls_port,
        });
        let upstream = options.upstream.clone().unwrap_or_else(|| settings.upstream());
        let files = static_files(&app, &prefix, &dir)?;
        let site = Site {
            word: app.name.to_ascii_lowercase().replace('-', "_"),
            app,
            domains,
            prefix,
            tls,
            listen: options.listen,
            port: options.listen_port,
            upstream,
            dir,
            files,
        };
        site.note_gaps(lang);
        Ok(site)
    }

    /// Says what the app's own settings lack, so that nobody looks for the fault in the web server.
    fn note_gaps(&self, lang: Lang) {
        let (settings, domain) = (&self.app.settings, &self.domains[0]);
        if settings.trusted_proxies.is_empty() {
            let address = self.proxy_address();
            note(&lang.pick(
                format!(
                    "the app believes no proxy yet, so its links would lead to the inside: \
                     `trusted_proxies = [\"{address}\"]`"
                ),
                format!(
                    "앱이 아직 어떤 프록시도 믿지 않아 링크가 내부 주소를 가리키게 됩니다: \
                     `trusted_proxies = [\"{address}\"]`"
                ),
            ));
        }
        if settings.believes_forwarded {
            note(lang.pick(
                "the app has `trusted_proxies.forwarded = true`, but this proxy sends `X-Forwarded-`: \
                 set it to false",
                "앱에 `trusted_proxies.forwarded = true`가 있지만 이 프록시는 `X-Forwarded-`를 보냅니다. \
                 false로 바꾸십시오",
            ));
        }
        if !settings.trusted_hosts.is_empty() && !settings.trusts_host(domain) {
            note(&lang.pick(
                format!("the app would refuse `{domain}` with 400: add it to `trusted_hosts`"),
                format!("앱이 `{domain}`을(를) 400으로 거절합니다. `trusted_hosts`에 추가하십시오"),
            ));
        }
    }

    /// The scheme, domain and port that clients name.
    pub(super) fn origin(&self) -> String {
        let domain = &self.domains[0];
        match (&self.tls, self.port) {
            (Some(Tls { port: 443, .. }), _) => format!("https://{domain}"),
            (Some(tls), _) => format!("https://{domain}:{}", tls.port),
            (None, 80) => format!("http://{domain}"),
            (None, port) => format!("http://{domain}:{port}"),
        }
    }

    /// How long the app may think about a request, in seconds, and a little more.
    pub(super) fn patience(&self) -> u64 {
        self.app.settings.request_timeout.map_or(3600, longer)
    }

    /// How long idle connections to the app are kept, in seconds; `None` when the app keeps none.
    pub(super) fn keep_alive(&self) -> Option<u64> {
        let time = self.app.settings.keep_alive_timeout.as_secs();
        match time {
            0 | 1 => None,
            2..=10 => Some(time / 2),
            _ => Some(time - 5),
        }
    }

    /// The app's keys that make it listen there and believe this proxy, as `carafe.toml` has them.
    pub(super) fn toml(&self) -> Vec<String> {
        let mut lines = listening(&self.upstream);
        lines.push(format!("trusted_proxies = [\"{}\"]", self.proxy_address()));
        let hosts: Vec<String> = self.domains.iter().map(|name| format!("\"{name}\"")).collect();
        lines.push(format!("trusted_hosts = [{}]", hosts.join(", ")));
        let origin = self.origin();
        let (scheme, host) = origin.split_once("://").unwrap_or_default();
        lines.push(format!("server_name = \"{host}\""));
        lines.push(format!("preferred_url_scheme = \"{scheme}\""));
        if !self.prefix.is_empty() {
            lines.push(format!("application_root = \"{}\"", self.prefix));
        }
        lines
    }

    /// Where the app sees the proxy come from, as `trusted_proxies` names it.
    pub(super) fn proxy_address(&self) -> String {
        match &self.upstream {
            Upstream::Unix(_) => "unix".to_owned(),
            Upstream::Tcp { .. } if self.upstream.is_local() => "loopback".to_owned(),
            Upstream::Tcp { .. } => "private".to_owned(),
        }
    }

    /// The step at a file's head that tells what the app's `carafe.toml` needs.
    pub(super) fn say_toml(&self, page: &mut Page, number: &mut u8) {
        page.step(
            number,
            "In the app's carafe.toml, so that it listens where this proxy looks for it, and believes \
             what this proxy says of clients, but nobody else:",
            "앱의 carafe.toml에 다음을 적습니다. 앱이 이 프록시가 찾는 곳에서 요청을 받고, 클라이언트에 \
             대해서는 이 프록시의 말만 믿게 됩니다.",
        );
        for line in self.toml() {
            page.quote(&line);
        }
        if self.proxy_address() == "private" {
            page.say(
                "   The app is on another machine: better than \"private\" is the very address that this \
                 proxy has there.",
                "   앱이 다른 컴퓨터에 있습니다. \"private\"보다 앱에서 보이는 이 프록시의 주소를 그대로 \
                 적는 것이 더 안전합니다.",
            );
        }
    }

    /// The step that copies static files to where the proxy looks for them.
    pub(super) fn say_files(&self, page: &mut Page, number: &mut u8) {
        let Some(files) = &self.files else { return };
        page.step(
            number,
            "Copy the static files there; one that is missing is asked of the app, which has it inside:",
            "정적 파일을 아래 폴더에 복사합니다. 없는 파일은 앱에 물어보며, 앱은 그 파일을 안에 가지고 \
             있습니다.",
        );
        let from = Path::new(&self.app.settings.root).join(&self.app.settings.static_folder);
        let from: std::path::PathBuf =
            from.components().filter(|part| part.as_os_str() != ".").collect();
        let (from, to) = (from.display().to_string(), &files.folder);
        page.quote(&format!("sudo install -d '{to}' && sudo cp -r '{from}/.' '{to}/'"));
    }
}

/// What the app is told to listen on.
pub(super) fn listening(upstream: &Upstream) -> Vec<String> {
    match upstream {
        Upstream::Unix(path) => vec![format!("host = \"unix:{path}\"")],
        Upstream::Tcp { host, port } => {
            // Both loopbacks, so that no other program answers on half of `localhost`.
            let host =
                if host == "127.0.0.1" { "localhost" } else { host.trim_matches(['[', ']']) };
            vec![format!("host = \"{host}\""), format!("port = {port}")]
        }
    }
}

/// A limit of the app and a little more, in seconds, so that the app is the one to answer.
pub(super) fn longer(time: Duration) -> u64 {
    seconds(time).saturating_add(5)
}

/// The domains that were asked for, else the app's own.
pub(super) fn domains(asked: &[String], app: &App, lang: Lang) -> Result<Vec<String>, String> {
    if !asked.is_empty() {
        return Ok(asked.to_vec());
    }
    if let Some(name) = &app.settings.server_name {
        let host = name.split(':').next().unwrap_or_default();
        return Ok(vec![setting("server_name", values::domain(host))?]);
    }
    note(lang.pick(
        "`--domain NAME` is missing, and the app has no `server_name`: `example.com` stands for it",
        "`--domain 이름`이 없고 앱에도 `server_name`이 없어 `example.com`으로 대신합니다",
    ));
    Ok(vec!["example.com".to_owned()])
}

/// A setting of the app's that goes into the file.
fn setting(key: &str, value: Result<String, String>) -> Result<String, String> {
    value.map_err(|why| format!("the app's `{key}` cannot stand in a configuration file: {why}"))
}

fn static_files(app: &App, prefix: &str, dir: &str) -> Result<Option<StaticFiles>, String> {
    let settings = &app.settings;
    let app_url = setting("static_url_path", values::url_path(&settings.static_url_path))?;
    // At the very root, files and pages cannot be told apart by their path.
    if app_url.is_empty() || !app.has_static_files() {
        return Ok(None);
    }
    let folder = Path::new(dir).join(&settings.root).join(&settings.static_folder);
    let folder = setting("static_folder", values::file_path(&folder.to_string_lossy()))?;
    let max_age = settings.static_max_age.map(|age| age.as_secs());
    Ok(Some(StaticFiles { url: format!("{prefix}{app_url}"), app_url, folder, max_age }))
}
