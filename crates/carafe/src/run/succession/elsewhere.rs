//! Systems on which sockets cannot be handed from process to process: there, this says so.

use std::io;
use std::sync::Arc;

use tokio::sync::mpsc::UnboundedSender;

use super::{Event, Step};
use crate::app::Site;
use crate::run::{RunError, lang};
use crate::server::{ListenAddress, Listener};

/// Nothing to hand on.
pub(in crate::run) struct Succession {
    site: Arc<Site>,
}

impl Succession {
    pub(in crate::run) fn new(site: &Arc<Site>) -> Succession {
        Succession { site: site.clone() }
    }

    pub(in crate::run) fn take_over(
        &mut self,
        _wants: &dyn Fn(&ListenAddress) -> bool,
    ) -> Result<Vec<Listener>, RunError> {
        let words = lang(self.site.core.config.settings()).pick(
            "`--take-over` works on Linux and macOS only\n\nhint: end the running app, then start this one",
            "`--take-over`는 Linux와 macOS에서만 동작합니다\n\nhint: 실행 중인 앱을 종료한 다음 시작하십시오",
        );
        Err(RunError::Refused(words.to_owned()))
    }

    pub(in crate::run) fn came_from_manager(&mut self, _did: bool) {}

    pub(in crate::run) fn owns_sockets(&self) -> bool {
        true
    }

    pub(in crate::run) fn offer(
        &mut self,
        _listeners: &[Listener],
        _events: &UnboundedSender<Event>,
    ) -> io::Result<()> {
        Ok(())
    }

    pub(in crate::run) fn serving(&mut self) {}

    pub(in crate::run) fn happened(&mut self, _event: Event) -> Step {
        Step::GoOn
    }

    pub(in crate::run) fn stopping(&mut self) {}

    pub(in crate::run) fn retire(&mut self) {}
}
