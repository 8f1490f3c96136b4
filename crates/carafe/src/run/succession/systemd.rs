//! What systemd is told of an app that is one of its services; anyone else's costs nothing.
//!
//! `Type=notify` and `Type=notify-reload`: see sd_notify(3) and systemd.service(5).

use carafe_net::{monotonic_micros, notify};

/// The app serves; after a take-over, this process is the service's main one.
pub(super) fn ready(took_over: bool) {
    match took_over {
        true => tell(&format!("READY=1\nSTATUS=Serving\nMAINPID={}", std::process::id())),
        false => tell("READY=1\nSTATUS=Serving"),
    }
}

/// A successor is being started.
pub(super) fn reloading() {
    let now = monotonic_micros();
    tell(&format!("RELOADING=1\nMONOTONIC_USEC={now}\nSTATUS=Starting the new process"));
}

/// The successor did not start: all is as before.
pub(super) fn still_here() {
    tell("READY=1\nSTATUS=Serving; the new process did not start");
}

/// This process serves from now on. It says so itself too, but systemd listens to all of a service's
/// processes only with `NotifyAccess=all`.
pub(super) fn handed_over(to: u32) {
    tell(&format!("READY=1\nMAINPID={to}"));
}

/// The service ends.
pub(super) fn stopping() {
    tell("STOPPING=1\nSTATUS=Finishing open requests");
}

fn tell(state: &str) {
    if let Err(error) = notify(state) {
        tracing::warn!(target: "carafe", "systemd could not be told `{}`: {error}", state.escape_debug());
    }
}
