//! Accounts: sign up, sign in, stay signed in, be an admin, forget the password.
//!
//! ```console
//! $ cargo run -p members -- db seed     # an admin: `root`, password `change me`
//! $ cargo run -p members
//! ```
//!
//! Forms have no CSRF tokens here, to show sign-in alone; `carafe-forms` brings them.

mod password;

use carafe::prelude::*;
use carafe_db::{Database, Db, FromRow, Kind, migrations};
use carafe_login::{Account, DbStore, Login, LoginManager, User, login_required, roles};

#[derive(FromRow)]
struct Member {
    id: i64,
    name: String,
    password_hash: String,
    is_admin: bool,
}

impl Member {
    async fn by_name(db: &Db, name: &str) -> Result<Option<Member>> {
        let sql = "select id, name, password_hash, is_admin from members where name = ?";
        Ok(db.query_one(sql, [name]).await?)
    }

    async fn by_id(db: &Db, id: &str) -> Result<Option<Member>> {
        let Ok(id) = id.parse::<i64>() else { return Ok(None) };
        let sql = "select id, name, password_hash, is_admin from members where id = ?";
        Ok(db.query_one(sql, [id]).await?)
    }
}

impl Account for Member {
    fn id(&self) -> String {
        self.id.to_string()
    }

    async fn load(request: &Request, id: &str) -> Result<Option<Member>> {
        Member::by_id(&Db::from_request(request).await?, id).await
    }

    fn has_role(&self, role: &str) -> bool {
        role == "admin" && self.is_admin
    }

    fn for_templates(&self) -> carafe::templates::Context {
        carafe::context!(name: self.name)
    }
}

#[derive(serde::Deserialize)]
struct Credentials {
    name: String,
    password: String,
    #[serde(default)]
    remember: bool,
}

#[get("/")]
async fn index() -> Result<Html> {
    render!("index.html")
}

#[get("/sign-up")]
async fn sign_up_page() -> Result<Html> {
    render!("form.html", title: "Sign up", remembers: false)
}

#[post("/sign-up")]
async fn sign_up(form: Form<Credentials>, db: Db, login: Login) -> Result<Redirect> {
    if form.password.chars().count() < 10 {
        abort!(422, "a password has at least 10 characters");
    }
    let hash = login.hash_password(&form.password).await?;
    let sql = "insert into members (name, password_hash) values (?, ?)";
    match db.insert(sql, (form.name.as_str(), hash)).await {
        Err(error) if error.kind() == Kind::Unique => abort!(409, "this name is taken"),
        id => id?,
    };
    let member = Member::by_name(&db, &form.name).await?.or_404()?;
    login.login_user(&member).await?;
    Ok(redirect(url_for!(index)))
}

#[get("/sign-in")]
async fn sign_in_page() -> Result<Html> {
    render!("form.html", title: "Sign in", remembers: true)
}

#[post("/sign-in")]
async fn sign_in(form: Form<Credentials>, db: Db, login: Login) -> Result<Redirect> {
    let member = Member::by_name(&db, &form.name).await?;
    let hash = member.as_ref().map(|member| member.password_hash.as_str());
    let verified = login.check_password(&form.name, &form.password, hash).await?;
    let Some(member) = member.filter(|_| verified.is_right()) else {
        abort!(401, "wrong name or password");
    };
    if let Some(hash) = verified.upgrade() {
        db.execute("update members set password_hash = ? where id = ?", (hash, member.id)).await?;
    }
    login.login_user(&member).remember(form.remember).await?;
    Ok(redirect(login.next_or(&url_for!(index))))
}

#[post("/sign-out")]
async fn sign_out(login: Login) -> Result<Redirect> {
    login.logout_user().await?;
    Ok(redirect(url_for!(index)))
}

#[get("/account")]
#[login_required]
async fn account(user: User<Member>, login: Login) -> Result<Html> {
    let devices: Vec<String> =
        login.sessions(&*user).await?.into_iter().map(|device| device.browser).collect();
    render!("account.html", devices)
}

#[post("/account/end-others")]
#[login_required]
async fn end_others(user: User<Member>, login: Login) -> Result<Redirect> {
    login.end_other_sessions(&*user).await?;
    Ok(redirect(url_for!(account)))
}

#[get("/members")]
#[roles("admin")]
fn members(db: Db) -> Result<Html> {
    let names = db.scalars::<String>("select name from members order by name", ()).wait()?;
    render!("members.html", names)
}

async fn seed(db: Db) -> Result<()> {
    let hash = carafe_login::hash_password("change me")?;
    let sql = "insert into members (name, password_hash, is_admin) values ('root', ?, true)";
    db.execute(sql, [hash]).await?;
    Ok(())
}

#[carafe::main]
fn app() -> App {
    App::new()
        .extension(Database::from_config().migrations(migrations!()).seed(seed))
        .extension(
            LoginManager::<Member>::from_config()
                .login_view("sign_in_page")
                .session_store(DbStore::new()),
        )
        .state(password::Mail::default())
        .routes(routes![index, sign_up_page, sign_up, sign_in_page, sign_in, sign_out])
        .routes(routes![account, end_others, members])
        .routes(routes![password::change_password, password::forgot, password::reset])
}

#[cfg(test)]
mod tests;
