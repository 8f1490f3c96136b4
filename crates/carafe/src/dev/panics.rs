//! What is known of a panic where it happens: its message, its place and the functions on the way to it.

use std::backtrace::Backtrace;
use std::panic::PanicHookInfo;
use std::sync::Once;

use super::{channel, messages};
use crate::context;
use crate::trace::Panicked;

/// Looks at panics from now on, before whoever looked at them until now.
pub(crate) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            look(info);
            before(info);
        }));
    });
}

fn look(info: &PanicHookInfo<'_>) {
    let record = context::current_if_free().and_then(|request| request.record().cloned());
    let payload = info.payload();
    let message = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a value that is not text".to_owned());
    let place =
        info.location().map(|place| (place.file().to_owned(), place.line(), place.column()));
    let backtrace = match &record {
        Some(_) => Backtrace::force_capture(),
        None => Backtrace::disabled(),
    };
    let panicked = Panicked { message, place, backtrace };
    if let Some(tool) = channel::tool() {
        let message = messages::panic(&panicked, record.as_ref().map(|record| record.id));
        tool.send(move || message);
        if record.is_none() {
            // It may be the end of the process.
            channel::flush();
        }
    }
    if let Some(record) = record {
        record.set_panic(panicked);
    }
}
