//! [`Config<T>`]: a section of the configuration as a handler's argument.

use std::any::type_name;
use std::ops::Deref;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::extract::{FromRequest, Provided};
use crate::request::Request;

/// How a section is kept among the app's states, apart from a user's own state of the same type.
pub(crate) struct SectionOf<T>(pub(crate) T);

/// A section of the configuration, read by [`App::config_section`](crate::App::config_section).
pub struct Config<T>(Arc<SectionOf<T>>);

impl<T> Config<T> {
    #[cfg(feature = "commands")]
    pub(crate) fn new(section: Arc<SectionOf<T>>) -> Config<T> {
        Config(section)
    }
}

impl<T> Clone for Config<T> {
    fn clone(&self) -> Config<T> {
        Config(self.0.clone())
    }
}

impl<T> Deref for Config<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.0
    }
}

impl<T: Send + Sync + 'static> FromRequest for Config<T> {
    async fn from_request(request: &Request) -> Result<Config<T>> {
        request.shared().states.get::<SectionOf<T>>().map(Config).ok_or_else(|| {
            Error::new(500)
                .caused_by(format!("no config section was read as `{}`", type_name::<T>()))
        })
    }

    fn missing(provided: &Provided) -> Option<String> {
        (!provided.has::<SectionOf<T>>()).then(|| {
            let name = type_name::<T>();
            format!("no config section is read as `{name}`: add `.config_section::<{name}>(\"prefix\")` to the app")
        })
    }
}
