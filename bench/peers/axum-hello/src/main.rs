//! A hello with templates, signed cookies, forms, static files and a request log, on axum.

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::response::Html;
use axum::routing::get;
use axum_extra::extract::cookie::{Cookie, Key, SignedCookieJar};
use axum_extra::extract::{Form, Query};
use minijinja::{Environment, context};
use serde::Deserialize;
use tower_http::services::ServeDir;
use tower_http::trace::TraceLayer;

#[derive(Clone)]
struct AppState {
    templates: Arc<Environment<'static>>,
    key: Key,
}

impl FromRef<AppState> for Key {
    fn from_ref(state: &AppState) -> Key {
        state.key.clone()
    }
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    page: u32,
}

#[derive(Deserialize)]
struct Greeting {
    name: String,
}

async fn index(
    State(state): State<AppState>,
    Query(query): Query<Page>,
    jar: SignedCookieJar,
) -> Result<Html<String>, StatusCode> {
    let name = jar.get("name").map_or_else(|| "world".to_owned(), |name| name.value().to_owned());
    let page = state
        .templates
        .get_template("hello.html")
        .and_then(|template| template.render(context! { name => name, page => query.page }));
    page.map(Html).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

async fn greet(
    jar: SignedCookieJar,
    Form(form): Form<Greeting>,
) -> (SignedCookieJar, &'static str) {
    (jar.add(Cookie::new("name", form.name)), "saved")
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut templates = Environment::new();
    templates.add_template("hello.html", include_str!("../templates/hello.html"))?;
    let state = AppState { templates: Arc::new(templates), key: Key::generate() };
    let app = Router::new()
        .route("/", get(index).post(greet))
        .nest_service("/static", ServeDir::new("static"))
        .layer(TraceLayer::new_for_http())
        .with_state(state);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, app)
        .with_graceful_shutdown(async {
            let _ = tokio::signal::ctrl_c().await;
        })
        .await?;
    Ok(())
}
