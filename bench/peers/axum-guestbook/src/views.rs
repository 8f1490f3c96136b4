//! What the guestbook answers.

use axum::Json;
use axum::extract::{Multipart, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::{Cookie, SignedCookieJar};
use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::{Deserialize, Serialize};

use crate::AppState;
use crate::store::{Entry, NewEntry};

type Failure = (StatusCode, String);

fn failed(error: impl std::fmt::Display) -> Failure {
    (StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
}

fn missing() -> Failure {
    (StatusCode::NOT_FOUND, "not in the book".to_owned())
}

fn render(state: &AppState, name: &str, values: Value) -> Result<Html<String>, Failure> {
    let template = state.templates.get_template(name).map_err(failed)?;
    template.render(values).map(Html).map_err(failed)
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Listing {
    q: Option<String>,
    before: Option<i64>,
}

pub(crate) async fn index(
    State(state): State<AppState>,
    Query(listing): Query<Listing>,
) -> Result<Html<String>, Failure> {
    let entries =
        state.store.page(listing.q.as_deref(), listing.before, 10).await.map_err(failed)?;
    render(
        &state,
        "index.html",
        context! { entries => Value::from(Serde(&entries)), q => listing.q },
    )
}

pub(crate) async fn sign(
    State(state): State<AppState>,
    jar: SignedCookieJar,
    mut form: Multipart,
) -> Result<Response, Failure> {
    let (mut name, mut message, mut picture) = (String::new(), String::new(), None);
    while let Some(field) = form.next_field().await.map_err(failed)? {
        match field.name() {
            Some("name") => name = field.text().await.map_err(failed)?,
            Some("message") => message = field.text().await.map_err(failed)?,
            Some("picture") => {
                let bytes = field.bytes().await.map_err(failed)?;
                let file = format!("{}.png", bytes.len());
                tokio::fs::write(format!("uploads/{file}"), &bytes).await.map_err(failed)?;
                picture = Some(file);
            }
            _ => {}
        }
    }
    let mut errors = Vec::new();
    if name.trim().is_empty() {
        errors.push("a name, please");
    }
    if message.trim().is_empty() {
        errors.push("a word, please");
    }
    if !errors.is_empty() {
        let page = render(&state, "index.html", context! { errors })?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let author = jar.get("author").map_or_else(|| name.clone(), |cookie| cookie.value().to_owned());
    let entry = NewEntry {
        name: &name,
        message: &message,
        picture: picture.as_deref(),
        author: Some(&author),
    };
    state.store.add(&entry).await.map_err(failed)?;
    Ok((jar.add(Cookie::new("author", author)), Redirect::to("/")).into_response())
}

pub(crate) async fn entry(
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<Html<String>, Failure> {
    let entry = state.store.entry(id).await.map_err(failed)?.ok_or_else(missing)?;
    render(&state, "entry.html", context! { entry => Value::from(Serde(&entry)) })
}

pub(crate) async fn delete(
    State(state): State<AppState>,
    Path(id): Path<i64>,
    jar: SignedCookieJar,
) -> Result<Redirect, Failure> {
    let author = jar.get("author").ok_or_else(missing)?;
    let entry =
        state.store.delete(id, author.value()).await.map_err(failed)?.ok_or_else(missing)?;
    if let Some(picture) = entry.picture {
        tokio::fs::remove_file(format!("uploads/{picture}")).await.map_err(failed)?;
    }
    Ok(Redirect::to("/"))
}

pub(crate) async fn picture(Path(name): Path<String>) -> Result<Response, Failure> {
    if name.contains(['/', '\\']) || name.starts_with('.') {
        return Err(missing());
    }
    let bytes = tokio::fs::read(format!("uploads/{name}")).await.map_err(|_| missing())?;
    let headers = [
        (header::CONTENT_TYPE, "image/png"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((headers, bytes).into_response())
}

#[derive(Serialize)]
pub(crate) struct Feed {
    entries: Vec<FeedEntry>,
    next: Option<String>,
}

#[derive(Serialize)]
struct FeedEntry {
    url: String,
    name: String,
    message: String,
    picture: Option<String>,
    created_at: i64,
}

pub(crate) async fn feed(
    State(state): State<AppState>,
    Query(listing): Query<Listing>,
) -> Result<Json<Feed>, Failure> {
    let page = state.store.page(listing.q.as_deref(), listing.before, 10).await.map_err(failed)?;
    let next = page.last().map(|entry| format!("/entries.json?before={}", entry.id));
    Ok(Json(Feed { entries: page.into_iter().map(FeedEntry::from).collect(), next }))
}

impl From<Entry> for FeedEntry {
    fn from(entry: Entry) -> FeedEntry {
        FeedEntry {
            url: format!("/entries/{}", entry.id),
            picture: entry.picture.map(|name| format!("/pictures/{name}")),
            name: entry.name,
            message: entry.message,
            created_at: entry.created_at,
        }
    }
}
