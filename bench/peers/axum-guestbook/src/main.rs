//! A guestbook on axum and sqlx, with as many handlers as examples/guestbook.

mod store;
mod views;

use std::sync::Arc;

use axum::Router;
use axum::extract::FromRef;
use axum::routing::{get, post};
use axum_extra::extract::cookie::Key;
use minijinja::Environment;
use tower_http::services::ServeDir;
use tower_http::trace::TraceLayer;

use store::Store;

#[derive(Clone)]
struct AppState {
    store: Store,
    templates: Arc<Environment<'static>>,
    key: Key,
}

impl FromRef<AppState> for Key {
    fn from_ref(state: &AppState) -> Key {
        state.key.clone()
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut templates = Environment::new();
    templates.add_template("index.html", include_str!("../templates/index.html"))?;
    templates.add_template("entry.html", include_str!("../templates/entry.html"))?;
    let store = Store::open("guestbook.db").await?;
    let state = AppState { store, templates: Arc::new(templates), key: Key::generate() };
    let app = Router::new()
        .route("/", get(views::index).post(views::sign))
        .route("/entries/{id}", get(views::entry))
        .route("/entries/{id}/delete", post(views::delete))
        .route("/entries.json", get(views::feed))
        .route("/pictures/{name}", get(views::picture))
        .nest_service("/static", ServeDir::new("static"))
        .layer(TraceLayer::new_for_http())
        .with_state(state);
    let port = std::env::args().nth(1).unwrap_or_else(|| "0".to_owned());
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    axum::serve(listener, app)
        .with_graceful_shutdown(async {
            let _ = tokio::signal::ctrl_c().await;
        })
        .await?;
    Ok(())
}
