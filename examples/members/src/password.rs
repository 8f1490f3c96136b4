//! A new password: for whoever is signed in, and for whoever forgot the old one.

use std::sync::Mutex;
use std::time::Duration;

use carafe::prelude::*;
use carafe_db::Db;
use carafe_login::{Login, User, fresh_login_required};

use crate::Member;

/// How long the link in the mail is good.
const HOUR: Duration = Duration::from_secs(60 * 60);

/// Stands for sending mail: what would be sent, with the addressee.
#[derive(Default)]
pub(crate) struct Mail(pub(crate) Mutex<Vec<(String, String)>>);

impl Mail {
    fn send(&self, to: &str, text: String) {
        let mut sent = self.0.lock().unwrap_or_else(|error| error.into_inner());
        sent.push((to.to_owned(), text));
    }
}

#[derive(serde::Deserialize)]
pub(crate) struct NewPassword {
    password: String,
}

async fn keep(db: &Db, login: &Login, member: &Member, password: &str) -> Result<()> {
    if password.chars().count() < 10 {
        abort!(422, "a password has at least 10 characters");
    }
    let hash = login.hash_password(password).await?;
    db.execute("update members set password_hash = ? where id = ?", (hash, member.id)).await?;
    Ok(())
}

#[post("/account/password")]
#[fresh_login_required]
pub(crate) async fn change_password(
    form: Form<NewPassword>,
    user: User<Member>,
    db: Db,
    login: Login,
    session: Session,
) -> Result<Redirect> {
    keep(&db, &login, &user, &form.password).await?;
    // Whoever knew the old one is out.
    login.end_other_sessions(&*user).await?;
    flash("Your password is changed.", &session);
    Ok(redirect(url_for!(crate::account)))
}

#[derive(serde::Deserialize)]
pub(crate) struct Forgot {
    name: String,
}

/// The answer is the same whether there is such a member or not.
#[post("/forgot")]
pub(crate) async fn forgot(
    form: Form<Forgot>,
    db: Db,
    login: Login,
    mail: State<Mail>,
) -> Result<&'static str> {
    login.try_once(&form.name)?;
    if let Some(member) = Member::by_name(&db, &form.name).await? {
        let token = login.tokens("reset")?.make(&member.id.to_string(), &member.password_hash);
        mail.send(&member.name, format!("/reset/{token}"));
    }
    Ok("If there is such a member, a mail is on its way.")
}

#[post("/reset/<token>")]
pub(crate) async fn reset(
    token: &str,
    form: Form<NewPassword>,
    db: Db,
    login: Login,
) -> Result<Redirect> {
    let tokens = login.tokens("reset")?;
    let bad = || abort(400).describe("this link is not good (any more)");
    let id = tokens.subject(token, HOUR).ok_or_else(bad)?;
    let member = Member::by_id(&db, &id).await?.ok_or_else(bad)?;
    // It is bound to the old hash: the second time there is another.
    if !tokens.verify(token, &member.password_hash, HOUR) {
        return Err(bad());
    }
    keep(&db, &login, &member, &form.password).await?;
    login.end_sessions(&member).await?;
    Ok(redirect(url_for!(crate::sign_in_page)))
}
