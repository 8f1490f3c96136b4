//! The checks, in the order in which they are told: from the URL over the app to what is around.
//!
//! Each is a function from facts to findings; none asks the machine anything.

mod address;
mod answers;
mod firewall;
mod host;
mod listening;
mod name;
mod place;
mod proxy;
pub(super) mod say;
mod url;
mod vpn;

use carafe_net::Lang;

use super::facts::Facts;
use super::finding::Finding;

/// One step.
type Check = fn(&Facts, Lang) -> Vec<Finding>;

const CHECKS: [Check; 10] = [
    url::check,
    listening::check,
    answers::check,
    name::check,
    firewall::check,
    place::check,
    vpn::check,
    address::check,
    host::check,
    proxy::check,
];

/// Everything that is found.
pub(crate) fn all(facts: &Facts, lang: Lang) -> Vec<Finding> {
    CHECKS.iter().flat_map(|check| check(facts, lang)).collect()
}
