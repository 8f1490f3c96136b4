//! Where this machine stands: in a container, in WSL, at a cloud provider.

use carafe_net::System;

/// What is around this machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) container: Option<Container>,
    pub(crate) wsl: Option<Wsl>,
    pub(crate) cloud: Option<Cloud>,
    /// An editor passes ports on from inside a container, also those of its 127.0.0.1.
    pub(crate) forwards: bool,
}

/// What kind of container this runs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Container {
    Docker,
    Podman,
    Kubernetes,
    Lxc,
}

/// Linux inside Windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wsl {
    /// Version 1 has Windows' own addresses.
    One,
    /// Version 2, behind Windows' address translation.
    Nat,
    /// Version 2 with Windows' own addresses.
    Mirrored,
}

/// Who lends this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cloud {
    Amazon,
    Google,
    Azure,
    DigitalOcean,
    Hetzner,
    Other,
}

impl Container {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Container::Docker => "Docker",
            Container::Podman => "Podman",
            Container::Kubernetes => "Kubernetes",
            Container::Lxc => "LXC",
        }
    }
}

/// What editors set that work inside of containers.
const EDITORS: [&str; 4] =
    ["REMOTE_CONTAINERS", "CODESPACES", "GITPOD_WORKSPACE_ID", "DEVPOD_WORKSPACE_ID"];

impl Place {
    /// `mirrored`: whether an interface is there that only mirrored WSL has.
    pub(crate) fn read(system: &System, mirrored: bool) -> Place {
        Place {
            container: container(system),
            wsl: wsl(&text(system, "proc/sys/kernel/osrelease"), mirrored),
            cloud: cloud(system),
            forwards: EDITORS.iter().any(|name| std::env::var_os(name).is_some()),
        }
    }
}

fn text(system: &System, path: &str) -> String {
    std::fs::read_to_string(system.path(path)).unwrap_or_default()
}

fn container(system: &System) -> Option<Container> {
    let cgroup = text(system, "proc/1/cgroup");
    let kubernetes = "var/run/secrets/kubernetes.io";
    if cgroup.contains("kubepods") || system.path(kubernetes).exists() {
        return Some(Container::Kubernetes);
    }
    if system.path("run/.containerenv").exists() || cgroup.contains("libpod") {
        return Some(Container::Podman);
    }
    if system.path(".dockerenv").exists() || cgroup.contains("/docker") {
        return Some(Container::Docker);
    }
    let lxc = cgroup.contains("/lxc") || text(system, "run/systemd/container").trim() == "lxc";
    lxc.then_some(Container::Lxc)
}

/// `4.4.0-19041-Microsoft` is version 1, `5.15.90.1-microsoft-standard-WSL2` version 2.
fn wsl(release: &str, mirrored: bool) -> Option<Wsl> {
    let release = release.trim();
    if !release.to_ascii_lowercase().contains("microsoft") {
        return None;
    }
    Some(match release.contains("WSL2") || release.contains("-microsoft-") {
        true if mirrored => Wsl::Mirrored,
        true => Wsl::Nat,
        false => Wsl::One,
    })
}

/// The names that the firmware of rented machines gives.
fn cloud(system: &System) -> Option<Cloud> {
    let name = |file: &str| text(system, &format!("sys/class/dmi/id/{file}")).trim().to_owned();
    let names = ["sys_vendor", "product_name", "bios_vendor", "chassis_asset_tag"].map(name);
    let known = [
        ("Amazon EC2", Cloud::Amazon),
        ("Google Compute Engine", Cloud::Google),
        // Azure's asset tag; Hyper-V at home has the same vendor, and another tag.
        ("7783-7084-3265-9085-8269-3286-77", Cloud::Azure),
        ("OracleCloud.com", Cloud::Other),
        ("DigitalOcean", Cloud::DigitalOcean),
        ("Hetzner", Cloud::Hetzner),
        ("Vultr", Cloud::Other),
        ("Linode", Cloud::Other),
        ("Akamai", Cloud::Other),
        ("Scaleway", Cloud::Other),
        ("Alibaba Cloud", Cloud::Other),
        ("OpenStack", Cloud::Other),
    ];
    let found = known.iter().find(|(word, _)| names.iter().any(|name| name.contains(word)));
    found.map(|(_, cloud)| *cloud)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(files: &[(&str, &str)], want: &Place) {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        assert_eq!(Place::read(&System::at(folder.path()), false), *want, "{files:?}");
    }

    #[test]
    fn knows_containers() {
        let inside = |container| Place { container: Some(container), ..Place::default() };
        check(&[], &Place::default());
        check(&[("proc/1/cgroup", "0::/init.scope\n")], &Place::default());
        check(&[(".dockerenv", "")], &inside(Container::Docker));
        check(&[("proc/1/cgroup", "0::/docker/abc\n")], &inside(Container::Docker));
        check(&[("run/.containerenv", "")], &inside(Container::Podman));
        let pod = "0::/kubepods.slice/kubepods-burstable.slice\n";
        check(&[("proc/1/cgroup", pod), (".dockerenv", "")], &inside(Container::Kubernetes));
        check(&[("run/systemd/container", "lxc\n")], &inside(Container::Lxc));
    }

    #[test]
    fn knows_clouds() {
        let at = |cloud| Place { cloud: Some(cloud), ..Place::default() };
        check(&[("sys/class/dmi/id/sys_vendor", "Amazon EC2\n")], &at(Cloud::Amazon));
        check(&[("sys/class/dmi/id/product_name", "Google Compute Engine\n")], &at(Cloud::Google));
        check(
            &[("sys/class/dmi/id/chassis_asset_tag", "7783-7084-3265-9085-8269-3286-77\n")],
            &at(Cloud::Azure),
        );
        check(&[("sys/class/dmi/id/sys_vendor", "LENOVO\n")], &Place::default());
    }

    #[test]
    fn knows_wsl() {
        assert_eq!(wsl("6.1.0-18-amd64", false), None);
        assert_eq!(wsl("4.4.0-19041-Microsoft", false), Some(Wsl::One));
        assert_eq!(wsl("5.15.90.1-microsoft-standard-WSL2\n", false), Some(Wsl::Nat));
        assert_eq!(wsl("5.15.90.1-microsoft-standard-WSL2", true), Some(Wsl::Mirrored));
    }
}
