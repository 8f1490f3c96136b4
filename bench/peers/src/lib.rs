//! axum's twin of the measured app.

use axum::Json;
use axum::Router;
use axum::extract::Path;
use axum::response::Html;
use axum::routing::get;
use bench::Issue;

/// The same three handlers among as many rules.
pub fn axum_app() -> Router {
    let router = Router::new()
        .route("/", get(async || Html("Hello, world!")))
        .route("/projects/{project}/issues/{issue}", get(issue))
        .route("/json", get(async || Json(Issue::sample())))
        .route("/search", get(filler))
        .route("/login", get(filler))
        .route("/me", get(filler))
        .route("/plain", get(filler))
        .route("/table", get(filler));
    bench::dispatch::filler_paths().fold(router, |router, path| router.route(&path, get(filler)))
}

async fn issue(Path((project, issue)): Path<(u64, u64)>) -> Html<String> {
    Html(format!("project {project}, issue {issue}"))
}

async fn filler() -> Html<&'static str> {
    Html("filler")
}
