//! The app from a visitor's side.

use super::*;
use carafe::testing::TestClient;

const PASSWORD: &str = "correct horse";

fn post(client: &TestClient, path: &str, fields: &[(&str, &str)]) -> (u16, Option<String>) {
    let answer = client.post(path).form(fields).send();
    (answer.status().as_u16(), answer.location().map(str::to_owned))
}

#[test]
fn signs_up_in_and_out() {
    let client = app().test_client();
    let ann = [("name", "ann"), ("password", PASSWORD)];
    assert_eq!(post(&client, "/sign-up", &[("name", "ann"), ("password", "short")]).0, 422);
    assert_eq!(post(&client, "/sign-up", &ann), (302, Some("/".to_owned())));
    assert!(client.get("/").send().text().contains("Signed in as ann"));
    assert_eq!(post(&client, "/sign-up", &ann).0, 409);
    post(&client, "/sign-out", &[]);
    let sent = client.get("/account").send();
    assert_eq!(sent.location(), Some("/sign-in?next=/account"));
    assert_eq!(post(&client, "/sign-in", &[("name", "ann"), ("password", "wrong")]).0, 401);
    let back = post(&client, "/sign-in?next=/account", &ann);
    assert_eq!(back, (302, Some("/account".to_owned())));
    assert_eq!(client.get("/members").send().status(), 403);
}

#[test]
fn an_old_hash_is_replaced() {
    let client = app().test_client();
    let db = carafe_db::testing::db(&client);
    // Of `correct horse`, made by Werkzeug.
    let hash = "pbkdf2:sha256:1000$YG1dodRiOOsagz0u$b174b414cca1495aaac17976a37da1e22a0990b80a8878ce94511e571986f1e5";
    let sql = "insert into members (name, password_hash, is_admin) values ('old', ?, true)";
    db.execute(sql, [hash]).wait().unwrap();
    let fields = [("name", "old"), ("password", PASSWORD)];
    assert_eq!(post(&client, "/sign-in", &fields).0, 302);
    let kept = db.scalar::<String>("select password_hash from members", ()).wait().unwrap();
    assert!(kept.unwrap().starts_with("$argon2id$"));
    assert_eq!(post(&client, "/sign-in", &fields).0, 302);
    assert!(client.get("/members").send().text().contains("<li>old</li>"));
}

#[test]
fn a_forgotten_password() {
    let app = app();
    let mail = app.get_state::<password::Mail>().unwrap();
    let client = app.test_client();
    let thief = client.another();
    post(&client, "/sign-up", &[("name", "ann"), ("password", PASSWORD)]);
    post(&thief, "/sign-in", &[("name", "ann"), ("password", PASSWORD)]);
    let asked = |name: &str| client.post("/forgot").form(&[("name", name)]).send().text();
    assert_eq!(asked("ann"), asked("nobody"));
    let sent = mail.0.lock().unwrap().clone();
    let [(to, link)] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!(to, "ann");
    let new = [("password", "another horse")];
    assert_eq!(post(&client, &format!("{link}x"), &new).0, 400);
    assert_eq!(post(&client, link, &new).0, 302);
    // It works once, and whoever was signed in is out.
    assert_eq!(post(&client, link, &new).0, 400);
    assert_eq!(thief.get("/account").send().status(), 302);
    let fields = |password| [("name", "ann"), ("password", password)];
    assert_eq!(post(&client, "/sign-in", &fields(PASSWORD)).0, 401);
    assert_eq!(post(&client, "/sign-in", &fields("another horse")).0, 302);
}

#[test]
fn a_changed_password_ends_the_other_sessions() {
    let client = app().test_client();
    let other = client.another();
    let ann = [("name", "ann"), ("password", PASSWORD), ("remember", "true")];
    post(&client, "/sign-up", &ann);
    post(&other, "/sign-in", &ann);
    assert!(other.get("/account").send().text().contains("<h1>ann</h1>"));
    // Whoever only has the cookie has to prove who they are.
    other.delete_cookie("session");
    let stale = post(&other, "/account/password", &[("password", "another horse")]);
    assert_eq!(stale, (302, Some("/sign-in".to_owned())));
    assert_eq!(post(&client, "/account/password", &[("password", "another horse")]).0, 302);
    assert_eq!(other.get("/account").send().status(), 302);
    assert_eq!(client.get("/account").send().status(), 200);
}
