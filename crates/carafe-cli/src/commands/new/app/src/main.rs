//! A list of notes: `carafe run` serves it, `carafe debug` stops in it, `cargo test` tests it.

mod notes;

#[cfg(test)]
mod tests;

use carafe::prelude::*;
use serde::Deserialize;

use notes::Notes;

/// What the form sends.
#[derive(Deserialize)]
struct Draft {
    text: String,
}

/// All notes, and a form for another.
#[get("/")]
async fn index(notes: State<Notes>) -> Result<Html> {
    let notes = notes.all();
    render!("index.html", notes)
}

/// Keeps a note, and goes back to the list.
#[post("/")]
async fn add(draft: Form<Draft>, notes: State<Notes>, session: Session) -> Result<Redirect> {
    let text = draft.text.trim();
    if text.is_empty() {
        flash("[[empty]]", &session);
    } else {
        let id = notes.add(text);
        flash(format!("[[kept]]"), &session);
    }
    // 303: the browser goes on with GET, so that reloading the page sends nothing twice.
    Ok(redirect(url_for!(index)).see_other())
}

/// One note on a page of its own.
#[get("/notes/<int:id>")]
async fn note(id: usize, notes: State<Notes>) -> Result<Html> {
    let text = notes.find(id).or_404()?;
    render!("note.html", id, text)
}

#[carafe::main]
fn app() -> App {
    App::new()
        .state(Notes::default())
        .routes(routes![index, add, note])
}
