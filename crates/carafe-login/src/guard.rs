//! What `#[login_required]` and its kin ask before a handler, and the same as hooks for a blueprint or an app.

use std::future::Future;
use std::pin::Pin;

use carafe::{Guard, Request, Response, Result};

use crate::current::{Known, current};
use crate::machine::Machine;
use crate::refusal;

/// What a handler asks of its visitors.
#[derive(Clone, Copy, Debug)]
pub enum Requirement {
    /// Signed in.
    Login,
    /// Signed in freshly.
    Fresh,
    /// One of these roles.
    Roles(&'static [&'static str]),
    /// All of these permissions.
    Permissions(&'static [&'static str]),
}

/// The guard of a handler with these attributes.
pub fn guard(requirements: &[Requirement]) -> Guard {
    let requirements: Box<[Requirement]> = requirements.into();
    let requirements = std::sync::Arc::<[Requirement]>::from(requirements);
    Guard::new(move |request| {
        let requirements = requirements.clone();
        async move { check(&request, &requirements).await }
    })
    .needs(|provided| Machine::missing(provided, "its attribute such as `#[login_required]`"))
}

/// The answer in the handler's place, if the visitor lacks something.
async fn check(request: &Request, requirements: &[Requirement]) -> Result<Option<Response>> {
    // A browser asks before it sends anything of the user's (CORS preflight): it cannot be signed in.
    if request.method() == carafe::http::Method::OPTIONS {
        return Ok(None);
    }
    let machine = Machine::of(request).await?;
    let Some(known) = current(&machine, request).await? else {
        return refusal::unauthorized(&machine, request).await.map(Some);
    };
    if !requirements.iter().all(|requirement| requirement.allows(&known)) {
        return Err(refusal::forbidden(request));
    }
    let fresh = requirements.iter().any(|one| matches!(one, Requirement::Fresh));
    if fresh && !known.fresh {
        return refusal::needs_refresh(&machine, request, &known.id).await.map(Some);
    }
    Ok(None)
}

impl Requirement {
    fn allows(&self, known: &Known) -> bool {
        match self {
            // Freshness is asked for last: who lacks a role need not sign in again to learn it.
            Requirement::Login | Requirement::Fresh => true,
            Requirement::Roles(roles) => roles.iter().any(|role| known.account.has_role(role)),
            Requirement::Permissions(all) => {
                all.iter().all(|permission| known.account.has_permission(permission))
            }
        }
    }
}

/// Only for visitors who are signed in, as a hook for all routes of a blueprint or an app.
///
/// The attribute of the same name does it for one handler.
///
/// ```
/// use carafe::prelude::*;
/// # #[get("/")]
/// # async fn index() -> &'static str { "" }
///
/// let admin = Blueprint::new("admin")
///     .prefix("/admin")
///     .before_request(carafe_login::login_required)
///     .before_request(carafe_login::roles(&["admin"]))
///     .routes(routes![index]);
/// ```
///
/// # Errors
/// As the attribute.
pub async fn login_required(request: Request) -> Result<Option<Response>> {
    check(&request, &[Requirement::Login]).await
}

/// Only for visitors who proved lately who they are, as a hook for all routes of a blueprint or an app.
///
/// # Errors
/// As the attribute of the same name.
pub async fn fresh_login_required(request: Request) -> Result<Option<Response>> {
    check(&request, &[Requirement::Fresh]).await
}

/// What a hook gives back.
type HookFuture = Pin<Box<dyn Future<Output = Result<Option<Response>>>>>;

/// Only for users with one of these roles, as a hook: `.before_request(roles(&["admin"]))`.
pub fn roles(
    roles: &'static [&'static str],
) -> impl Fn(Request) -> HookFuture + Clone + Send + Sync + 'static {
    move |request| Box::pin(async move { check(&request, &[Requirement::Roles(roles)]).await })
}

/// Only for users with all of these permissions, as a hook: `.before_request(permissions(&["posts.write"]))`.
pub fn permissions(
    permissions: &'static [&'static str],
) -> impl Fn(Request) -> HookFuture + Clone + Send + Sync + 'static {
    move |request| {
        Box::pin(async move { check(&request, &[Requirement::Permissions(permissions)]).await })
    }
}
