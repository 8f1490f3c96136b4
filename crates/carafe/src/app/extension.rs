//! [`Extension`]: the contract of everything that is not in the core.

use super::App;

/// Something that adds to an app: Flask's `init_app`.
///
/// An extension uses the public API of `carafe` only. It reads its configuration under its own
/// prefix ([`App::config_section`]), keeps what it needs as [`App::state`], and may add hooks,
/// routes, template filters, commands, start-up and shut-down steps, and types that implement
/// [`FromRequest`](crate::FromRequest).
///
/// ```
/// use carafe::prelude::*;
/// use carafe::Extension;
///
/// /// Counts requests.
/// struct Counter;
///
/// #[derive(Default)]
/// struct Count(std::sync::atomic::AtomicU64);
///
/// impl Extension for Counter {
///     fn name(&self) -> &'static str {
///         "counter"
///     }
///
///     fn init_app(self, app: App) -> App {
///         app.state(Count::default()).before_request(|count: State<Count>| async move {
///             count.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
///         })
///     }
/// }
///
/// let app = App::new().extension(Counter);
/// ```
pub trait Extension {
    /// A short name, unique among the app's extensions; also its prefix in the configuration.
    fn name(&self) -> &'static str;

    /// Adds itself to the app.
    fn init_app(self, app: App) -> App;
}
