//! What only development needs: the channel to the `carafe` tool, live reload, what is kept of requests.
//!
//! All of it is compiled in debug builds only. A request passes [`observe`] on its way in and out
//! where the app is in development: `debug` is on, or the tool listens.

mod channel;
mod editor;
mod ending;
mod insert;
mod live;
mod messages;
mod observe;
mod page;
mod panics;
mod ticket;

pub(crate) use self::channel::{connect, flush, on_end};
pub(crate) use self::live::close;
pub(crate) use self::messages::hello;
pub(crate) use self::observe::{is_on, matched, observe};
pub(crate) use self::page::{failed, page, takes_place_of};

/// Gets ready for an app that is about to serve.
pub(crate) fn begin(site: &crate::app::Site) {
    editor::set_folder(&site.core.folder);
    if is_on(&site.core) {
        panics::install();
    }
}
