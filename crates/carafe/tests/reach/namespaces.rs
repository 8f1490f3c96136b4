//! Two machines that are none: network namespaces with a cable between them.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use crate::process::PATIENCE;

/// A `laptop` at 10.77.0.1 and a `phone` at 10.77.0.2; gone when dropped.
pub(crate) struct Network {
    pub(crate) laptop: String,
    pub(crate) phone: String,
}

impl Network {
    /// `None` where this user may not make one.
    pub(crate) fn new() -> Option<Network> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let id = format!("{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let network = Network { laptop: format!("laptop-{id}"), phone: format!("phone-{id}") };
        if !may_make() {
            eprintln!("left out: this user may not make network namespaces");
            return None;
        }
        let (laptop, phone) = (&network.laptop, &network.phone);
        ip(&format!("netns add {laptop}"));
        ip(&format!("netns add {phone}"));
        ip(&format!("-n {laptop} link add eth0 type veth peer name eth0 netns {phone}"));
        for (name, address) in [(laptop, "10.77.0.1/24"), (phone, "10.77.0.2/24")] {
            ip(&format!("-n {name} address add {address} dev eth0"));
            ip(&format!("-n {name} link set lo up"));
            ip(&format!("-n {name} link set eth0 up"));
        }
        Some(network)
    }

    /// The command as it runs on one of them.
    pub(crate) fn on(&self, name: &str, command: &Command) -> Command {
        let mut inside = Command::new("ip");
        inside.args(["netns", "exec", name]).arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => inside.env(name, value),
                None => inside.env_remove(name),
            };
        }
        inside
    }

    /// The kernel brings an interface up a moment after it was told to.
    pub(crate) fn wait_until_up(&self, name: &str, interface: &str) {
        let deadline = Instant::now() + PATIENCE;
        let mut cat = Command::new("cat");
        cat.arg(format!("/sys/class/net/{interface}/operstate"));
        while self.on(name, &cat).output().unwrap().stdout != b"up\n" {
            assert!(Instant::now() < deadline, "{interface} does not come up");
        }
    }

    /// What a GET gives on one of them: the status, a space, the body; or the failure.
    pub(crate) fn get(&self, name: &str, url: &str, header: Option<(&str, &str)>) -> String {
        const SCRIPT: &str = "
import sys, urllib.request, urllib.error
request = urllib.request.Request(sys.argv[1])
if len(sys.argv) > 2: request.add_header(*sys.argv[2:])
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
try: answer = opener.open(request, timeout=10)
except urllib.error.HTTPError as error: answer = error
except OSError as error: sys.exit(print(error))
print(answer.status, answer.read().decode())";
        let mut python = Command::new("python3");
        python.args(["-c", SCRIPT, url]);
        if let Some((name, value)) = header {
            python.args([name, value]);
        }
        let output = self.on(name, &python).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for name in [&self.laptop, &self.phone] {
            let _ = Command::new("ip").args(["netns", "delete", name]).output();
        }
    }
}

fn may_make() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    let able = Command::new("ip").args(["netns", "list"]).output();
    id.stdout == b"0\n" && able.is_ok_and(|output| output.status.success())
}

#[track_caller]
pub(crate) fn ip(arguments: &str) {
    let output = Command::new("ip").args(arguments.split(' ')).output().unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "ip {arguments}: {words}");
}
