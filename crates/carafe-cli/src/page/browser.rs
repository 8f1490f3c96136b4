//! Opens a page in the browser of whoever sits at this computer.

use std::process::{Command, Stdio};

/// Opens a URL where there is a desktop; whether something was started for it.
pub(crate) fn open(url: &str) -> bool {
    let Some(mut command) = command(|name| std::env::var_os(name).is_some_and(|v| !v.is_empty()))
    else {
        return false;
    };
    command.arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    match command.spawn() {
        Ok(mut child) => {
            std::thread::spawn(move || drop(child.wait()));
            true
        }
        Err(_) => false,
    }
}

/// The system's own opener. Somebody who came by ssh sits elsewhere.
fn command(has: impl Fn(&str) -> bool) -> Option<Command> {
    if cfg!(windows) {
        let mut command = Command::new("rundll32");
        command.arg("url.dll,FileProtocolHandler");
        return Some(command);
    }
    if has("SSH_CONNECTION") {
        return None;
    }
    if cfg!(target_os = "macos") {
        return Some(Command::new("open"));
    }
    (has("DISPLAY") || has("WAYLAND_DISPLAY")).then(|| Command::new("xdg-open"))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn needs_a_desktop() {
        let check = |set: &[&str], expected: bool| {
            assert_eq!(command(|name| set.contains(&name)).is_some(), expected, "{set:?}");
        };
        check(&[], false);
        check(&["DISPLAY"], true);
        check(&["WAYLAND_DISPLAY"], true);
        check(&["DISPLAY", "SSH_CONNECTION"], false);
    }
}
