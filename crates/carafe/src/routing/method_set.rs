//! Sets of methods, compared by one bit on a request's way.

use ::http::Method;

/// The methods that have a bit of their own, in the order in which `Allow` lists them.
const STANDARD: [Method; 9] = [
    Method::GET,
    Method::HEAD,
    Method::OPTIONS,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
    Method::CONNECT,
    Method::TRACE,
];

/// The bit that all other methods share.
const OTHER: u16 = 1 << 15;

/// Some methods, or any.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct MethodSet {
    bits: u16,
    /// The extension methods; empty together with the bit `OTHER` means any.
    others: Vec<Method>,
}

/// A request's method with its bit, looked up once for all rules.
#[derive(Clone, Copy)]
pub(crate) struct RequestMethod<'m> {
    bit: u16,
    method: &'m Method,
}

impl<'m> RequestMethod<'m> {
    pub(crate) fn new(method: &'m Method) -> Self {
        Self { bit: bit(method), method }
    }

    /// A method that no rule takes, to ask which are allowed.
    pub(crate) fn unheard_of() -> Self {
        Self { bit: 0, method: &Method::OPTIONS }
    }

    pub(crate) fn method(self) -> &'m Method {
        self.method
    }

    pub(crate) fn is_unheard_of(self) -> bool {
        self.bit == 0
    }
}

impl MethodSet {
    pub(crate) const fn any() -> Self {
        Self { bits: u16::MAX, others: Vec::new() }
    }

    pub(crate) fn is_any(&self) -> bool {
        self.bits == u16::MAX && self.others.is_empty()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bits == 0
    }

    pub(crate) fn insert(&mut self, method: Method) {
        if self.is_any() {
            return;
        }
        let bit = bit(&method);
        self.bits |= bit;
        if bit == OTHER && !self.others.contains(&method) {
            self.others.push(method);
        }
    }

    #[inline]
    pub(crate) fn allows(&self, request: RequestMethod<'_>) -> bool {
        self.bits & request.bit != 0
            && (request.bit != OTHER
                || self.others.is_empty()
                || self.others.contains(request.method))
    }

    pub(crate) fn contains(&self, method: &Method) -> bool {
        self.allows(RequestMethod::new(method))
    }

    /// Adds all of another set; any method counts as those that browsers and tools use.
    pub(crate) fn extend(&mut self, other: &Self) {
        if other.is_any() {
            self.bits |= (1 << 7) - 1;
            return;
        }
        self.bits |= other.bits;
        for method in &other.others {
            self.insert(method.clone());
        }
    }

    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        if self.is_any() || other.is_any() {
            return !self.is_empty() && !other.is_empty();
        }
        self.bits & other.bits & !OTHER != 0
            || self.others.iter().any(|method| other.others.contains(method))
    }

    /// The methods, in the order of `Allow`; `None` means any.
    pub(crate) fn list(&self) -> Option<Vec<Method>> {
        if self.is_any() {
            return None;
        }
        let standard = STANDARD.into_iter().filter(|method| self.bits & bit(method) != 0);
        Some(standard.chain(self.others.iter().cloned()).collect())
    }
}

impl FromIterator<Method> for MethodSet {
    fn from_iter<I: IntoIterator<Item = Method>>(methods: I) -> Self {
        let mut set = Self::default();
        for method in methods {
            set.insert(method);
        }
        set
    }
}

fn bit(method: &Method) -> u16 {
    match *method {
        Method::GET => 1,
        Method::HEAD => 1 << 1,
        Method::OPTIONS => 1 << 2,
        Method::POST => 1 << 3,
        Method::PUT => 1 << 4,
        Method::PATCH => 1 << 5,
        Method::DELETE => 1 << 6,
        Method::CONNECT => 1 << 7,
        Method::TRACE => 1 << 8,
        _ => OTHER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn method(name: &str) -> Method {
        Method::from_bytes(name.as_bytes()).unwrap()
    }

    fn set(names: &[&str]) -> MethodSet {
        names.iter().map(|name| method(name)).collect()
    }

    #[test]
    fn allows() {
        let check = |names: &[&str], name: &str, expected: bool| {
            assert_eq!(set(names).contains(&method(name)), expected, "{names:?} {name}");
        };
        check(&["GET", "POST"], "GET", true);
        check(&["GET", "POST"], "PUT", false);
        check(&["GET"], "PURGE", false);
        check(&["PURGE"], "PURGE", true);
        check(&["PURGE"], "BAN", false);
        assert!(MethodSet::any().contains(&method("PURGE")));
        assert!(!set(&["GET"]).allows(RequestMethod::unheard_of()));
        assert!(!MethodSet::any().allows(RequestMethod::unheard_of()));
    }

    #[test]
    fn lists_in_order() {
        let expected: Vec<Method> = ["GET", "OPTIONS", "POST", "PURGE"].map(method).into();
        assert_eq!(set(&["PURGE", "POST", "OPTIONS", "GET", "POST"]).list(), Some(expected));
        assert_eq!(MethodSet::any().list(), None);
    }

    #[test]
    fn overlaps() {
        let check = |a: &[&str], b: &[&str], expected: bool| {
            assert_eq!(set(a).overlaps(&set(b)), expected, "{a:?} {b:?}");
        };
        check(&["GET"], &["POST", "GET"], true);
        check(&["GET"], &["POST"], false);
        check(&["PURGE"], &["BAN"], false);
        check(&["PURGE"], &["PURGE"], true);
        assert!(MethodSet::any().overlaps(&set(&["PURGE"])));
    }
}
