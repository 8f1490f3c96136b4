//! What stands in for `command.rs` without the feature `commands`: nobody can make a [`Command`],
//! and `#[command]` says what to do.

/// A command of the app's own; the feature `commands` brings what makes one.
#[derive(Debug, Clone, Copy)]
pub struct Command {
    name: &'static str,
    about: &'static str,
}

impl Command {
    /// What is typed to run it.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What it does, in one line; empty when its function has no doc comment.
    pub fn about(&self) -> &'static str {
        self.about
    }
}

/// The type that stands for a command in `commands!`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a command",
    label = "this function has no `#[command]`",
    note = "commands need the feature `commands`: cargo add carafe --features commands"
)]
pub trait CommandEndpoint {
    /// The command's record.
    fn command() -> Command;
}
