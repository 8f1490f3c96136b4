//! actix-web on a socket, with one worker.

use actix_web::{App, HttpServer, Responder, http::header::ContentType, web};
use bench::Issue;

async fn index() -> impl Responder {
    html("Hello, world!")
}

async fn issue(path: web::Path<(u64, u64)>) -> impl Responder {
    let (project, issue) = path.into_inner();
    html(format!("project {project}, issue {issue}"))
}

async fn json() -> impl Responder {
    web::Json(Issue::sample())
}

async fn filler() -> impl Responder {
    html("filler")
}

fn html(body: impl actix_web::body::MessageBody + 'static) -> actix_web::HttpResponse {
    actix_web::HttpResponse::Ok().content_type(ContentType::html()).body(body)
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let server = HttpServer::new(|| {
        let app = App::new()
            .route("/", web::get().to(index))
            .route("/projects/{project}/issues/{issue}", web::get().to(issue))
            .route("/json", web::get().to(json));
        let others = ["/search", "/login", "/me", "/plain", "/table"].map(str::to_owned);
        let paths =
            bench::dispatch::filler_paths().map(|path| path.replace("{*file}", "{file:.*}"));
        others
            .into_iter()
            .chain(paths)
            .fold(app, |app, path| app.route(&path, web::get().to(filler)))
    });
    let server = server.workers(1).shutdown_timeout(1).bind(("127.0.0.1", 0))?;
    eprintln!("http://{}", server.addrs()[0]);
    server.run().await
}
