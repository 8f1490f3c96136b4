//! What handlers do with a database, on whichever the environment names: SQLite, or PostgreSQL.

mod common;

use carafe::prelude::*;
use carafe_db::testing::db;
use carafe_db::{Database, Db, FromRow, Kind, PageQuery, Tx, migrations};

use common::app;

#[derive(Debug, PartialEq, FromRow, serde::Serialize)]
struct Note {
    id: i64,
    text: String,
    likes: i64,
}

const ALL: &str = "select id, text, likes from notes order by id";

#[get("/plain/<int:id>")]
fn plain(id: i64, db: Db) -> Result<Json<Note>> {
    let note = db.query_one::<Note>("select * from notes where id = ?", [id]).wait()?;
    Ok(Json(note.or_404()?))
}

#[get("/async/<int:id>")]
async fn awaited(id: i64, db: Db) -> Result<Json<Note>> {
    Ok(Json(db.query_one::<Note>("select * from notes where id = ?", [id]).await?.or_404()?))
}

#[post("/add/<text>")]
async fn add(text: String, db: Db) -> Result<String> {
    Ok(db.insert("insert into notes (text) values (?)", [text]).await?.to_string())
}

#[get("/misuse")]
async fn misuse(db: Db) -> Result<String> {
    Ok(format!("{:?}", db.scalar::<i64>("select 1", ()).wait()?))
}

#[get("/notes")]
async fn page(page: PageQuery, db: Db) -> Result<Html> {
    let notes = db.paginate::<Note>(ALL, (), &page).await?;
    carafe::render_string!(
        "{{ notes.first }}-{{ notes.last }} of {{ notes.total }}:{% for note in notes.items %} {{ note.text }}{% endfor %}\
         |{% for number in iter_pages(notes, right_current=1) %}{{ number or '..' }} {% endfor %}|{{ page_links(notes) }}",
        notes
    )
}

#[get("/wrong")]
async fn wrong(db: Db) -> Result<String> {
    db.execute("select x from nowhere", ()).await?;
    Ok(String::new())
}

fn client() -> carafe::testing::TestClient {
    app().routes(routes![plain, awaited, add, misuse, page, wrong]).test_client()
}

#[test]
fn reads_and_writes() {
    let client = client();
    assert_eq!(client.post("/add/one").send().text(), "1");
    assert_eq!(client.post("/add/two").send().text(), "2");
    for path in ["/plain/2", "/async/2"] {
        let note: serde_json::Value = client.get(path).send().json();
        assert_eq!(note, serde_json::json!({"id": 2, "text": "two", "likes": 0}), "{path}");
    }
    assert_eq!(client.get("/plain/3").send().status(), 404);
    assert_eq!(client.get("/async/3").send().status(), 404);
}

#[test]
fn constraints_are_conflicts() {
    let client = client();
    client.post("/add/one").send();
    let again = client.post("/add/one").send();
    assert_eq!(again.status(), 409);
    assert!(!again.text().contains("notes"), "{}", again.text());
    let error =
        db(&client).insert("insert into notes (text) values (?)", ["one"]).wait().unwrap_err();
    assert_eq!(error.kind(), Kind::Unique);
    assert!(error.is_unique("notes.text"), "{:?}", error.constraint());
    assert!(!error.is_unique("notes.id"));
    let error = db(&client)
        .execute("insert into notes (text) values (?)", [None::<&str>])
        .wait()
        .unwrap_err();
    assert_eq!(error.kind(), Kind::NotNull);
}

#[test]
fn waiting_where_others_wait_is_refused() {
    let client = client();
    let answer = client.get("/misuse").send();
    assert_eq!(answer.status(), 500);
    let error = answer.error().unwrap();
    assert!(error.contains("would hold up every other request"), "{error}");
    assert_eq!(client.post("/add/still").send().status(), 200);
}

#[test]
fn statements_that_are_wrong() {
    let client = client();
    let answer = client.get("/wrong").send();
    assert_eq!(answer.status(), 500);
    let error = answer.error().unwrap();
    assert!(error.contains("a table is missing"), "{error}");
}

#[test]
fn values_of_every_kind() {
    let client = client();
    let db = db(&client);
    let (text, bytes) = ("ö?'".to_owned(), vec![0_u8, 255]);
    db.script(
        "create table things (a bigint, b double precision, c text, d boolean, e text); \
               create table more (a bigint);",
    )
    .wait()
    .unwrap();
    let values = (i64::MIN, 1.5_f64, text.as_str(), true, None::<String>);
    db.execute("insert into things values (?, ?, ?, ?, ?)", values).wait().unwrap();
    type Row = (i64, f64, String, bool, Option<String>);
    let row: Row = db
        .fetch_one("select a, b, c, d, e from things where c = ? and d = ?", (&text, true))
        .wait()
        .unwrap();
    assert_eq!(row, (i64::MIN, 1.5, text.clone(), true, None));
    let numbers = db
        .scalars::<i64>("select a from things where a in (?, ?)", vec![i64::MIN, 1])
        .wait()
        .unwrap();
    assert_eq!(numbers, [i64::MIN]);
    let kind = if db.dialect() == carafe_db::Dialect::Sqlite { "blob" } else { "bytea" };
    db.script(carafe_db::AssertSqlSafe(format!("create table blobs (a {kind})"))).wait().unwrap();
    db.execute("insert into blobs values (?)", [bytes.as_slice()]).wait().unwrap();
    assert_eq!(db.scalar::<Vec<u8>>("select a from blobs", ()).wait().unwrap(), Some(bytes));
    let done = db.execute("update things set b = ?", [2.5]).wait().unwrap();
    assert_eq!(done.rows_affected, 1);
    let error = db.fetch_all::<(String,)>("select a from things", ()).wait().unwrap_err();
    assert_eq!(error.kind(), Kind::Decode, "{error}");
    let error = db.fetch_all::<Note>("select a from things", ()).wait().unwrap_err();
    assert!(error.to_string().contains("the row has no column `id`"), "{error}");
}

#[derive(Debug, PartialEq, FromRow)]
struct Fancy {
    #[row(rename = "one")]
    first: i64,
    #[row(default)]
    absent: i64,
    #[row(skip)]
    skipped: Vec<String>,
    #[row(json)]
    tags: Vec<String>,
    #[row(try_from = "i64")]
    small: u8,
    #[row(flatten)]
    rest: Rest,
}

#[derive(Debug, PartialEq, FromRow)]
struct Rest {
    last: String,
}

#[derive(Debug, PartialEq, FromRow)]
struct Pair(i64, String);

#[test]
fn structs_of_rows() {
    let client = client();
    let db = db(&client);
    let json =
        if db.dialect() == carafe_db::Dialect::Sqlite { "'[\"a\"]'" } else { "'[\"a\"]'::jsonb" };
    let sql = |small: i64| {
        carafe_db::AssertSqlSafe(format!(
            "select cast(1 as bigint) as one, {json} as tags, cast({small} as bigint) as small, 'x' as last"
        ))
    };
    let fancy: Fancy = db.fetch_one(sql(7), ()).wait().unwrap();
    let rest = Rest { last: "x".into() };
    let wanted =
        Fancy { first: 1, absent: 0, skipped: vec![], tags: vec!["a".into()], small: 7, rest };
    assert_eq!(fancy, wanted);
    let error = db.fetch_one::<Fancy>(sql(700), ()).wait().unwrap_err();
    assert_eq!(error.kind(), Kind::Decode);
    assert!(
        error.to_string().contains("`small`") || error.to_string().contains("small"),
        "{error}"
    );
    let pair: Pair = db.fetch_one("select cast(1 as bigint), 'x'", ()).wait().unwrap();
    assert_eq!(pair, Pair(1, "x".into()));
}

#[test]
fn pages() {
    let client = client();
    for number in 1..=45 {
        client.post(&format!("/add/n{number}")).send();
    }
    let text = client.get("/notes?page=2&per_page=10&q=<a>").send().text();
    let (rows, rest) = text.split_once('|').unwrap();
    let (numbers, links) = rest.split_once('|').unwrap();
    assert_eq!(rows, "11-20 of 45: n11 n12 n13 n14 n15 n16 n17 n18 n19 n20");
    assert_eq!(numbers, "1 2 3 4 5 ");
    assert!(links.contains("<a href=\"?page=3&amp;per_page=10&amp;q="), "{links}");
    assert!(!links.contains("<a>"), "{links}");
    assert_eq!(client.get("/notes?page=3").send().status(), 200);
    assert_eq!(client.get("/notes?page=4").send().status(), 404);
    assert_eq!(client.get("/notes?page=x").send().status(), 404);
    assert!(client.get("/notes?per_page=1000").send().text().starts_with("1-45 of 45"));
}

#[test]
fn rows_one_by_one() {
    let client = client();
    let db = db(&client);
    for number in 0..200_i64 {
        db.execute("insert into notes (text, likes) values (?, ?)", (number.to_string(), number))
            .wait()
            .unwrap();
    }
    let sum: i64 = db.stream::<Note>(ALL, ()).wait().map(|note| note.unwrap().likes).sum();
    assert_eq!(sum, 199 * 100);
    // Ended early, the connection is of use again: more times than there are connections.
    for _ in 0..25 {
        assert_eq!(db.stream::<Note>(ALL, ()).wait().next().unwrap().unwrap().id, 1);
    }
    let mut rows = db.stream::<Note>("select nothing", ()).wait();
    assert_eq!(rows.next().unwrap().unwrap_err().kind(), Kind::Statement);
    assert!(rows.next().is_none());
}

#[test]
fn an_app_without_a_database_is_told() {
    let error = App::new().routes(routes![add]).try_test_client().err().unwrap().to_string();
    assert!(
        error.contains("`Db`: add `.extension(carafe_db::Database::from_config())` to the app"),
        "{error}"
    );
}

#[test]
fn clients_have_databases_of_their_own() {
    let (one, two) = (client(), client());
    assert_eq!(one.post("/add/same").send().status(), 200);
    assert_eq!(two.post("/add/same").send().status(), 200);
}

#[test]
fn several_databases() {
    #[get("/")]
    async fn both(db: Db, tx: Tx) -> Result<String> {
        let other = db.bind("other")?;
        other.execute("insert into notes (text) values (?)", ["there"]).await?;
        let here = tx.scalar::<i64>("select count(*) from notes", ()).await?;
        let there = other.scalar::<i64>("select count(*) from notes", ()).await?;
        Ok(format!("{here:?} {there:?} {}", db.bind("none").unwrap_err()))
    }
    let database = Database::from_config()
        .migrations(migrations!("tests/migrations"))
        .migrations_of("other", migrations!("tests/migrations"));
    let app = App::new()
        .extension(database)
        .config("db.binds.other.url", "sqlite:other.db")
        .routes(routes![both]);
    let text = app.test_client().get("/").send().text();
    assert_eq!(
        text,
        "Some(0) Some(1) there is no database `none`\n\nhint: give it a URL: `db.binds.none.url = \"..\"`"
    );
}
