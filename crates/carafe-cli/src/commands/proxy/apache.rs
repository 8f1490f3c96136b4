//! `carafe proxy apache`: a site for Apache's httpd, from 2.4.47 on.

use carafe_net::Lang;

use super::nginx::{certificate, say_static};
use super::page::Page;
use super::site::{Site, StaticFiles, Tls, longer};
use super::values::Upstream;

/// The file.
pub(super) fn write(site: &Site, made_by: &str, lang: Lang) -> String {
    let mut page = Page::new(lang, "    ");
    head(&mut page, site, made_by);
    listen(&mut page, site);
    if let Some(tls) = &site.tls {
        to_https(&mut page, site, tls);
    }
    let port = site.tls.as_ref().map_or(site.port, |tls| tls.port);
    page.block(&virtual_host(site, port), "</VirtualHost>", |page| server(page, site));
    page.finish()
}

fn head(page: &mut Page, site: &Site, made_by: &str) {
    let (name, origin, prefix) = (&site.app.name, site.origin(), &site.prefix);
    page.title(
        &format!("Apache in front of the app `{name}`: {origin}{prefix}/"),
        &format!("앱 `{name}` 앞에 두는 Apache 설정: {origin}{prefix}/"),
        made_by,
    );
    let number = &mut 0;
    page.step(
        number,
        "Put this file where Apache reads it, and turn on what it uses. On Debian and Ubuntu \
         (elsewhere /etc/httpd/conf.d/, with the modules in conf.modules.d/):",
        "Apache가 읽는 곳에 이 파일을 두고 필요한 모듈을 켭니다. Debian과 Ubuntu의 경우 \
         (그 밖에는 /etc/httpd/conf.d/, 모듈은 conf.modules.d/):",
    );
    page.quote(&format!("/etc/apache2/sites-available/{name}.conf"));
    let mut modules = vec!["proxy", "proxy_http", "headers", "rewrite", "alias"];
    if site.tls.is_some() {
        modules.extend(["ssl", "http2"]);
    }
    if site.app.settings.use_x_sendfile {
        page.quote("sudo apt-get install libapache2-mod-xsendfile");
        modules.push("xsendfile");
    }
    page.quote(&format!("sudo a2enmod {}", modules.join(" ")));
    page.quote(&format!("sudo a2ensite {name}"));
    if site.tls.as_ref().is_some_and(|tls| tls.usual) {
        certificate(page, site, number);
    }
    site.say_files(page, number);
    site.say_toml(page, number);
    page.step(
        number,
        "Test it, then load it; no request is cut by that:",
        "검사한 다음 적용합니다. 적용해도 요청은 끊기지 않습니다.",
    );
    page.quote("sudo apachectl configtest && sudo systemctl reload apache2");
    page.gap();
}

/// Debian's `ports.conf` listens on 80 and 443 only.
fn listen(page: &mut Page, site: &Site) {
    let tls = site.tls.as_ref().map(|tls| tls.port);
    let mut lines = Vec::new();
    for port in [Some(site.port), tls].into_iter().flatten() {
        if let (None, 80 | 443) = (site.listen, port) {
            continue;
        }
        lines.push(match site.listen {
            Some(address) => format!("Listen {}", std::net::SocketAddr::new(address, port)),
            None => format!("Listen {port}"),
        });
    }
    if lines.is_empty() {
        return;
    }
    page.say(
        "Apache listens where it is told here and nowhere else. Where ports.conf says the same or more, \
         one of the two has to go.",
        "Apache는 여기에 적은 곳에서만 받습니다. ports.conf에 같은 포트가 있으면 둘 중 하나를 지워야 \
         합니다.",
    );
    lines.iter().for_each(|line| page.line(line));
    page.gap();
}

fn virtual_host(site: &Site, port: u16) -> String {
    match site.listen {
        Some(address) => format!("<VirtualHost {}>", std::net::SocketAddr::new(address, port)),
        None => format!("<VirtualHost *:{port}>"),
    }
}

fn names(page: &mut Page, site: &Site) {
    page.line(&format!("ServerName {}", site.domains[0]));
    if let [_, others @ ..] = &*site.domains
        && !others.is_empty()
    {
        page.line(&format!("ServerAlias {}", others.join(" ")));
    }
}

fn to_https(page: &mut Page, site: &Site, tls: &Tls) {
    page.say(
        "Plain http: sent to https. 308 keeps the method, so that a form is not lost on the way.",
        "일반 http 요청은 https로 보냅니다. 308은 메서드를 유지하므로 보내던 폼이 사라지지 않습니다.",
    );
    page.block(&virtual_host(site, site.port), "</VirtualHost>", |page| {
        names(page, site);
        let redirect = format!("Redirect 308 \"/\" \"{}/\"", site.origin());
        if !tls.usual {
            return page.line(&redirect);
        }
        page.say(
            "Let's Encrypt looks here for the proof that the domain is yours (certbot --webroot).",
            "Let's Encrypt가 도메인의 소유를 확인하러 오는 곳입니다 (certbot --webroot).",
        );
        const CHALLENGE: &str = "/.well-known/acme-challenge/";
        page.line(&format!("Alias \"{CHALLENGE}\" \"/var/www/html{CHALLENGE}\""));
        let open = format!("<If \"%{{REQUEST_URI}} !~ m#^{CHALLENGE}#\">");
        page.block(&open, "</If>", |page| page.line(&redirect));
    });
    page.gap();
}

fn server(page: &mut Page, site: &Site) {
    names(page, site);
    if let Some(tls) = &site.tls {
        secure(page, tls);
    }
    limits(page, site);
    headers(page, site);
    pass(page, site);
    if !site.prefix.is_empty() {
        elsewhere(page, site);
    }
    if site.app.settings.use_x_sendfile {
        page.gap();
        page.say(
            "The app has use_x_sendfile = true: it names a file in `X-Sendfile`, and Apache sends it. \
             Name every folder that it may send from.",
            "앱에 use_x_sendfile = true가 설정되어 있습니다. 앱이 `X-Sendfile`로 파일을 알리면 Apache가 \
             보냅니다. 보내도 되는 폴더를 모두 적으십시오.",
        );
        page.line("XSendFile On");
        page.line(&format!("XSendFilePath \"{}\"", site.dir));
    }
}

fn secure(page: &mut Page, tls: &Tls) {
    page.gap();
    page.line("SSLEngine on");
    page.line(&format!("SSLCertificateFile \"{}\"", tls.certificate));
    page.line(&format!("SSLCertificateKeyFile \"{}\"", tls.key));
    page.line("SSLProtocol -all +TLSv1.2 +TLSv1.3");
    page.line("Protocols h2 http/1.1");
    page.gap();
    page.say(
        "HSTS: browsers will not use plain http for this domain for a year. It cannot be taken back \
         soon, so take the `#` away only when https works.",
        "HSTS: 브라우저가 1년 동안 이 도메인에 일반 http로 접속하지 않습니다. 금방 되돌릴 수 없으므로 \
         https가 잘 되는 것을 확인한 뒤에 `#`을 지우십시오.",
    );
    page.line("#Header always set Strict-Transport-Security \"max-age=31536000\"");
}

fn limits(page: &mut Page, site: &Site) {
    let settings = &site.app.settings;
    page.gap();
    page.line("RewriteEngine On");
    match settings.max_content_length {
        Some(bytes) => {
            page.say(
                &format!(
                    "The largest upload, as the app's max_content_length says: {bytes} bytes. Above it \
                     Apache answers 413, and the app is not bothered. LimitRequestBody would not do, as \
                     Apache does not use it for what it passes on. A body that does not tell its length goes \
                     to the app, which cuts it off."
                ),
                &format!(
                    "가장 큰 업로드: 앱의 max_content_length와 같은 {bytes}바이트입니다. 이보다 크면 \
                     Apache가 413으로 응답하고 앱까지 가지 않습니다. LimitRequestBody는 전달되는 요청에는 \
                     쓰이지 않아 소용이 없습니다. 길이를 밝히지 않은 본문은 앱으로 가고, 앱이 끊습니다."
                ),
            );
            page.line(&format!("RewriteCond expr \"%{{HTTP:Content-Length}} -gt {bytes}\""));
            page.line("RewriteRule ^ - [R=413,L]");
        }
        None => {
            page.say(
                "No limit for uploads, as the app's max_content_length says.",
                "앱의 max_content_length대로 업로드 크기에 제한이 없습니다.",
            );
        }
    }
    page.gap();
    page.say(
        "Each a little longer than the app's own limit (header_read_timeout, body_read_timeout), so that \
         the app is the one to answer when time is up. A body that keeps coming may take longer.",
        "앱의 제한(header_read_timeout, body_read_timeout)보다 조금씩 깁니다. 시간이 다 되면 앱이 먼저 \
         응답하게 하기 위해서입니다. 계속 도착하는 본문은 더 오래 걸려도 됩니다.",
    );
    let (header, body) = (longer(settings.header_read_timeout), longer(settings.body_read_timeout));
    page.block("<IfModule reqtimeout_module>", "</IfModule>", |page| {
        page.line(&format!("RequestReadTimeout header={header} body={body},MinRate=100"));
    });
}

fn headers(page: &mut Page, site: &Site) {
    page.gap();
    page.say(
        "What the app learns about the client. Each header is set anew, never added to, so that a client \
         cannot lie in it; `Forwarded`, which says the same in another way, is taken away. If another \
         proxy is in front of this one, tell mod_remoteip of it, and `REMOTE_ADDR` is right.",
        "앱이 클라이언트에 대해 알게 되는 내용입니다. 클라이언트가 속일 수 없도록 덧붙이지 않고 항상 새로 \
         적으며, 같은 내용을 다르게 적는 `Forwarded`는 지웁니다. 이 앞에 다른 프록시가 있으면 mod_remoteip를 \
         설정하십시오. 그러면 `REMOTE_ADDR`이 올바르게 됩니다.",
    );
    page.line("ProxyPreserveHost On");
    page.line("ProxyAddHeaders Off");
    for (name, value) in [
        ("For", "expr=%{REMOTE_ADDR}"),
        ("Proto", "expr=%{REQUEST_SCHEME}"),
        ("Host", "expr=%{HTTP_HOST}"),
        ("Port", "expr=%{SERVER_PORT}"),
    ] {
        page.line(&format!("RequestHeader set X-Forwarded-{name} \"{value}\""));
    }
    page.line(&match site.prefix.as_str() {
        "" => "RequestHeader unset X-Forwarded-Prefix".to_owned(),
        prefix => format!("RequestHeader set X-Forwarded-Prefix \"{prefix}\""),
    });
    page.line("RequestHeader unset Forwarded");
}

fn pass(page: &mut Page, site: &Site) {
    let prefix = &site.prefix;
    if let Some(files) = &site.files {
        static_files(page, files);
    }
    page.gap();
    page.say(
        "The app. `nocanon` and `NoDecode` leave the address as the client wrote it: `%2F` stays `%2F`. \
         `upgrade` lets websockets through, and no other protocol. Redirects need no ProxyPassReverse, \
         as the app knows its own address from the headers above.",
        "앱의 주소입니다. `nocanon`과 `NoDecode`는 주소를 클라이언트가 쓴 그대로 두어 `%2F`가 바뀌지 \
         않습니다. `upgrade`는 웹소켓만 통과시킵니다. 앱이 위의 헤더로 자기 주소를 알기 때문에 \
         ProxyPassReverse는 필요 없습니다.",
    );
    say_waiting(page, site);
    page.line("AllowEncodedSlashes NoDecode");
    if !prefix.is_empty() {
        page.line(&format!("RedirectMatch 308 \"^{}$\" \"{prefix}/\"", prefix.replace('.', "\\.")));
    }
    let to = match &site.upstream {
        Upstream::Unix(path) => format!("unix:{path}|http://localhost/"),
        Upstream::Tcp { host, port } => format!("http://{host}:{port}/"),
    };
    let kept = match site.keep_alive() {
        Some(seconds) => format!("ttl={seconds}"),
        None => "disablereuse=On".to_owned(),
    };
    let patience = site.patience();
    page.line(&format!("ProxyPass \"{prefix}/\" \"{to}\" \\"));
    page.line(&format!(
        "    nocanon upgrade=websocket connectiontimeout=5 timeout={patience} {kept}"
    ));
}

fn elsewhere(page: &mut Page, site: &Site) {
    page.gap();
    page.say(
        &format!("What else is on {} goes here; the app is told nothing of it.", site.domains[0]),
        &format!("{}의 나머지 내용은 여기에 둡니다. 앱에는 전달되지 않습니다.", site.domains[0]),
    );
    page.line(&format!("RedirectMatch 404 \"^(?!{}(/|$))\"", site.prefix.replace('.', "\\.")));
}

fn say_waiting(page: &mut Page, site: &Site) {
    let (english, korean) = match site.app.settings.request_timeout {
        Some(_) => (
            "`timeout` is the silence that is borne from the app: its request_timeout and a little more. \
             A websocket that nobody uses ends then, too.",
            "`timeout`은 앱이 조용히 있어도 기다리는 시간으로, 앱의 request_timeout보다 조금 깁니다. 쓰지 \
             않는 웹소켓도 이때 끝납니다.",
        ),
        None => (
            "`timeout` is the silence that is borne from the app, which has no request_timeout: an hour. \
             A websocket that nobody uses ends then, too.",
            "`timeout`은 앱이 조용히 있어도 기다리는 시간으로, 앱에 request_timeout이 없어 한 시간으로 \
             합니다. 쓰지 않는 웹소켓도 이때 끝납니다.",
        ),
    };
    page.say(english, korean);
    match site.keep_alive() {
        Some(_) => page.say(
            "`ttl` keeps idle connections for less time than the app does (keep_alive_timeout): else a \
             request could meet a connection that is just being closed, and fail with 502.",
            "`ttl`은 쉬는 연결을 앱(keep_alive_timeout)보다 짧게 유지합니다. 그렇지 않으면 막 닫히는 연결로 \
             요청을 보내 502 오류가 날 수 있습니다.",
        ),
        None => page.say(
            "The app keeps no idle connections (keep_alive_timeout), so none are kept here.",
            "앱이 쉬는 연결을 유지하지 않으므로(keep_alive_timeout) 여기서도 유지하지 않습니다.",
        ),
    }
}

fn static_files(page: &mut Page, files: &StaticFiles) {
    let (url, folder) = (&files.url, &files.folder);
    page.gap();
    say_static(page, files);
    page.say(
        "A file that is there is not for the proxy; one that is not goes to the app.",
        "있는 파일은 프록시로 보내지 않고, 없는 파일은 앱에 묻습니다.",
    );
    page.line(&format!("RewriteCond \"{folder}/$1\" -f"));
    let literal = url.replace('.', "\\.");
    page.line(&format!("RewriteRule \"^{literal}/(.+)$\" \"-\" [E=no-proxy:1]"));
    page.line(&format!("Alias \"{url}/\" \"{folder}/\""));
    page.block(&format!("<Directory \"{folder}\">"), "</Directory>", |page| {
        page.line("Require all granted");
        page.line("AllowOverride None");
        page.line("Options None");
        page.line("AddDefaultCharset utf-8");
        page.line(&match files.max_age {
            Some(seconds) if seconds > 0 => {
                format!("Header set Cache-Control \"public, max-age={seconds}\"")
            }
            _ => "Header set Cache-Control \"no-cache\"".to_owned(),
        });
    });
    page.say(
        "Hidden files, such as an editor's, are nobody's business.",
        "편집기가 남긴 파일 같은 숨은 파일은 보여 주지 않습니다.",
    );
    page.block(&format!("<LocationMatch \"^{literal}/(.*/)?\\.\">"), "</LocationMatch>", |page| {
        page.line("Require all denied");
    });
}
