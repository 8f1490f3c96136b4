//! `--json`: a list with an object for each socket. The fields are a promise, told by `--help`.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use carafe_net::{Holder, HolderKind, service_name};
use serde::Serialize;

#[derive(Serialize)]
struct Row<'a> {
    address: IpAddr,
    port: u16,
    kind: &'static str,
    service: Option<&'static str>,
    program: Option<&'a str>,
    pid: Option<u32>,
    uid: u32,
    user: &'a str,
    command: Option<&'a [String]>,
    exe: Option<String>,
    folder: Option<String>,
    age_seconds: Option<u64>,
    suspended: Option<bool>,
    app: Option<&'a str>,
    container: Option<SocketAddr>,
}

/// The sockets as indented JSON.
pub(super) fn text(found: &[Holder]) -> String {
    let rows: Vec<Row<'_>> = found.iter().map(row).collect();
    // Numbers and text alone cannot fail.
    serde_json::to_string_pretty(&rows).unwrap_or_default() + "\n"
}

fn row(holder: &Holder) -> Row<'_> {
    let process = holder.process.as_ref();
    let path = |path: &Path| path.to_string_lossy().into_owned();
    Row {
        address: holder.address.ip(),
        port: holder.address.port(),
        kind: kind(&holder.kind),
        service: service_name(holder.address.port()),
        program: process.map(|process| process.name.as_str()),
        pid: process.map(|process| process.pid),
        uid: process.map_or(holder.uid, |process| process.uid),
        user: process.map_or(&holder.user, |process| &process.user),
        command: process.map(|process| process.command.as_slice()),
        exe: process.and_then(|process| process.exe.as_deref()).map(path),
        folder: process.and_then(|process| process.folder.as_deref()).map(path),
        age_seconds: process.and_then(|process| process.age).map(|age| age.as_secs()),
        suspended: process.map(|process| process.suspended),
        app: match &holder.kind {
            HolderKind::CarafeApp(name) => Some(name),
            _ => None,
        },
        container: holder.container(),
    }
}

fn kind(kind: &HolderKind) -> &'static str {
    match kind {
        HolderKind::ThisProgram => "this-program",
        HolderKind::CarafeApp(_) => "carafe-app",
        HolderKind::DockerProxy => "container",
        HolderKind::AirPlay => "airplay",
        HolderKind::Program => "program",
        HolderKind::OtherUser => "other-user",
        _ => "unknown",
    }
}
