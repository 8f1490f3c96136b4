//! HTTP without a network: requests, responses and the values in their headers.

pub mod values;
