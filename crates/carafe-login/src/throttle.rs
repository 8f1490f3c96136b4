//! How many wrong passwords are too many: counted by account and by address, within a window that begins with the first.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What is counted at most; each takes some 30 bytes.
const MOST: usize = 50_000;

/// The counters. Names are kept as keyed hashes of eight bytes, so that a long name costs as much as a short one and none can be
/// read from memory.
pub(crate) struct Throttle {
    limits: Limits,
    hasher: RandomState,
    counts: Mutex<HashMap<u64, Count>>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// 0 is no limit.
    pub(crate) per_account: u32,
    pub(crate) per_address: u32,
    pub(crate) window: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Count {
    tries: u32,
    since: Instant,
}

/// Who tries.
pub(crate) struct Who {
    account: u64,
    address: Option<u64>,
}

impl Throttle {
    pub(crate) fn new(limits: Limits) -> Throttle {
        Throttle { limits, hasher: RandomState::new(), counts: Mutex::default() }
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<u64, Count>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who tries: an account by its name, whatever its case, and an address.
    pub(crate) fn who(&self, account: &str, address: Option<IpAddr>) -> Who {
        let account = self.hasher.hash_one(("account", account.trim().to_lowercase()));
        let address = address.map(|address| self.hasher.hash_one(("address", network(address))));
        Who { account, address }
    }

    /// Counts a try before it is made, so that many at once are no way around.
    ///
    /// # Errors
    /// How long to wait, when there were too many.
    pub(crate) fn begin(&self, who: &Who, now: Instant) -> Result<(), Duration> {
        let mut counts = self.counts();
        let keys =
            [(Some(who.account), self.limits.per_account), (who.address, self.limits.per_address)];
        let counted = || keys.into_iter().filter_map(|(key, most)| Some((key?, most)));
        for (key, most) in counted().filter(|(_, most)| *most > 0) {
            if let Some(count) = self.running(&counts, key, now)
                && count.tries >= most
            {
                return Err((count.since + self.limits.window).saturating_duration_since(now));
            }
        }
        for (key, _) in counted() {
            let count = self.running(&counts, key, now).unwrap_or(Count { tries: 0, since: now });
            make_room(&mut counts, self.limits.window, now);
            counts.insert(key, Count { tries: count.tries.saturating_add(1), ..count });
        }
        Ok(())
    }

    fn running(&self, counts: &HashMap<u64, Count>, key: u64, now: Instant) -> Option<Count> {
        let count = counts.get(&key).copied()?;
        (now.saturating_duration_since(count.since) < self.limits.window).then_some(count)
    }

    /// The password was right: the account begins anew, and the address is not charged for it.
    pub(crate) fn succeed(&self, who: &Who) {
        let mut counts = self.counts();
        counts.remove(&who.account);
        if let Some(count) = who.address.and_then(|address| counts.get_mut(&address)) {
            count.tries = count.tries.saturating_sub(1);
        }
    }
}

/// Drops what is over, and if that is not enough, what began first.
fn make_room(counts: &mut HashMap<u64, Count>, window: Duration, now: Instant) {
    if counts.len() < MOST {
        return;
    }
    counts.retain(|_, count| now.saturating_duration_since(count.since) < window);
    if counts.len() >= MOST {
        // A tenth at once, so that this is rare however fast they come. Those who tried most stay.
        let mut all: Vec<(u32, Instant, u64)> =
            counts.iter().map(|(key, count)| (count.tries, count.since, *key)).collect();
        all.sort_unstable();
        for (_, _, key) in all.into_iter().take(MOST / 10) {
            counts.remove(&key);
        }
    }
}

/// Whoever has one IPv6 address usually has 2^64 of them.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Duration = Duration::from_secs(60);

    fn throttle(per_account: u32, per_address: u32) -> Throttle {
        Throttle::new(Limits { per_account, per_address, window: WINDOW })
    }

    fn ip(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn an_account_is_closed_for_a_while() {
        let throttle = throttle(3, 0);
        let start = Instant::now();
        let ann = throttle.who("Ann@Example.com", ip("10.0.0.1"));
        for _ in 0..3 {
            assert!(throttle.begin(&ann, start).is_ok());
        }
        // From anywhere, in any case.
        let again = throttle.who(" ann@example.COM ", ip("10.0.0.2"));
        assert_eq!(throttle.begin(&again, start), Err(WINDOW));
        let later = start + Duration::from_secs(59);
        assert_eq!(throttle.begin(&again, later), Err(Duration::from_secs(1)));
        assert!(throttle.begin(&throttle.who("bob", ip("10.0.0.1")), start).is_ok());
        assert!(throttle.begin(&again, start + WINDOW).is_ok());
    }

    #[test]
    fn the_right_password_begins_anew() {
        let throttle = throttle(2, 2);
        let start = Instant::now();
        let ann = throttle.who("ann", ip("10.0.0.1"));
        for _ in 0..10 {
            assert!(throttle.begin(&ann, start).is_ok());
            throttle.succeed(&ann);
        }
    }

    #[test]
    fn an_address_is_a_network() {
        let check = |first: &str, other: &str, same: bool| {
            let throttle = throttle(0, 1);
            let start = Instant::now();
            assert!(throttle.begin(&throttle.who("a", ip(first)), start).is_ok());
            let second = throttle.begin(&throttle.who("b", ip(other)), start);
            assert_eq!(second.is_err(), same, "{first} {other}");
        };
        check("10.0.0.1", "10.0.0.1", true);
        check("10.0.0.1", "10.0.0.2", false);
        check("10.0.0.1", "::ffff:10.0.0.1", true);
        check("2001:db8::1", "2001:db8::2:3", true);
        check("2001:db8::1", "2001:db8:0:1::1", false);
    }

    #[test]
    fn memory_is_bounded() {
        let throttle = throttle(3, 0);
        let start = Instant::now();
        let victim = throttle.who("victim", None);
        for _ in 0..3 {
            throttle.begin(&victim, start).unwrap();
        }
        for number in 0..MOST * 2 {
            throttle.begin(&throttle.who(&number.to_string(), None), start).unwrap();
        }
        assert!(throttle.counts().len() <= MOST);
        // A flood of names does not wash away who was tried often.
        assert!(throttle.begin(&victim, start).is_err());
    }
}
