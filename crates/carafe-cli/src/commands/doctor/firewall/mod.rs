//! Whether a firewall of this machine stops a client: rules read from the system's own programs,
//! judged for one packet. Nothing is changed, and nothing is sent.

pub(crate) mod front;
pub(crate) mod iptables;
mod iptables_match;
pub(crate) mod judge;
pub(crate) mod network;
pub(crate) mod nft;
mod nft_match;
mod nft_text;

#[cfg(test)]
mod tests;
