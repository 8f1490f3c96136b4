//! x
mod firewall;
