//! Tickets: what lets one request be run again under a debugger, from its error page.

use crate::dev::channel;
use crate::trace::Record;

/// Where the tool's page is, such as `http://127.0.0.1:9173`.
const VARIABLE: &str = "CARAFE_TOOL_PAGE";

/// The link that runs this request again under the debugger; it holds a ticket of 128 random bits,
/// which the tool learns with the end of the request.
pub(super) fn link(record: &Record) -> Option<String> {
    channel::tool()?;
    let page = std::env::var(VARIABLE).ok().filter(|page| page.starts_with("http"))?;
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).ok()?;
    let ticket = format!("{:032x}", u128::from_be_bytes(bytes));
    let link = format!("{}/debug?ticket={ticket}", page.trim_end_matches('/'));
    record.failure().ticket = Some(ticket);
    Some(link)
}
