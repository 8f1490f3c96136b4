//! `carafe proxy docker`: a Dockerfile, its `.dockerignore`, and a compose file.

use carafe_net::Lang;

use crate::output::note;

use super::app::{App, Choice};
use super::page::Page;
use super::site::{domains, longer};
use super::values;

/// Nobody's number on the host, so that the app is nobody there either.
const USER_ID: u16 = 10001;

/// What the image can be told.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Options {
    #[command(flatten)]
    choice: Choice,
    /// The domain of the site; repeat it for further names [config: server_name]
    #[arg(long, value_name = "NAME", value_parser = values::domain)]
    domain: Vec<String>,
    /// The folder of the app inside of the image [default: /srv/NAME]
    #[arg(long, value_name = "FOLDER", value_parser = values::file_path)]
    dir: Option<String>,
    /// The user that the app runs as [default: the app's name]
    #[arg(long, value_name = "NAME", value_parser = values::account)]
    user: Option<String>,
    /// Add nginx in front to the compose file
    #[arg(long)]
    nginx: bool,
    /// Print this file alone
    #[arg(long, value_name = "FILE")]
    file: Option<File>,
}

/// The files of this kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum File {
    Dockerfile,
    /// .dockerignore
    Ignore,
    /// compose.yaml
    Compose,
}

struct Image {
    app: App,
    domains: Vec<String>,
    dir: String,
    user: String,
    port: u16,
    nginx: bool,
}

/// The files, one after the other.
///
/// # Errors
/// When the app cannot be asked.
pub(super) fn write(options: &Options, made_by: &str, lang: Lang) -> Result<String, String> {
    let app = App::find(&options.choice, lang)?;
    let port = app.settings.port.filter(|port| *port >= 1024).unwrap_or(8000);
    let plain = app.name.to_ascii_lowercase();
    let user = options.user.clone().or_else(|| values::account(&plain).ok());
    let image = Image {
        domains: domains(&options.domain, &app, lang)?,
        dir: options.dir.clone().unwrap_or_else(|| format!("/srv/{}", app.name)),
        user: user.unwrap_or_else(|| "app".to_owned()),
        port,
        nginx: options.nginx,
        app,
    };
    if options.nginx && options.file.is_none_or(|file| file == File::Compose) {
        note(&lang.pick(
            format!("nginx.conf beside compose.yaml comes from `{}`", nginx_command(&image)),
            format!("compose.yaml 옆의 nginx.conf는 `{}` 명령으로 만듭니다", nginx_command(&image)),
        ));
    }
    let mut page = Page::new(lang, "  ");
    let all = options.file.is_none();
    if all || options.file == Some(File::Dockerfile) {
        head(&mut page, &image, made_by);
        dockerfile(&mut page, &image);
    }
    if all {
        page.gap();
        page.line("# ---- .dockerignore ----");
    }
    if all || options.file == Some(File::Ignore) {
        ignore(&mut page);
    }
    if all {
        page.gap();
        page.line("# ---- compose.yaml ----");
    }
    if all || options.file == Some(File::Compose) {
        compose(&mut page, &image);
    }
    Ok(page.finish())
}

fn nginx_command(image: &Image) -> String {
    let package = match &image.app.project {
        Some(project) => format!(" --package {}", project.package),
        None => String::new(),
    };
    let names: Vec<String> = image.domains.iter().map(|name| format!(" --domain {name}")).collect();
    format!(
        "carafe proxy nginx{package}{} --upstream app:{} > nginx.conf",
        names.concat(),
        image.port
    )
}

fn head(page: &mut Page, image: &Image, made_by: &str) {
    let name = &image.app.name;
    page.title(&format!("The app `{name}` as an image"), &format!("앱 `{name}`의 이미지"), made_by);
    let number = &mut 0;
    page.step(
        number,
        "Write the files into the folder of the workspace's Cargo.toml, beside Cargo.lock:",
        "작업 공간의 Cargo.toml과 Cargo.lock이 있는 폴더에 파일을 만듭니다.",
    );
    for (file, path) in
        [("dockerfile", "Dockerfile"), ("ignore", ".dockerignore"), ("compose", "compose.yaml")]
    {
        page.quote(&format!("{made_by} --file {file} > {path}"));
    }
    page.step(
        number,
        "Build it, make a secret key, and run it:",
        "빌드하고 비밀 키를 만든 뒤 실행합니다.",
    );
    page.quote(&format!("docker build --tag {} .", name.to_ascii_lowercase()));
    page.quote(&format!(
        "echo \"CARAFE_SECRET_KEY=$(docker run --rm {} secret)\" > .env && docker compose up",
        name.to_ascii_lowercase()
    ));
    page.gap();
}

fn dockerfile(page: &mut Page, image: &Image) {
    let (name, dir, user, port) = (&image.app.name, &image.dir, &image.user, image.port);
    let package = image.app.project.as_ref().map_or(name, |project| &project.package);
    page.say(
        "The first stage compiles. Crates and compiled code are kept between builds by BuildKit, and \
         --locked takes the versions of Cargo.lock and no others.",
        "첫 단계에서 컴파일합니다. 크레이트와 컴파일 결과는 BuildKit이 다음 빌드까지 보관하며, --locked는 \
         Cargo.lock의 버전만 씁니다.",
    );
    page.line("FROM rust:1-slim-bookworm AS build");
    page.line("WORKDIR /build");
    page.line("COPY . .");
    page.line("RUN --mount=type=cache,target=/usr/local/cargo/registry \\");
    page.line("    --mount=type=cache,target=/build/target \\");
    page.line(&format!("    cargo build --release --locked --package {package} --bin {name} \\"));
    page.line(&format!("    && cp target/release/{name} /usr/local/bin/{name}"));
    page.gap();
    page.say(
        "The second has the program and little else: no compiler, no source. Templates and static files \
         are inside of the program. The C library is the one it was linked with.",
        "둘째 단계에는 프로그램 외에 거의 아무것도 없습니다. 컴파일러도 소스도 없으며, 템플릿과 정적 파일은 \
         프로그램 안에 있습니다. C 라이브러리는 링크할 때와 같은 것입니다.",
    );
    page.line("FROM debian:bookworm-slim");
    page.say(
        "A user without rights, who owns nothing but the folder for data.",
        "데이터 폴더 외에는 아무것도 소유하지 않는, 권한 없는 사용자입니다.",
    );
    page.line(&format!(
        "RUN useradd --uid {USER_ID} --user-group --no-create-home --shell /usr/sbin/nologin {user} \\"
    ));
    page.line(&format!("    && install -d '{dir}' && install -d -o {user} -g {user} -m 700 /data"));
    page.line(&format!("COPY --from=build /usr/local/bin/{name} /usr/local/bin/{name}"));
    if let Some(toml) = carafe_toml(image) {
        page.line(&format!("COPY [\"{toml}\", \"{dir}/\"]"));
    }
    page.line(&format!("WORKDIR \"{dir}\""));
    page.line(&format!("USER {USER_ID}:{USER_ID}"));
    page.say(
        "What has to outlive the container; tell the app by its own setting to keep its data there.",
        "컨테이너가 없어져도 남아야 하는 것을 두는 곳입니다. 앱의 설정에서 데이터를 여기에 두게 하십시오.",
    );
    page.line("VOLUME /data");
    page.gap();
    page.say(
        "127.0.0.1 in a container is the container's own, which no one outside reaches; so the app listens \
         on all of its addresses, and `docker run --publish` decides who gets there.",
        "컨테이너 안의 127.0.0.1은 컨테이너 자신만의 주소여서 밖에서는 닿을 수 없습니다. 그래서 앱은 모든 \
         주소에서 받고, 누가 들어올 수 있는지는 `docker run --publish`가 정합니다.",
    );
    page.line(&format!("ENV CARAFE_HOST=0.0.0.0 CARAFE_PORT={port}"));
    page.line(&format!("EXPOSE {port}"));
    healthcheck(page, image);
    page.say(
        "The list form: the app is process 1 itself and gets SIGTERM, upon which it lets requests end.",
        "목록 형식이므로 앱이 바로 1번 프로세스가 되어 SIGTERM을 받고, 처리 중인 요청을 끝낸 뒤 멈춥니다.",
    );
    page.line(&format!("ENTRYPOINT [\"/usr/local/bin/{name}\"]"));
    page.line("CMD [\"run\"]");
}

/// The path of `carafe.toml` from the folder where the image is built.
fn carafe_toml(image: &Image) -> Option<String> {
    let project = image.app.project.as_ref()?;
    let file = project.folder.join("carafe.toml");
    let path = file.strip_prefix(&project.workspace).ok().filter(|_| file.is_file())?;
    let path = values::file_path(&format!("/{}", path.display())).ok()?;
    Some(path.trim_start_matches('/').to_owned())
}

fn healthcheck(page: &mut Page, image: &Image) {
    let (port, domain) = (image.port, &image.domains[0]);
    page.gap();
    page.say(
        "Asked every 30 s by bash itself, as there is no curl here. Any answer below 500 will do.",
        "curl이 없으므로 bash가 직접 30초마다 묻습니다. 500 미만의 응답이면 정상입니다.",
    );
    page.line(
        "HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD [\"bash\", \"-c\", \\",
    );
    // JSON's backslashes are doubled: bash sees `\r\n`, which its printf turns into bytes.
    page.line(&format!(
        "    \"exec 3<>/dev/tcp/127.0.0.1/{port} && printf 'GET / HTTP/1.1\\\\r\\\\nHost: {domain}\\\\r\\\\nConnection: close\\\\r\\\\n\\\\r\\\\n' >&3 && read -r version status rest <&3 && [ \\\"$status\\\" -lt 500 ]\"]"
    ));
    page.gap();
}

fn ignore(page: &mut Page) {
    page.say(
        "What the build does not need, and what must not be in an image: secrets, data, other builds.",
        "빌드에 필요 없는 것과 이미지에 들어가면 안 되는 것: 비밀, 데이터, 다른 빌드 결과.",
    );
    for line in [
        "**/target",
        ".git",
        "**/.env*",
        "**/.carafe",
        "**/*.db",
        "**/uploads",
        "Dockerfile",
        "compose.yaml",
    ] {
        page.line(line);
    }
}

fn compose(page: &mut Page, image: &Image) {
    let hosts = image.domains.join(",");
    let stop = longer(image.app.settings.shutdown_timeout);
    page.under("services:", |page| {
        page.under("app:", |page| {
            page.line("build: .");
            page.line("restart: unless-stopped");
            page.say(
                "The secret key is in .env beside this file, not in the image.",
                "비밀 키는 이미지가 아니라 이 파일 옆의 .env에 있습니다.",
            );
            page.line("env_file: .env");
            page.under("environment:", |page| {
                page.line(&format!("CARAFE_TRUSTED_HOSTS: \"{hosts}\""));
                if image.nginx {
                    page.say(
                        "nginx comes from an address of this compose network, which is a private one.",
                        "nginx는 이 compose 네트워크의 사설 주소에서 접속합니다.",
                    );
                    page.line("CARAFE_TRUSTED_PROXIES: \"private\"");
                }
            });
            page.line("volumes: [\"data:/data\"]");
            publish(page, image);
            page.say(
                "The program changes nothing outside of /data and /tmp, and needs no rights.",
                "프로그램은 /data와 /tmp 밖의 어떤 것도 바꾸지 않으며 권한이 필요 없습니다.",
            );
            page.line("read_only: true");
            page.line("tmpfs: [/tmp]");
            page.line("cap_drop: [ALL]");
            page.line("security_opt: [\"no-new-privileges:true\"]");
            page.say(
                "Requests that are being answered may end (shutdown_timeout), and a little more.",
                "처리 중인 요청이 끝나기를 기다리는 시간(shutdown_timeout)보다 조금 깁니다.",
            );
            page.line(&format!("stop_grace_period: {stop}s"));
        });
        if image.nginx {
            nginx(page);
        }
    });
    page.line("volumes:");
    page.line("  data:");
}

fn publish(page: &mut Page, image: &Image) {
    let port = image.port;
    if image.nginx {
        return page.line(&format!("expose: [\"{port}\"]"));
    }
    page.say(
        "This computer only. Docker writes firewall rules of its own: without 127.0.0.1 the port would be \
         open to every network, whatever ufw says.",
        "이 컴퓨터에서만 열립니다. Docker는 방화벽 규칙을 스스로 만들기 때문에, 127.0.0.1이 없으면 ufw의 \
         설정과 상관없이 모든 네트워크에 포트가 열립니다.",
    );
    page.line(&format!("ports: [\"127.0.0.1:{port}:{port}\"]"));
}

fn nginx(page: &mut Page) {
    page.under("nginx:", |page| {
        page.line("image: nginx:stable");
        page.line("restart: unless-stopped");
        page.line("depends_on: {app: {condition: service_healthy}}");
        page.line("ports: [\"80:80\"]");
        page.line("volumes: [\"./nginx.conf:/etc/nginx/conf.d/default.conf:ro\"]");
    });
}
