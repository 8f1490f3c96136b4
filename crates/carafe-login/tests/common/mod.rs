//! What the tests share: an app with two members, whose sign-ins are kept in memory, or in a database.

#![allow(dead_code, reason = "each test uses a part of it")]

use carafe::prelude::*;
use carafe::testing::TestClient;
use carafe_db::Database;
use carafe_login::{
    Account, ApiToken, DbStore, Login, LoginManager, User, fresh_login_required, login_required,
    permissions, roles,
};

pub(crate) const PASSWORD: &str = "correct horse";
pub(crate) const API_TOKEN: &str = "token-of-ann";

/// What is known of members; the second is no admin, the third not active.
#[derive(Clone, PartialEq)]
pub(crate) struct Member {
    pub(crate) id: u32,
    pub(crate) name: &'static str,
    pub(crate) active: bool,
    pub(crate) hash: &'static str,
}

pub(crate) const MEMBERS: [Member; 3] = [
    Member { id: 1, name: "ann", active: true, hash: HASH },
    Member { id: 2, name: "bob", active: true, hash: WERKZEUG },
    Member { id: 3, name: "eve", active: false, hash: HASH },
];
/// Of [`PASSWORD`], by argon2id (the C library, from Python) at the least cost, as tests have it.
const HASH: &str =
    "$argon2id$v=19$m=8,t=1,p=1$eHaqxzqSe27Seyyv5Fw+nA$rsjxfUJGOUm8sod5O0kf8g7mDLZm6Ot9FAO+65En1sc";
/// Of [`PASSWORD`], by Werkzeug.
pub(crate) const WERKZEUG: &str = "pbkdf2:sha256:1000$0jseDmLj2FA9jEN8$a35707a10d29581b59d026e27ad1b4113659ecab94b0bb45089cc46e901c9ab5";

impl Account for Member {
    fn id(&self) -> String {
        self.id.to_string()
    }

    async fn load(_: &Request, id: &str) -> Result<Option<Member>> {
        if id == "broken" {
            abort!(503);
        }
        Ok(MEMBERS.into_iter().find(|member| member.id.to_string() == id))
    }

    fn is_active(&self) -> bool {
        self.active
    }

    fn has_role(&self, role: &str) -> bool {
        role == "user" || (role == "admin" && self.name == "ann")
    }

    fn has_permission(&self, permission: &str) -> bool {
        permission == "read" || (permission == "write" && self.name == "ann")
    }

    fn for_templates(&self) -> carafe::templates::Context {
        carafe::context!(name: self.name)
    }

    async fn from_basic(request: &Request, name: &str, password: &str) -> Result<Option<Member>> {
        let login = Login::from_request(request).await?;
        let member = by_name(name);
        let hash = member.as_ref().map(|member| member.hash);
        let verified = login.check_password(name, password, hash).await?;
        Ok(member.filter(|_| verified.is_right()))
    }

    async fn from_bearer(_: &Request, token: &str) -> Result<Option<Member>> {
        Ok((ApiToken::digest(token) == ApiToken::digest(API_TOKEN)).then_some(MEMBERS[0].clone()))
    }

    async fn from_other(request: &Request) -> Result<Option<Member>> {
        Ok(request.header("x-member").and_then(by_name))
    }
}

pub(crate) fn by_name(name: &str) -> Option<Member> {
    MEMBERS.into_iter().find(|member| member.name == name)
}

#[derive(serde::Deserialize)]
pub(crate) struct Credentials {
    name: String,
    password: String,
    #[serde(default)]
    remember: bool,
}

#[post("/login")]
pub(crate) async fn sign_in(form: Form<Credentials>, login: Login) -> Result<Redirect> {
    let member = by_name(&form.name);
    let hash = member.as_ref().map(|member| member.hash);
    let verified = login.check_password(&form.name, &form.password, hash).await?;
    let Some(member) = member.filter(|_| verified.is_right()) else {
        abort!(401, "wrong name or password");
    };
    match login.login_user(&member).remember(form.remember).await? {
        true => Ok(redirect(login.next_or("/"))),
        false => abort!(403, "not active"),
    }
}

#[get("/login")]
pub(crate) async fn login_page(request: &Request) -> Result<Html> {
    let flashed = carafe::get_flashed_messages(request);
    let first = flashed.first().map(ToString::to_string).unwrap_or_default();
    carafe::render_string!("{{ first }}", first)
}

#[post("/logout")]
pub(crate) fn sign_out(login: Login) -> Result<String> {
    Ok(login.logout_user().wait()?.to_string())
}

#[get("/")]
pub(crate) async fn index(user: Option<User<Member>>) -> String {
    user.map_or("nobody".to_owned(), |user| user.name.to_owned())
}

#[get("/me")]
pub(crate) fn me(user: User<Member>) -> String {
    let fresh = if user.is_fresh() { "fresh" } else { "stale" };
    format!("{} {fresh}", user.name)
}

#[get("/secret")]
#[login_required]
pub(crate) async fn secret() -> &'static str {
    "secret"
}

#[login_required]
#[get("/plain/<int:id>")]
pub(crate) fn plain(id: i64) -> String {
    format!("plain {id}")
}

#[post("/fresh")]
#[get("/fresh")]
#[fresh_login_required]
pub(crate) async fn fresh() -> &'static str {
    "fresh"
}

#[get("/admin")]
#[login_required]
#[roles("admin", "owner")]
pub(crate) async fn admin() -> &'static str {
    "admin"
}

#[permissions("read", "write")]
#[post("/write")]
pub(crate) fn write() -> &'static str {
    "written"
}

#[post("/confirm")]
pub(crate) async fn confirm(login: Login) -> Result<&'static str> {
    login.confirm_login().await?;
    Ok("confirmed")
}

#[post("/end")]
#[login_required]
pub(crate) async fn end(user: User<Member>, login: Login) -> Result<String> {
    Ok(login.end_sessions(&*user).await?.to_string())
}

#[post("/end-others")]
#[login_required]
pub(crate) fn end_others(user: User<Member>, login: Login) -> Result<String> {
    Ok(login.end_other_sessions(&*user).wait()?.to_string())
}

#[get("/devices")]
#[login_required]
pub(crate) async fn devices(user: User<Member>, login: Login) -> Result<String> {
    let devices = login.sessions(&*user).await?;
    let line = |one: &carafe_login::SignedIn| {
        let this = if one.is_this { "this" } else { "other" };
        format!("{} {this} {}\n", one.browser, one.remembered)
    };
    Ok(devices.iter().map(line).collect())
}

#[get("/template")]
pub(crate) async fn template() -> Result<Html> {
    carafe::render_string!(
        "{% if current_user %}{{ current_user.id }} {{ current_user.name }} {{ current_user.is_authenticated }} \
         {{ current_user.is_fresh }} {{ current_user.has_role('admin') }} {{ current_user.has_permission('read') }}\
         {% else %}{{ current_user.is_authenticated }} {{ current_user.is_anonymous }} {{ current_user.has_role('admin') }}\
         [{{ current_user.name }}]{% endif %}"
    )
}

/// The extension, as most tests want it.
pub(crate) fn manager() -> LoginManager<Member> {
    LoginManager::from_config().login_view("login_page")
}

/// The app around it.
pub(crate) fn app(manager: LoginManager<Member>) -> App {
    App::new().extension(manager).routes(routes![
        sign_in, login_page, sign_out, index, me, secret, plain, fresh, admin, write, confirm, end,
        end_others, devices, template
    ])
}

/// The same with each store.
pub(crate) fn each_store(test: impl Fn(&TestClient)) {
    test(&app(manager()).test_client());
    test(&in_database(manager()).test_client());
}

/// With sign-ins in the database.
pub(crate) fn in_database(manager: LoginManager<Member>) -> App {
    let app = App::new().extension(Database::from_config());
    app.extension(manager.session_store(DbStore::new())).routes(routes![
        sign_in, login_page, sign_out, index, me, secret, plain, fresh, admin, write, confirm, end,
        end_others, devices, template
    ])
}

pub(crate) fn sign_in_as(client: &TestClient, name: &str, remember: bool) {
    let remember = remember.to_string();
    let fields = [("name", name), ("password", PASSWORD), ("remember", &remember)];
    let answer = client.post("/login").form(&fields).send();
    assert_eq!(answer.status(), 302, "{}", answer.text());
}
