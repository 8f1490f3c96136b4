//! The banner for programs: log lines with the same facts as fields.

use carafe_net::Lang;

use super::facts::{Details, Facts};
use super::reach;
use super::ways::Way;
use crate::run::How;

/// A line for each way in, then one for each remark on who can reach it.
pub(super) fn log(facts: &Facts, ways: &[Way]) {
    for way in ways {
        tracing::info!(
            target: "carafe",
            profile = facts.profile,
            url = way.url,
            kind = way.kind.map(|kind| kind.name(Lang::English)),
            link = way.link.as_ref().map(|(kind, _)| kind.name(Lang::English)),
            interface = way.link.as_ref().map(|(_, name)| name.as_str()),
            rules = facts.rules,
            workers = facts.workers,
            sockets = match facts.how {
                How::Bound => "bound",
                How::Activated => "activated",
                How::TakenOver => "taken over",
            },
            details = match facts.details {
                Details::Nobody => "nobody",
                Details::ThisComputer => "this computer",
                Details::Everyone => "everyone",
            },
            "{} {} is running", facts.name, facts.version
        );
    }
    for line in reach::lines(facts, ways) {
        tracing::info!(target: "carafe", "{}", line.trim_end_matches('.'));
    }
}
