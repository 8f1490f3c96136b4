//! The to-dos as resources. The handlers are `async fn`s, because nothing here waits.

use std::num::NonZeroUsize;

use carafe::prelude::*;
use serde::{Deserialize, Serialize};

use crate::store::{Todo, Todos};

/// The longest title, in characters.
const MAX_TITLE: usize = 200;
/// The most to-dos on a page.
const MAX_PER_PAGE: usize = 100;

/// The to-dos' part of the API; where it is mounted, the app says.
pub(crate) fn blueprint() -> Blueprint {
    Blueprint::new("todos").routes(routes![list, create, show, replace, change, remove])
}

/// What may follow the `?`.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Wanted {
    page: NonZeroUsize,
    per_page: NonZeroUsize,
    done: Option<bool>,
}

impl Default for Wanted {
    fn default() -> Wanted {
        Wanted {
            page: NonZeroUsize::MIN,
            per_page: NonZeroUsize::MIN.saturating_add(19),
            done: None,
        }
    }
}

/// A page of to-dos.
#[derive(Serialize)]
struct Page {
    items: Vec<Todo>,
    page: usize,
    pages: usize,
    total: usize,
}

/// A whole to-do, as clients write it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewTodo {
    title: String,
    #[serde(default)]
    done: bool,
}

/// The parts of a to-do that are to be changed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    title: Option<String>,
    done: Option<bool>,
}

/// A new to-do with its `Location` and `ETag`.
type Created = (Json<Todo>, u16, [(&'static str, String); 2]);

#[get("/todos")]
async fn list(wanted: Query<Wanted>, todos: State<Todos>) -> Json<Page> {
    let page = wanted.page.get();
    let size = wanted.per_page.get().min(MAX_PER_PAGE);
    let skip = (page - 1).saturating_mul(size);
    let (items, total) = todos.list(wanted.done, skip, size);
    Json(Page { items, page, pages: total.div_ceil(size), total })
}

#[post("/todos")]
async fn create(new: Json<NewTodo>, todos: State<Todos>) -> Result<Created> {
    let Json(NewTodo { title, done }) = new;
    let todo = todos.add(check_title(title)?, done);
    let headers = [("location", url_for!(show, id = todo.id)), ("etag", etag(&todo))];
    Ok((Json(todo), 201, headers))
}

#[get("/todos/<int:id>")]
async fn show(id: u64, todos: State<Todos>) -> Result<Tagged> {
    todos.find(id).or_404().map(Tagged)
}

#[put("/todos/<int:id>")]
async fn replace(
    id: u64,
    new: Json<NewTodo>,
    todos: State<Todos>,
    request: &Request,
) -> Result<Tagged> {
    let Json(NewTodo { title, done }) = new;
    let title = check_title(title)?;
    let replaced = todos.change(id, |todo| {
        check_version(todo, request)?;
        (todo.title, todo.done) = (title, done);
        Ok(())
    });
    replaced.or_404()?.map(Tagged)
}

#[patch("/todos/<int:id>")]
async fn change(
    id: u64,
    change: Json<Change>,
    todos: State<Todos>,
    request: &Request,
) -> Result<Tagged> {
    let Json(Change { title, done }) = change;
    let title = title.map(check_title).transpose()?;
    let changed = todos.change(id, |todo| {
        check_version(todo, request)?;
        todo.title = title.unwrap_or_else(|| todo.title.clone());
        todo.done = done.unwrap_or(todo.done);
        Ok(())
    });
    changed.or_404()?.map(Tagged)
}

#[delete("/todos/<int:id>")]
async fn remove(id: u64, todos: State<Todos>, request: &Request) -> Result<((), u16)> {
    todos.remove(id, |todo| check_version(todo, request)).or_404()??;
    Ok(((), 204))
}

/// A to-do with its version as the ETag.
struct Tagged(Todo);

impl IntoResponse for Tagged {
    fn into_response(self, request: &Request) -> Result<Response> {
        let etag = etag(&self.0);
        (Json(self.0), [("etag", etag)]).into_response(request)
    }
}

fn etag(todo: &Todo) -> String {
    format!("\"{}\"", todo.version)
}

/// Refuses a change by a client that has not seen the last one (RFC 9110 section 13.1.1).
fn check_version(todo: &Todo, request: &Request) -> Result<()> {
    let Some(seen) = request.header("if-match") else {
        return Ok(());
    };
    let current = etag(todo);
    if !seen.split(',').map(str::trim).any(|seen| seen == "*" || seen == current) {
        abort!(412, "the to-do was changed in the meantime: it is at version {current} now");
    }
    Ok(())
}

/// A title without space around it; 422 when it is empty or too long.
fn check_title(title: String) -> Result<String> {
    let title = title.trim();
    let words = match title.chars().count() {
        0 => "a to-do needs a title".to_owned(),
        count if count > MAX_TITLE => format!("a title has at most {MAX_TITLE} characters"),
        _ => return Ok(title.to_owned()),
    };
    Err(abort(422).describe(words).in_field("title"))
}
