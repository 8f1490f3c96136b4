//! [`Blueprint`]: recorded setup calls, a name and a prefix; see `app::build` for what is made of it.

use std::path::PathBuf;

use crate::app::{Scope, scope_methods};
use crate::hooks::Place;

/// A part of an app: routes, hooks, error handlers, templates and static files under one name.
///
/// ```
/// use carafe::prelude::*;
///
/// #[get("/")]
/// async fn index() -> &'static str {
///     "admin"
/// }
///
/// let admin = Blueprint::new("admin").prefix("/admin").routes(routes![index]);
/// let client = App::new().blueprint(admin).test_client();
/// assert_eq!(client.get("/admin/").send().text(), "admin");
/// ```
#[derive(Clone)]
pub struct Blueprint {
    pub(crate) name: String,
    pub(crate) prefix: Option<String>,
    pub(crate) subdomain: Option<String>,
    pub(crate) template_folder: Option<PathBuf>,
    pub(crate) static_folder: Option<PathBuf>,
    pub(crate) static_url_path: Option<String>,
    pub(crate) place: Place,
    pub(crate) scope: Scope,
}

impl Blueprint {
    /// A blueprint of this name; its endpoints are called `name.handler`. The name has no dot.
    #[track_caller]
    pub fn new(name: impl Into<String>) -> Blueprint {
        Blueprint {
            name: name.into(),
            prefix: None,
            subdomain: None,
            template_folder: None,
            static_folder: None,
            static_url_path: None,
            place: Place::caller(),
            scope: Scope::default(),
        }
    }

    /// Another name, to register the same blueprint twice.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Blueprint {
        self.name = name.into();
        self
    }

    /// What all its rules begin with, such as `/admin`; Flask's `url_prefix`. It may hold `<values>`.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Blueprint {
        self.prefix = Some(prefix.into());
        self
    }

    /// The subdomain of all its rules; nested ones are joined as `child.parent`.
    #[must_use]
    pub fn subdomain(mut self, subdomain: impl Into<String>) -> Blueprint {
        self.subdomain = Some(subdomain.into());
        self
    }

    /// A folder of templates, relative to the app's root; the app's own templates win over it.
    #[must_use]
    pub fn template_folder(mut self, folder: impl Into<PathBuf>) -> Blueprint {
        self.template_folder = Some(folder.into());
        self
    }

    /// A folder of static files, relative to the app's root, served as endpoint `name.static`.
    #[must_use]
    pub fn static_folder(mut self, folder: impl Into<PathBuf>) -> Blueprint {
        self.static_folder = Some(folder.into());
        self
    }

    /// The URL of the static files below the prefix; by default `/` and the folder's name.
    #[must_use]
    pub fn static_url_path(mut self, path: impl Into<String>) -> Blueprint {
        self.static_url_path = Some(path.into());
        self
    }

    scope_methods!(scope);
}
