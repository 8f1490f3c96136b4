//! The programs that answer the same requests.

use std::path::PathBuf;

use super::{Place, build};
use crate::error::Result;
use crate::workspace::Workspace;

/// One worker, a free port, no access log.
pub(super) const ENVIRONMENT: &[(&str, &str)] =
    &[("CARAFE_PORT", "0"), ("CARAFE_WORKERS", "1"), ("CARAFE_ACCESS_LOG", "off")];

/// What is asked for: a name for the table, and the target.
pub(super) const TARGETS: [(&str, &str); 3] =
    [("plaintext", "/"), ("two parameters", "/projects/7/issues/42"), ("JSON", "/json")];

/// A server among the measured ones.
pub(super) struct Server {
    /// As tables name it.
    pub(super) name: &'static str,
    place: Place,
    package: &'static str,
    program: &'static str,
    /// Beside [`ENVIRONMENT`].
    pub(super) environment: &'static [(&'static str, &'static str)],
}

/// All of them; the first is what the others are compared with.
pub(super) const SERVERS: [Server; 6] = [
    Server {
        name: "raw hyper",
        place: Place::Own,
        package: "bench-floor",
        program: "bench-floor",
        environment: &[],
    },
    Server {
        name: "Carafe",
        place: Place::Own,
        package: "bench",
        program: "carafe-server",
        environment: &[],
    },
    Server {
        name: "axum, one runtime per core",
        place: Place::Peers,
        package: "bench-peers",
        program: "axum-server",
        environment: &[],
    },
    Server {
        name: "axum, multi-thread",
        place: Place::Peers,
        package: "bench-peers",
        program: "axum-server",
        environment: &[("BENCH_THREADS", "multi")],
    },
    Server {
        name: "actix-web",
        place: Place::Peers,
        package: "on-actix",
        program: "on-actix",
        environment: &[],
    },
    Server {
        name: "Rocket",
        place: Place::Peers,
        package: "on-rocket",
        program: "on-rocket",
        environment: &[],
    },
];

impl Server {
    /// Builds its program.
    pub(super) fn build(&self, workspace: &Workspace) -> Result<PathBuf> {
        build(workspace, self.place, self.package, self.program)
    }

    /// All its variables.
    pub(super) fn variables(&self) -> Vec<(&'static str, &'static str)> {
        [ENVIRONMENT, self.environment].concat()
    }
}
