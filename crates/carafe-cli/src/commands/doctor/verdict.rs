//! [`Verdict`]: can it be reached, and if not, which finding explains it best.

use super::finding::{Finding, Mark};

/// The end of an examination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Reached,
    /// The finding at this place explains why not.
    NotReached(usize),
    /// Nothing is in the way as far as could be seen; the finding at this place tells what could not.
    Unsure(usize),
}

/// Weighs the findings.
pub(crate) fn verdict(findings: &[Finding]) -> Verdict {
    let first = |mark: Mark| {
        let with_cause = findings.iter().enumerate().filter(|(_, found)| found.mark == mark);
        let ranked = with_cause.filter_map(|(at, found)| Some((found.cause?, at)));
        ranked.min().map(|(_, at)| at)
    };
    match (first(Mark::Problem), first(Mark::Unknown)) {
        (Some(at), _) => Verdict::NotReached(at),
        (None, Some(at)) => Verdict::Unsure(at),
        (None, None) => Verdict::Reached,
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Cause;
    use super::*;

    #[test]
    fn the_nearest_cause_wins() {
        let ok = || Finding::ok("a", "");
        let problem = |cause| Finding::problem("b", cause, "");
        let unseen = || Finding::unseen("c", Cause::FirewallUnseen, "");
        assert_eq!(verdict(&[ok(), Finding::note("n", "")]), Verdict::Reached);
        assert_eq!(verdict(&[ok(), unseen()]), Verdict::Unsure(1));
        assert_eq!(verdict(&[unseen(), problem(Cause::Vpn)]), Verdict::NotReached(1));
        let several = [problem(Cause::Wsl), problem(Cause::Firewall), problem(Cause::Container)];
        assert_eq!(verdict(&several), Verdict::NotReached(1));
        let nothing = [problem(Cause::Firewall), problem(Cause::NothingListens)];
        assert_eq!(verdict(&nothing), Verdict::NotReached(1));
        // What could not be seen and decides nothing.
        assert_eq!(verdict(&[Finding::new("d", Mark::Unknown, "")]), Verdict::Reached);
    }
}
