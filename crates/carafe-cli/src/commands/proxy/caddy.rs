//! `carafe proxy caddy`: a site for Caddy, from 2.5 on.

use carafe_net::Lang;

use super::nginx::say_static;
use super::page::Page;
use super::site::{Site, StaticFiles, Tls, longer};
use super::values::Upstream;

/// The file.
pub(super) fn write(site: &Site, made_by: &str, lang: Lang) -> String {
    let mut page = Page::new(lang, "\t");
    head(&mut page, site, made_by);
    snippet(&mut page, site);
    if let Some(tls) = &site.tls
        && (site.port != 80 || tls.port != 443)
    {
        to_https(&mut page, site);
    }
    page.gap();
    let open = format!("{} {{", addresses(site, site.tls.as_ref()));
    page.block(&open, "}", |page| server(page, site));
    page.finish()
}

fn head(page: &mut Page, site: &Site, made_by: &str) {
    let (name, origin, prefix) = (&site.app.name, site.origin(), &site.prefix);
    page.title(
        &format!("Caddy in front of the app `{name}`: {origin}{prefix}/"),
        &format!("앱 `{name}` 앞에 두는 Caddy 설정: {origin}{prefix}/"),
        made_by,
    );
    let number = &mut 0;
    page.step(
        number,
        "Put this file where Caddy reads it; /etc/caddy/Caddyfile has to say `import sites/*`:",
        "Caddy가 읽는 곳에 이 파일을 둡니다. /etc/caddy/Caddyfile에 `import sites/*`가 있어야 합니다.",
    );
    page.quote(&format!("/etc/caddy/sites/{name}"));
    site.say_files(page, number);
    site.say_toml(page, number);
    page.step(
        number,
        "Test it, then load it; no connection is cut by that:",
        "검사한 다음 적용합니다. 적용해도 연결은 끊기지 않습니다.",
    );
    page.quote("caddy validate --config /etc/caddy/Caddyfile && sudo systemctl reload caddy");
    page.gap();
}

fn addresses(site: &Site, tls: Option<&Tls>) -> String {
    let (scheme, port, usual) = match tls {
        Some(tls) => ("https://", tls.port, 443),
        None => ("http://", site.port, 80),
    };
    let port = if port == usual { String::new() } else { format!(":{port}") };
    let names: Vec<String> =
        site.domains.iter().map(|name| format!("{scheme}{name}{port}")).collect();
    names.join(", ")
}

fn bind(page: &mut Page, site: &Site) {
    if let Some(address) = site.listen {
        page.line(&format!("bind {address}"));
    }
}

/// Caddy sends http to https by itself, but only from port 80 to port 443.
fn to_https(page: &mut Page, site: &Site) {
    page.gap();
    page.say(
        "Plain http: sent to https. 308 keeps the method, so that a form is not lost on the way.",
        "일반 http 요청은 https로 보냅니다. 308은 메서드를 유지하므로 보내던 폼이 사라지지 않습니다.",
    );
    page.block(&format!("{} {{", addresses(site, None)), "}", |page| {
        bind(page, site);
        page.line(&format!("redir {}{{uri}} 308", site.origin()));
    });
}

/// What is used twice: for the app's pages, and for static files that are not on the disk.
fn snippet(page: &mut Page, site: &Site) {
    page.say(
        "The app. Caddy itself sets X-Forwarded-For, -Proto and -Host anew, so that a client cannot lie in \
         them; the others that the app reads follow here, and `Forwarded`, which says the same in another \
         way, is taken away. Websockets pass by themselves.",
        "앱의 주소입니다. X-Forwarded-For, -Proto, -Host는 클라이언트가 속일 수 없도록 Caddy가 스스로 새로 \
         적습니다. 앱이 읽는 나머지 헤더는 아래에서 적고, 같은 내용을 다르게 적는 `Forwarded`는 지웁니다. \
         웹소켓은 저절로 통과합니다.",
    );
    let upstream = match &site.upstream {
        Upstream::Unix(path) => format!("\"unix/{path}\""),
        Upstream::Tcp { host, port } => format!("{host}:{port}"),
    };
    page.block(&format!("({}) {{", site.word), "}", |page| {
        if let Some(bytes) = site.app.settings.max_content_length {
            page.say(
                "An upload that is too long and says so is refused before it is sent.",
                "너무 긴 업로드는 길이가 적혀 있으면 보내기 전에 거절합니다.",
            );
            let length = "{http.request.header.Content-Length}";
            page.line(&format!("@large expression `{length} != \"\" && int({length}) > {bytes}`"));
            page.line("respond @large 413");
        }
        page.block(&format!("reverse_proxy {upstream} {{"), "}", |page| {
            page.line("header_up X-Forwarded-Port {port}");
            page.line(&match site.prefix.as_str() {
                "" => "header_up -X-Forwarded-Prefix".to_owned(),
                prefix => format!("header_up X-Forwarded-Prefix {prefix}"),
            });
            page.line("header_up -Forwarded");
            transport(page, site);
            if site.app.settings.use_x_sendfile {
                send_file(page);
            }
        });
    });
}

fn transport(page: &mut Page, site: &Site) {
    page.say(
        "Idle connections are kept for less time than the app keeps them (keep_alive_timeout): else a \
         request could meet a connection that is just being closed, and fail with 502.",
        "쉬는 연결은 앱이 유지하는 시간(keep_alive_timeout)보다 짧게 유지합니다. 그렇지 않으면 막 닫히는 \
         연결로 요청을 보내 502 오류가 날 수 있습니다.",
    );
    page.block("transport http {", "}", |page| {
        page.line("dial_timeout 5s");
        page.line(&match site.keep_alive() {
            Some(seconds) => format!("keepalive {seconds}s"),
            None => "keepalive off".to_owned(),
        });
        if let Some(time) = site.app.settings.request_timeout {
            page.say(
                "The app's request_timeout, and a little more, so that the app is the one to answer.",
                "앱의 request_timeout보다 조금 길어 앱이 먼저 응답합니다.",
            );
            page.line(&format!("response_header_timeout {}s", longer(time)));
        }
    });
}

fn send_file(page: &mut Page) {
    page.say(
        "The app has use_x_sendfile = true: it names a file in `X-Sendfile`, and Caddy sends it.",
        "앱에 use_x_sendfile = true가 설정되어 있습니다. 앱이 `X-Sendfile`로 파일을 알리면 Caddy가 보냅니다.",
    );
    page.line("@named header X-Sendfile *");
    page.block("handle_response @named {", "}", |page| {
        page.line("root * /");
        page.line("rewrite * {rp.header.X-Sendfile}");
        page.line("method * GET");
        page.line("file_server");
    });
}

fn server(page: &mut Page, site: &Site) {
    bind(page, site);
    if let Some(tls) = &site.tls {
        secure(page, tls);
    }
    limits(page, site);
    let prefix = &site.prefix;
    if !prefix.is_empty() {
        page.gap();
        page.block(&format!("handle {prefix} {{"), "}", |page| {
            // `route` keeps the two in this order; rewriting keeps the query.
            page.block("route {", "}", |page| {
                page.line(&format!("rewrite * {prefix}/"));
                page.line("redir {uri} 308");
            });
        });
    }
    if let Some(files) = &site.files {
        static_files(page, site, files);
    }
    page.gap();
    match prefix.as_str() {
        "" => page.block("handle {", "}", |page| page.line(&format!("import {}", site.word))),
        _ => {
            page.block(&format!("handle_path {prefix}/* {{"), "}", |page| {
                page.line(&format!("import {}", site.word));
            });
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
            page.block("handle {", "}", |page| page.line("respond 404"));
        }
    }
}

fn secure(page: &mut Page, tls: &Tls) {
    if tls.usual {
        page.say(
            "Caddy gets the certificate by itself, and renews it, as soon as the domain leads here.",
            "도메인이 이 서버를 가리키면 Caddy가 인증서를 스스로 받고 갱신합니다.",
        );
    } else {
        page.line(&format!("tls \"{}\" \"{}\"", tls.certificate, tls.key));
    }
    page.say(
        "HSTS: browsers will not use plain http for this domain for a year. It cannot be taken back \
         soon, so take the `#` away only when https works.",
        "HSTS: 브라우저가 1년 동안 이 도메인에 일반 http로 접속하지 않습니다. 금방 되돌릴 수 없으므로 \
         https가 잘 되는 것을 확인한 뒤에 `#`을 지우십시오.",
    );
    page.line("#header Strict-Transport-Security \"max-age=31536000\"");
}

fn limits(page: &mut Page, site: &Site) {
    page.gap();
    let Some(bytes) = site.app.settings.max_content_length else {
        return page.say(
            "No limit for uploads, as the app's max_content_length says.",
            "앱의 max_content_length대로 업로드 크기에 제한이 없습니다.",
        );
    };
    page.say(
        &format!(
            "The largest upload, as the app's max_content_length says: {bytes} bytes. Caddy answers 413 \
             above it."
        ),
        &format!(
            "가장 큰 업로드: 앱의 max_content_length와 같은 {bytes}바이트입니다. 이보다 크면 Caddy가 413으로 \
             응답합니다."
        ),
    );
    page.block("request_body {", "}", |page| page.line(&format!("max_size {bytes}")));
    page.say(
        "Where the length was not said, Caddy itself would make a 502 of it.",
        "길이가 적혀 있지 않았을 때 Caddy는 그대로 두면 502로 응답합니다.",
    );
    page.block("handle_errors {", "}", |page| {
        page.line("@large expression `{http.error.message}.contains(\"request body too large\")`");
        page.line("respond @large 413");
        page.line("respond {http.error.status_code}");
    });
}

fn static_files(page: &mut Page, site: &Site, files: &StaticFiles) {
    page.gap();
    say_static(page, files);
    page.block(&format!("handle_path {}/* {{", files.url), "}", |page| {
        page.line(&format!("root * \"{}\"", files.folder));
        page.say(
            "Hidden files, such as an editor's, are nobody's business.",
            "편집기가 남긴 파일 같은 숨은 파일은 보여 주지 않습니다.",
        );
        page.line("@hidden path_regexp /\\.");
        page.line("handle @hidden {");
        page.line("\trespond 404");
        page.line("}");
        page.line("@there file");
        page.block("handle @there {", "}", |page| {
            page.line(&match files.max_age {
                Some(seconds) if seconds > 0 => {
                    format!("header Cache-Control \"public, max-age={seconds}\"")
                }
                _ => "header Cache-Control no-cache".to_owned(),
            });
            page.line("file_server");
        });
        page.block("handle {", "}", |page| {
            page.line(&format!("rewrite * {}{{uri}}", files.app_url));
            page.line(&format!("import {}", site.word));
        });
    });
}
