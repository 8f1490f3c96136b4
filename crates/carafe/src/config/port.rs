//! The setting `port`: a number, a range to choose from, or none in particular.

use std::fmt;

use super::setting::{plain, serde_by_plain};
use super::tree::{Node, Value};

/// Where `auto` begins to look. The default too.
const USUAL: u16 = 8000;

/// The port to listen on: `8000`, `"8000-8010"`, `"auto"`, or 0 for any.
///
/// ```
/// use carafe::config::Port;
///
/// let port: Port = serde_json::from_str("\"8000-8010\"").unwrap();
/// assert_eq!(port, Port::Range { first: 8000, last: 8010 });
/// assert_eq!(serde_json::from_str::<Port>("8000").unwrap(), 8000);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Port {
    /// This one; 0 is whichever the system gives.
    Number(u16),
    /// The first free one of these.
    Range {
        /// The first that is tried.
        first: u16,
        /// The last that is tried; not below `first`.
        last: u16,
    },
    /// The first free one from 8000 up.
    Auto,
}

impl Port {
    /// The ports to try, in this order.
    pub(crate) fn candidates(self) -> std::ops::RangeInclusive<u16> {
        match self {
            Port::Number(number) => number..=number,
            Port::Range { first, last } => first..=last,
            Port::Auto => USUAL..=u16::MAX,
        }
    }

    fn parse(text: &str) -> Option<Port> {
        let number = |text: &str| text.trim().replace('_', "").parse::<u16>().ok();
        if text.trim().eq_ignore_ascii_case("auto") {
            return Some(Port::Auto);
        }
        match text.split_once('-') {
            None => number(text).map(Port::Number),
            Some((first, last)) => match (number(first)?, number(last)?) {
                (first, last) if first == last => Some(Port::Number(first)),
                (first, last) => (0 < first && first < last).then_some(Port::Range { first, last }),
            },
        }
    }
}

impl Default for Port {
    /// 8000. Not Flask's 5000, which AirPlay has on a Mac.
    fn default() -> Port {
        Port::Number(USUAL)
    }
}

impl From<u16> for Port {
    fn from(number: u16) -> Port {
        Port::Number(number)
    }
}

impl PartialEq<u16> for Port {
    /// Whether it is just this one.
    fn eq(&self, number: &u16) -> bool {
        *self == Port::Number(*number)
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Port::Number(number) => number.fmt(f),
            Port::Range { first, last } => write!(f, "{first}-{last}"),
            Port::Auto => f.write_str("auto"),
        }
    }
}

serde_by_plain!(Port);

plain! {
    Port: "a number from 0 to 65535, a range such as `8000-8010`, or `auto`", port, shown;
}

fn port(node: &Node) -> Option<Port> {
    match node.as_integer() {
        Some(number) => u16::try_from(number).ok().map(Port::Number),
        None => Port::parse(node.as_text()?),
    }
}

fn shown(port: &Port) -> Value {
    match port {
        Port::Number(number) => Value::Integer((*number).into()),
        port => Value::Text(port.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, from_value, json, to_value};

    use super::*;

    #[test]
    fn numbers_ranges_and_auto() {
        let check = |json: Value, wanted: Option<Port>| {
            assert_eq!(from_value(json.clone()).ok(), wanted, "{json}");
            if let Some(port) = wanted {
                assert_eq!(from_value::<Port>(to_value(port).unwrap()).unwrap(), port);
            }
        };
        check(json!(0), Some(Port::Number(0)));
        check(json!(65535), Some(Port::Number(65535)));
        check(json!(65536), None);
        check(json!(-1), None);
        check(json!(80.5), None);
        check(json!("80"), Some(Port::Number(80)));
        check(json!(" 8_000 "), Some(Port::Number(8000)));
        check(json!("eighty"), None);
        check(json!(""), None);
        check(json!("auto"), Some(Port::Auto));
        check(json!("8000-8010"), Some(Port::Range { first: 8000, last: 8010 }));
        check(json!("8000 - 8010"), Some(Port::Range { first: 8000, last: 8010 }));
        check(json!("8000-8000"), Some(Port::Number(8000)));
        check(json!("8010-8000"), None);
        check(json!("0-10"), None);
        check(json!("0-0"), Some(Port::Number(0)));
        check(json!("8000-"), None);
        check(json!("1-65536"), None);
        check(json!("1-2-3"), None);
    }

    #[test]
    fn candidates_are_tried_in_order() {
        let check = |port: Port, first: u16, last: u16| {
            assert_eq!(port.candidates(), first..=last, "{port}");
        };
        check(Port::Number(0), 0, 0);
        check(Port::Range { first: 80, last: 90 }, 80, 90);
        check(Port::Auto, 8000, 65535);
    }
}
