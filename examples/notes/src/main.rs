//! Notes in a database.
//!
//! ```console
//! $ cargo run -p notes -- db seed     # rows to begin with; the file is made, the tables too
//! $ cargo run -p notes
//! $ CARAFE_DB__URL=postgres://postgres@localhost/notes cargo run -p notes
//! ```

use carafe::prelude::*;
use carafe_db::{Database, Db, FromRow, Kind, PageQuery, Tx, migrations};

#[derive(FromRow, serde::Serialize)]
struct Note {
    id: i64,
    text: String,
    likes: i64,
}

#[derive(serde::Deserialize)]
struct NewNote {
    text: String,
}

/// The notes, the newest first, ten on a page.
#[get("/")]
async fn index(page: PageQuery, db: Db) -> Result<Html> {
    let sql = "select id, text, likes from notes order by id desc";
    let notes = db.paginate::<Note>(sql, (), &page.per_page(10)).await?;
    render!("index.html", notes)
}

/// A plain `fn`: it waits, on a thread of its own.
#[get("/notes/<int:id>")]
fn show(id: i64, db: Db) -> Result<Html> {
    let sql = "select id, text, likes from notes where id = ?";
    let note = db.query_one::<Note>(sql, [id]).wait()?.or_404()?;
    render!("note.html", note)
}

#[post("/notes")]
async fn write(form: Form<NewNote>, db: Db) -> Result<Redirect> {
    let text = form.text.trim();
    if text.is_empty() {
        abort!(422, "a note needs a text");
    }
    let id = match db.insert("insert into notes (text) values (?)", [text]).await {
        Err(error) if error.kind() == Kind::Unique => abort!(409, "this note is there already"),
        id => id?,
    };
    Ok(redirect(url_for!(show, id)))
}

/// Two tables at once, or none: the transaction ends with the request.
#[post("/notes/<int:id>/like")]
async fn like(id: i64, tx: Tx) -> Result<Redirect> {
    tx.execute("insert into likes (note) values (?)", [id]).await.or_404()?;
    tx.execute("update notes set likes = likes + 1 where id = ?", [id]).await?;
    Ok(redirect(url_for!(show, id)))
}

async fn seed(db: Db) -> Result<()> {
    for text in ["Water the plants", "Read the guide", "Write a note"] {
        let sql = "insert into notes (text) values (?) on conflict do nothing";
        db.execute(sql, [text]).await?;
    }
    Ok(())
}

#[carafe::main]
fn app() -> App {
    App::new()
        .extension(Database::from_config().migrations(migrations!()).seed(seed))
        .routes(routes![index, show, write, like])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_and_likes() {
        let client = app().test_client();
        let written = client.post("/notes").form(&[("text", "hello")]).send();
        assert_eq!(written.location(), Some("/notes/1"));
        assert_eq!(client.post("/notes").form(&[("text", "hello")]).send().status(), 409);
        assert_eq!(client.post("/notes").form(&[("text", " ")]).send().status(), 422);
        client.post("/notes/1/like").send();
        client.post("/notes/1/like").send();
        assert!(client.get("/notes/1").send().text().contains("2 likes"));
        assert_eq!(client.get("/notes/2").send().status(), 404);
        // A like of nothing is a reference to nothing.
        assert_eq!(client.post("/notes/2/like").send().status(), 404);
    }

    #[test]
    fn pages() {
        let client = app().test_client();
        let db = carafe_db::testing::db(&client);
        for number in 1..=25 {
            let text = format!("note {number}");
            db.execute("insert into notes (text) values (?)", [text]).wait().unwrap();
        }
        let text = client.get("/?page=2").send().text();
        assert!(text.contains("note 15<") && text.contains("note 6<"), "{text}");
        assert!(!text.contains("note 16<") && !text.contains("note 5<"), "{text}");
        assert!(text.contains("<a href=\"?page=3\" rel=\"next\">"), "{text}");
        assert_eq!(client.get("/?page=4").send().status(), 404);
    }
}
