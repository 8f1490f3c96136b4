//! `carafe proxy nginx`: a site for nginx, from 1.15.3 on.

use carafe_net::Lang;

use super::page::Page;
use super::site::{Site, StaticFiles, Tls, longer};
use super::values::Upstream;

/// The file.
pub(super) fn write(site: &Site, made_by: &str, lang: Lang) -> String {
    let mut page = Page::new(lang, "    ");
    head(&mut page, site, made_by);
    upstream(&mut page, site);
    maps(&mut page, site);
    if let Some(tls) = &site.tls {
        to_https(&mut page, site, tls);
    }
    page.gap();
    page.block("server {", "}", |page| server(page, site));
    page.finish()
}

fn head(page: &mut Page, site: &Site, made_by: &str) {
    let (name, origin, prefix) = (&site.app.name, site.origin(), &site.prefix);
    page.title(
        &format!("nginx in front of the app `{name}`: {origin}{prefix}/"),
        &format!("앱 `{name}` 앞에 두는 nginx 설정: {origin}{prefix}/"),
        made_by,
    );
    let number = &mut 0;
    page.step(
        number,
        "Put this file where nginx reads it. On Debian and Ubuntu (elsewhere /etc/nginx/conf.d/):",
        "nginx가 읽는 곳에 이 파일을 둡니다. Debian과 Ubuntu의 경우 (그 밖에는 /etc/nginx/conf.d/):",
    );
    page.quote(&format!("/etc/nginx/sites-available/{name}.conf"));
    page.quote(&format!("sudo ln -s ../sites-available/{name}.conf /etc/nginx/sites-enabled/"));
    if site.tls.as_ref().is_some_and(|tls| tls.usual) {
        certificate(page, site, number);
    }
    site.say_files(page, number);
    site.say_toml(page, number);
    page.step(
        number,
        "Test it, then load it; no connection is cut by that:",
        "검사한 다음 적용합니다. 적용해도 연결은 끊기지 않습니다.",
    );
    page.quote("sudo nginx -t && sudo systemctl reload nginx");
    page.gap();
}

/// The step that gets the first certificate.
pub(super) fn certificate(page: &mut Page, site: &Site, number: &mut u8) {
    page.step(
        number,
        "Get a certificate, while the server's own first page still answers on port 80:",
        "서버의 기본 페이지가 80번 포트에서 응답하는 동안 인증서를 받습니다.",
    );
    let names: Vec<String> = site.domains.iter().map(|name| format!("-d {name}")).collect();
    page.quote(&format!("sudo certbot certonly --webroot -w /var/www/html {}", names.join(" ")));
}

fn upstream(page: &mut Page, site: &Site) {
    match site.keep_alive() {
        Some(_) => page.say(
            "The app. Idle connections to it are kept for the next request, for less time than the app \
             keeps them (keep_alive_timeout): else a request could meet a connection that is just \
             being closed, and fail with 502.",
            "앱의 주소입니다. 쉬는 연결을 다음 요청에 다시 쓰되, 앱이 유지하는 시간(keep_alive_timeout)보다 \
             짧게 둡니다. 그렇지 않으면 막 닫히는 연결로 요청을 보내 502 오류가 날 수 있습니다.",
        ),
        None => page.say(
            "The app. It keeps no idle connections (keep_alive_timeout), so none are kept here.",
            "앱의 주소입니다. 앱이 쉬는 연결을 유지하지 않으므로(keep_alive_timeout) 여기서도 유지하지 \
             않습니다.",
        ),
    }
    let server = match &site.upstream {
        Upstream::Unix(path) => format!("server \"unix:{path}\";"),
        Upstream::Tcp { host, port } => format!("server {host}:{port};"),
    };
    page.block(&format!("upstream {} {{", site.word), "}", |page| {
        page.line(&server);
        if let Some(seconds) = site.keep_alive() {
            page.line("keepalive 32;");
            page.line(&format!("keepalive_timeout {seconds}s;"));
        }
    });
}

fn maps(page: &mut Page, site: &Site) {
    let word = &site.word;
    page.gap();
    page.say(
        "Websockets, and no other protocol: a client that asks for one gets a connection of its own; \
         all others share the kept ones, for which `Connection` has to be empty.",
        "웹소켓만 허용하고 다른 프로토콜은 허용하지 않습니다. 웹소켓을 요청한 클라이언트는 전용 연결을 \
         받고, 나머지는 유지된 연결을 함께 씁니다. 그러려면 `Connection`이 비어 있어야 합니다.",
    );
    for (variable, value) in [("upgrade", "websocket"), ("connection", "upgrade")] {
        page.block(&format!("map $http_upgrade ${word}_{variable} {{"), "}", |page| {
            page.line("default \"\";");
            page.line(&format!("~*^websocket$ {value};"));
        });
    }
    page.gap();
    page.say(
        "The port that the client named, which is not this server's where something in front maps it.",
        "클라이언트가 말한 포트입니다. 앞에서 포트를 바꾸어 전달하면 이 서버의 포트와 다를 수 있습니다.",
    );
    let usual = if site.tls.is_some() { 443 } else { 80 };
    page.block(&format!("map $http_host ${word}_port {{"), "}", |page| {
        page.line(&format!("default {usual};"));
        page.line(&format!("\"~:(?<{word}_named_port>[0-9]+)$\" ${word}_named_port;"));
    });
    if site.prefix.is_empty() {
        return;
    }
    page.gap();
    page.say(
        &format!(
            "The address without `{}`, as the client wrote it: `%2F` stays `%2F`, which a plain \
             `proxy_pass` with a path would turn into a slash.",
            site.prefix
        ),
        &format!(
            "`{}`을(를) 뺀 주소를 클라이언트가 쓴 그대로 전달합니다. 경로를 붙인 `proxy_pass`는 `%2F`를 \
             `/`로 바꾸지만 여기서는 바뀌지 않습니다.",
            site.prefix
        ),
    );
    // A dot is the only character of a prefix that means something else in an expression.
    let literal = site.prefix.replace('.', "\\.");
    page.block(&format!("map $request_uri ${word}_uri {{"), "}", |page| {
        page.line(&format!("\"~^{literal}(?<{word}_path>/.*)$\" ${word}_path;"));
    });
}

fn listen(page: &mut Page, site: &Site, port: u16, more: &str) {
    match site.listen {
        Some(address) => {
            let address = std::net::SocketAddr::new(address, port);
            page.line(&format!("listen {address}{more};"));
        }
        None => {
            page.line(&format!("listen {port}{more};"));
            page.line(&format!("listen [::]:{port}{more};"));
        }
    }
    page.line(&format!("server_name {};", site.domains.join(" ")));
}

fn to_https(page: &mut Page, site: &Site, tls: &Tls) {
    page.gap();
    page.say(
        "Plain http: sent to https. 308 keeps the method, so that a form is not lost on the way.",
        "일반 http 요청은 https로 보냅니다. 308은 메서드를 유지하므로 보내던 폼이 사라지지 않습니다.",
    );
    page.block("server {", "}", |page| {
        listen(page, site, site.port, "");
        if tls.usual {
            page.gap();
            page.say(
                "Let's Encrypt looks here for the proof that the domain is yours (certbot --webroot).",
                "Let's Encrypt가 도메인의 소유를 확인하러 오는 곳입니다 (certbot --webroot).",
            );
            page.line("location /.well-known/acme-challenge/ { root /var/www/html; }");
            page.gap();
        }
        page.line(&format!("location / {{ return 308 {}$request_uri; }}", site.origin()));
    });
}

fn server(page: &mut Page, site: &Site) {
    match &site.tls {
        Some(tls) => secure(page, site, tls),
        None => listen(page, site, site.port, ""),
    }
    page.line("absolute_redirect off;");
    limits(page, site);
    headers(page, site);
    timeouts(page, site);
    locations(page, site);
}

fn secure(page: &mut Page, site: &Site, tls: &Tls) {
    page.say(
        "From nginx 1.25.1 on, `http2 on;` on a line of its own takes the place of the word `http2` here.",
        "nginx 1.25.1부터는 여기의 `http2` 대신 `http2 on;`을 따로 한 줄에 적습니다.",
    );
    listen(page, site, tls.port, " ssl http2");
    page.line(&format!("ssl_certificate \"{}\";", tls.certificate));
    page.line(&format!("ssl_certificate_key \"{}\";", tls.key));
    page.line("ssl_protocols TLSv1.2 TLSv1.3;");
    page.line(&format!("ssl_session_cache shared:{}:2m;", site.word));
    page.line("ssl_session_timeout 1d;");
    page.gap();
    page.say(
        "HSTS: browsers will not use plain http for this domain for a year. It cannot be taken back \
         soon, so take the `#` away only when https works.",
        "HSTS: 브라우저가 1년 동안 이 도메인에 일반 http로 접속하지 않습니다. 금방 되돌릴 수 없으므로 \
         https가 잘 되는 것을 확인한 뒤에 `#`을 지우십시오.",
    );
    page.line("#add_header Strict-Transport-Security \"max-age=31536000\" always;");
    page.gap();
}

fn limits(page: &mut Page, site: &Site) {
    page.gap();
    match site.app.settings.max_content_length {
        Some(bytes) => {
            page.say(
                &format!(
                    "The largest upload, as the app's max_content_length says: {bytes} bytes. Above it \
                     nginx answers 413, and the app is not bothered."
                ),
                &format!(
                    "가장 큰 업로드: 앱의 max_content_length와 같은 {bytes}바이트입니다. 이보다 크면 \
                     nginx가 413으로 응답하고 앱까지 가지 않습니다."
                ),
            );
            page.line(&format!("client_max_body_size {bytes};"));
        }
        None => {
            page.say(
                "No limit for uploads, as the app's max_content_length says; they go to the app as they \
                 arrive, as nginx would otherwise keep each whole on its own disk first.",
                "앱의 max_content_length대로 업로드 크기에 제한이 없습니다. nginx가 전체를 자기 디스크에 \
                 먼저 저장하지 않도록 도착하는 대로 앱에 보냅니다.",
            );
            page.line("client_max_body_size 0;");
            page.line("proxy_request_buffering off;");
        }
    }
}

fn headers(page: &mut Page, site: &Site) {
    let word = &site.word;
    page.gap();
    page.say(
        "What the app learns about the client. Each header is set anew, never added to, so that a client \
         cannot lie in it; `Forwarded`, which says the same in another way, is emptied. If \
         another proxy is in front of this one, tell nginx with `set_real_ip_from` and \
         `real_ip_header`, and `$remote_addr` is right.",
        "앱이 클라이언트에 대해 알게 되는 내용입니다. 클라이언트가 속일 수 없도록 덧붙이지 않고 항상 새로 \
         적으며, 같은 내용을 다르게 적는 `Forwarded`는 비웁니다. 이 앞에 다른 프록시가 있으면 `set_real_ip_from`과 \
         `real_ip_header`를 설정하십시오. 그러면 `$remote_addr`이 올바르게 됩니다.",
    );
    let prefix = &site.prefix;
    for (name, value) in [
        ("Host", "$http_host"),
        ("X-Forwarded-For", "$remote_addr"),
        ("X-Forwarded-Proto", "$scheme"),
        ("X-Forwarded-Host", "$http_host"),
        ("X-Forwarded-Port", &format!("${word}_port")),
        ("X-Forwarded-Prefix", &format!("\"{prefix}\"")),
        ("Forwarded", "\"\""),
        ("Upgrade", &format!("${word}_upgrade")),
        ("Connection", &format!("${word}_connection")),
    ] {
        page.line(&format!("proxy_set_header {name} {value};"));
    }
    page.line("proxy_http_version 1.1;");
}

fn timeouts(page: &mut Page, site: &Site) {
    let settings = &site.app.settings;
    page.gap();
    page.say(
        "Each a little longer than the app's own limit (header_read_timeout, body_read_timeout), so that \
         the app is the one to answer when time is up.",
        "앱의 제한(header_read_timeout, body_read_timeout)보다 조금씩 깁니다. 시간이 다 되면 앱이 먼저 \
         응답하게 하기 위해서입니다.",
    );
    page.line(&format!("client_header_timeout {}s;", longer(settings.header_read_timeout)));
    page.line(&format!("client_body_timeout {}s;", longer(settings.body_read_timeout)));
    page.line(&format!("proxy_send_timeout {}s;", longer(settings.body_read_timeout)));
    page.line("proxy_connect_timeout 5s;");
    let (english, korean) = match settings.request_timeout {
        Some(_) => (
            "The silence that is borne from the app: its request_timeout and a little more.",
            "앱이 조용히 있어도 기다리는 시간: 앱의 request_timeout보다 조금 깁니다.",
        ),
        None => (
            "The silence that is borne from the app, which has no request_timeout: an hour.",
            "앱이 조용히 있어도 기다리는 시간: 앱에 request_timeout이 없어 한 시간으로 합니다.",
        ),
    };
    let websockets = (
        "A websocket that nobody uses ends then, too; let it ping more often than that.",
        "쓰지 않는 웹소켓도 이 시간이 지나면 끝나므로 더 자주 핑을 보내십시오.",
    );
    page.say(&format!("{english} {}", websockets.0), &format!("{korean} {}", websockets.1));
    page.line(&format!("proxy_read_timeout {}s;", site.patience()));
    page.gap();
    page.say(
        "Room for the headers of one answer: the usual 4 KiB are too few for a full session cookie, and \
         the answer would become a 502.",
        "응답 하나의 헤더를 담을 공간입니다. 기본값 4 KiB는 가득 찬 세션 쿠키에 부족하여 502 오류가 날 수 \
         있습니다.",
    );
    page.line("proxy_buffer_size 16k;");
    page.line("proxy_buffers 8 16k;");
    if settings.use_x_sendfile {
        crate::output::note(page.lang().pick(
            "the app has `use_x_sendfile = true`, which nginx does not know: files would arrive empty",
            "앱에 `use_x_sendfile = true`가 있지만 nginx는 이를 모르므로 파일이 빈 채로 도착합니다",
        ));
        page.gap();
        page.say(
            "WARNING: the app has use_x_sendfile = true, but nginx does not know `X-Sendfile`: files \
             would arrive empty. Set use_x_sendfile = false.",
            "주의: 앱에 use_x_sendfile = true가 설정되어 있지만 nginx는 `X-Sendfile`을 모르므로 파일이 빈 \
             채로 도착합니다. use_x_sendfile = false로 바꾸십시오.",
        );
    }
}

fn locations(page: &mut Page, site: &Site) {
    let (word, prefix) = (&site.word, &site.prefix);
    let uri = if prefix.is_empty() { String::new() } else { format!("${word}_uri") };
    let pass = format!("proxy_pass http://{word}{uri};");
    page.gap();
    if !prefix.is_empty() {
        page.line(&format!("location = {prefix} {{ return 308 {prefix}/$is_args$args; }}"));
    }
    page.block(&format!("location {prefix}/ {{"), "}", |page| page.line(&pass));
    if let Some(files) = &site.files {
        static_files(page, site, files);
        page.line(&format!("location @{word} {{ {pass} }}"));
    }
    if !prefix.is_empty() {
        page.gap();
        page.say(
            &format!(
                "What else is on {} goes here; the app is told nothing of it.",
                site.domains[0]
            ),
            &format!(
                "{}의 나머지 내용은 여기에 둡니다. 앱에는 전달되지 않습니다.",
                site.domains[0]
            ),
        );
        page.line("location / { return 404; }");
    }
}

fn static_files(page: &mut Page, site: &Site, files: &StaticFiles) {
    page.gap();
    say_static(page, files);
    page.block(&format!("location ^~ {}/ {{", files.url), "}", |page| {
        page.line(&format!("alias \"{}/\";", files.folder));
        page.line(&format!("try_files $uri @{};", site.word));
        page.line("charset utf-8;");
        page.line(&match files.max_age {
            Some(seconds) if seconds > 0 => format!("expires {seconds}s;"),
            _ => "expires -1;".to_owned(),
        });
        page.say(
            "Hidden files, such as an editor's, are nobody's business.",
            "편집기가 남긴 파일 같은 숨은 파일은 보여 주지 않습니다.",
        );
        page.line("location ~ /\\. { return 404; }");
    });
}

/// Why the proxy sends files itself, and how long browsers may keep them.
pub(super) fn say_static(page: &mut Page, files: &StaticFiles) {
    let (english, korean) = match files.max_age {
        Some(seconds) if seconds > 0 => (
            format!("Browsers keep them for {seconds} s unasked (send_file_max_age_default)."),
            format!("브라우저는 {seconds}초 동안 묻지 않고 다시 씁니다(send_file_max_age_default)."),
        ),
        _ => (
            "Browsers ask each time whether a file has changed, as send_file_max_age_default is not set; \
             an unchanged one is not sent again."
                .to_owned(),
            "send_file_max_age_default가 없으므로 브라우저는 매번 파일이 바뀌었는지 묻고, 바뀌지 않은 \
             파일은 다시 보내지 않습니다."
                .to_owned(),
        ),
    };
    page.say(
        &format!(
            "Static files come from the disk without a word to the app, also while it restarts. {english} \
             Headers that the app's hooks add are not on them."
        ),
        &format!(
            "정적 파일은 앱을 거치지 않고 디스크에서 바로 보내므로 앱이 다시 시작하는 동안에도 열립니다. \
             {korean} 앱의 훅이 더하는 헤더는 여기에 붙지 않습니다."
        ),
    );
}
