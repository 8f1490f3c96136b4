//! [`WhyNot`]: the holders that are never ended from here.

use crate::{Holder, HolderKind, Lang, Process, my_uid};

/// Why a holder is not ended, although somebody wants its port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhyNot {
    /// It belongs to another user.
    OtherUser,
    /// It is process 1, which started all others.
    Init,
    /// It is a part of the kernel.
    Kernel,
    /// It is the program that asks.
    Ourselves,
    /// Its process cannot be seen.
    Unseen,
    /// It stands for a container, which is to be ended instead.
    Container,
    /// It is a part of macOS, which would start it again.
    AirPlay,
}

impl WhyNot {
    /// Why this process must not be ended; `None` when it may be.
    pub(crate) fn of(process: &Process) -> Option<WhyNot> {
        match process.pid {
            0 | 1 => Some(WhyNot::Init),
            pid if pid == std::process::id() => Some(WhyNot::Ourselves),
            _ if process.uid != my_uid() => Some(WhyNot::OtherUser),
            // Only threads of the kernel have no words that they were started with.
            _ if process.command.is_empty() => Some(WhyNot::Kernel),
            _ => None,
        }
    }

    pub(super) fn of_holder(holder: &Holder) -> Option<WhyNot> {
        match (&holder.kind, &holder.process) {
            (HolderKind::DockerProxy, _) => Some(WhyNot::Container),
            (HolderKind::AirPlay, _) => Some(WhyNot::AirPlay),
            (HolderKind::OtherUser, _) => Some(WhyNot::OtherUser),
            (_, None) => Some(WhyNot::Unseen),
            (_, Some(process)) => WhyNot::of(process),
        }
    }

    /// The reason in a sentence without its full stop.
    pub fn reason(self, lang: Lang) -> &'static str {
        match self {
            WhyNot::OtherUser => {
                lang.pick("it belongs to another user", "다른 사용자의 프로그램입니다")
            }
            WhyNot::Init => lang.pick(
                "process 1 keeps the whole system running",
                "1번 프로세스는 시스템 전체를 실행합니다",
            ),
            WhyNot::Kernel => lang.pick("it is a part of the kernel", "커널의 일부입니다"),
            WhyNot::Ourselves => lang.pick("it is this program itself", "바로 이 프로그램입니다"),
            WhyNot::Unseen => {
                lang.pick("its process cannot be seen", "어느 프로세스인지 볼 수 없습니다")
            }
            WhyNot::Container => lang.pick(
                "a container is behind it: stop that container",
                "컨테이너로 이어지는 포트이므로 그 컨테이너를 멈춰야 합니다",
            ),
            WhyNot::AirPlay => lang.pick(
                "macOS would start it again: switch AirPlay Receiver off",
                "macOS가 다시 실행하므로 설정에서 AirPlay 수신 모드를 꺼야 합니다",
            ),
        }
    }
}
