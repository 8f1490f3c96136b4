//! [`TemplateName`]: one name, or several of which the first that exists is taken.

/// A template's name, or several: the first that exists is rendered.
///
/// ```no_run
/// use carafe::templates::{Context, render};
///
/// # fn demo() -> carafe::Result<carafe::Html> {
/// render(["users/ann.html", "users/default.html"], Context::new())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a template's name",
    note = "write a text such as `\"index.html\"`, or a list of such texts"
)]
pub trait TemplateName {
    /// Calls `use_names` with the names in order.
    fn with_names<R>(&self, use_names: impl FnOnce(&[&str]) -> R) -> R;
}

impl TemplateName for str {
    fn with_names<R>(&self, use_names: impl FnOnce(&[&str]) -> R) -> R {
        use_names(&[self])
    }
}

impl TemplateName for String {
    fn with_names<R>(&self, use_names: impl FnOnce(&[&str]) -> R) -> R {
        use_names(&[self])
    }
}

impl<T: AsRef<str>> TemplateName for [T] {
    fn with_names<R>(&self, use_names: impl FnOnce(&[&str]) -> R) -> R {
        use_names(&self.iter().map(AsRef::as_ref).collect::<Vec<_>>())
    }
}

impl<T: AsRef<str>, const N: usize> TemplateName for [T; N] {
    fn with_names<R>(&self, use_names: impl FnOnce(&[&str]) -> R) -> R {
        self.as_slice().with_names(use_names)
    }
}

impl<T: AsRef<str>> TemplateName for Vec<T> {
    fn with_names<R>(&self, use_names: impl FnOnce(&[&str]) -> R) -> R {
        self.as_slice().with_names(use_names)
    }
}

impl<T: TemplateName + ?Sized> TemplateName for &T {
    fn with_names<R>(&self, use_names: impl FnOnce(&[&str]) -> R) -> R {
        (**self).with_names(use_names)
    }
}
