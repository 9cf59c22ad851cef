//! `poll_oneoff`: waiting for clocks and descriptors.
//!
//! Files, outputs and streams the embedder plugged in are always ready. This program's standard
//! input and sockets are asked, where the host can be asked (Unix); elsewhere they are always ready
//! too, and a read may then block.

use crate::clocks::nanos;
use crate::ctx::WasiP1Ctx;
use crate::errno::{Errno, Result};
use crate::memory::GuestMemory;
use crate::stdio::Input;
use crate::table::Descriptor;
use crate::types::{Clockid, PollEvent, PollEventKind, Subscription, SubscriptionKind};
use std::time::Duration;

/// The most subscriptions of one call; more are [`Errno::Nomem`].
const MAX_SUBSCRIPTIONS: u32 = 1 << 16;

/// The interval at which a wait checks for interruption.
pub(crate) const SLICE: Duration = Duration::from_millis(50);

/// One subscription, resolved.
struct Pending {
    userdata: u64,
    wait: Wait,
}

enum Wait {
    /// Until this point of the monotonic clock.
    Until(u64),
    Fd {
        fd: u32,
        write: bool,
        asked: bool,
    },
}

impl WasiP1Ctx {
    pub(crate) fn poll_oneoff(
        &mut self,
        memory: &mut GuestMemory<'_>,
        subscriptions: u32,
        events: u32,
        count: u32,
        nevents: u32,
    ) -> Result<()> {
        if count == 0 {
            return Err(Errno::Inval);
        }
        if count > MAX_SUBSCRIPTIONS {
            return Err(Errno::Nomem);
        }
        let size = Subscription::size(memory.version());
        memory.slice(subscriptions, count * size)?;
        memory.slice(events, count * PollEvent::SIZE)?;
        memory.slice(nevents, 4)?;
        let pending = (0..count)
            .map(|index| Subscription::load(memory, subscriptions + index * size))
            .map(|subscription| self.resolve(subscription?))
            .collect::<Result<Vec<_>>>()?;
        let ready = self.wait(&pending)?;
        let mut stored = 0;
        for event in ready {
            event.store(memory, events + stored * PollEvent::SIZE)?;
            stored += 1;
        }
        memory.write_u32(nevents, stored)
    }

    /// Checks a subscription, and turns its time into a point of the monotonic clock.
    fn resolve(&self, subscription: Subscription) -> Result<Pending> {
        let wait = match subscription.what {
            SubscriptionKind::Clock { id, timeout, absolute } => {
                let now = self.monotonic_clock.now();
                Wait::Until(match (id, absolute) {
                    (Clockid::Cputime, _) => return Err(Errno::Inval),
                    (Clockid::Monotonic, true) => timeout,
                    (Clockid::Realtime, true) => {
                        let left = timeout.saturating_sub(nanos(self.wall_clock.now()));
                        now.saturating_add(left)
                    }
                    (_, false) => now.saturating_add(timeout),
                })
            }
            SubscriptionKind::Read { fd } => match self.table.get(fd)? {
                Descriptor::Stdin(Input::Host)
                | Descriptor::Listener { .. }
                | Descriptor::Stream { .. } => Wait::Fd { fd, write: false, asked: cfg!(unix) },
                Descriptor::Stdin(Input::Custom(_)) | Descriptor::File(_) => {
                    Wait::Fd { fd, write: false, asked: false }
                }
                Descriptor::Output(_) | Descriptor::Dir(_) => return Err(Errno::Badf),
            },
            SubscriptionKind::Write { fd } => match self.table.get(fd)? {
                Descriptor::Stream { .. } => Wait::Fd { fd, write: true, asked: cfg!(unix) },
                Descriptor::Output(_) | Descriptor::File(_) => {
                    Wait::Fd { fd, write: true, asked: false }
                }
                Descriptor::Stdin(_) | Descriptor::Dir(_) | Descriptor::Listener { .. } => {
                    return Err(Errno::Badf);
                }
            },
        };
        Ok(Pending { userdata: subscription.userdata, wait })
    }

    /// Waits until at least one of `pending` is ready, and returns all that are, in their order.
    fn wait(&self, pending: &[Pending]) -> Result<Vec<PollEvent>> {
        let is_asked = |p: &&Pending| matches!(p.wait, Wait::Fd { asked: true, .. });
        let is_ready = |p: &Pending| matches!(p.wait, Wait::Fd { asked: false, .. });
        let asked: Vec<_> = pending.iter().filter(is_asked).collect();
        let deadline = pending
            .iter()
            .filter_map(|p| if let Wait::Until(at) = p.wait { Some(at) } else { None })
            .min();
        let any_ready = pending.iter().any(is_ready);
        loop {
            let left = deadline
                .map(|at| Duration::from_nanos(at.saturating_sub(self.monotonic_clock.now())));
            let mut timeout = if any_ready { Some(Duration::ZERO) } else { left };
            if self.interrupted.is_some() && self.monotonic_clock.runs_by_itself() {
                timeout = Some(timeout.unwrap_or(SLICE).min(SLICE));
            }
            let states = self.ask(&asked, timeout)?;
            let now = self.monotonic_clock.now();
            let mut states = states.into_iter();
            let mut events = Vec::new();
            for p in pending {
                let what = match p.wait {
                    Wait::Until(at) => (at <= now).then_some(PollEventKind::Clock),
                    Wait::Fd { fd, write: false, asked: false } => Some(self.readable(fd)?),
                    Wait::Fd { write: true, asked: false, .. } => {
                        Some(PollEventKind::Write { nbytes: 1 })
                    }
                    Wait::Fd { write, asked: true, .. } => {
                        states.next().and_then(|state| state.event(write))
                    }
                };
                events.extend(what.map(|what| PollEvent { userdata: p.userdata, what }));
            }
            if !events.is_empty() {
                return Ok(events);
            }
            self.check_interrupted()?;
        }
    }

    /// Waits until reading from a descriptor would not block, if the embedder can end waits.
    pub(crate) fn await_input(&self, fd: u32) -> Result<()> {
        let blocks = match self.table.get(fd)? {
            Descriptor::Stdin(Input::Host) => true,
            Descriptor::Listener { nonblocking, .. } | Descriptor::Stream { nonblocking, .. } => {
                !nonblocking
            }
            _ => false,
        };
        if blocks && self.interrupted.is_some() {
            let wait = Wait::Fd { fd, write: false, asked: true };
            let input = Pending { userdata: 0, wait };
            while !self.ask_host(&[&input], Some(SLICE))?.iter().any(|state| state.ready) {
                self.check_interrupted()?;
            }
        }
        Ok(())
    }

    fn check_interrupted(&self) -> Result<()> {
        let ends = self.interrupted.as_ref().is_some_and(|interrupted| interrupted());
        if ends { Err(Errno::Intr) } else { Ok(()) }
    }

    /// Returns the event of a descriptor that is readable without asking the host.
    fn readable(&self, fd: u32) -> Result<PollEventKind> {
        Ok(match self.table.get(fd)? {
            Descriptor::File(file) => {
                let nbytes = file.remaining()?;
                PollEventKind::Read { nbytes, hangup: nbytes == 0 }
            }
            _ => PollEventKind::Read { nbytes: 1, hangup: false },
        })
    }

    /// Lets at most `timeout` pass until one of `asked` is ready (`None`: as long as it takes), and
    /// returns the state of each.
    fn ask(&self, asked: &[&Pending], timeout: Option<Duration>) -> Result<Vec<State>> {
        if !asked.is_empty() && self.monotonic_clock.runs_by_itself() {
            return self.ask_host(asked, timeout);
        }
        // On a virtual clock the descriptors are looked at before time is let pass.
        let states = match timeout {
            _ if asked.is_empty() => Vec::new(),
            None => return self.ask_host(asked, self.interrupted.as_ref().map(|_| SLICE)),
            Some(_) => self.ask_host(asked, Some(Duration::ZERO))?,
        };
        let any = states.iter().any(|state| state.ready);
        if let (false, Some(timeout)) = (any, timeout) {
            self.monotonic_clock.sleep(timeout);
        }
        Ok(states)
    }

    #[cfg(unix)]
    fn ask_host(&self, asked: &[&Pending], timeout: Option<Duration>) -> Result<Vec<State>> {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let stdin = std::io::stdin();
        let mut fds = Vec::with_capacity(asked.len());
        for p in asked {
            let Wait::Fd { fd, write, .. } = p.wait else {
                continue;
            };
            let interest = if write { PollFlags::OUT } else { PollFlags::IN };
            fds.push(match self.table.get(fd)? {
                Descriptor::Listener { listener, .. } => PollFd::new(listener, interest),
                Descriptor::Stream { stream, .. } => PollFd::new(stream, interest),
                _ => PollFd::new(&stdin, interest),
            });
        }
        let timeout = timeout.map(|timeout| Timespec {
            tv_sec: i64::try_from(timeout.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: timeout.subsec_nanos().into(),
        });
        match poll(&mut fds, timeout.as_ref()) {
            // A signal: the caller looks at the clocks and asks again.
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(std::io::Error::from(error).into()),
        }
        let state = |fd: &PollFd<'_>| State {
            ready: !fd.revents().is_empty(),
            hangup: fd.revents().intersects(PollFlags::HUP | PollFlags::ERR),
        };
        Ok(fds.iter().map(state).collect())
    }

    #[cfg(not(unix))]
    fn ask_host(&self, asked: &[&Pending], _: Option<Duration>) -> Result<Vec<State>> {
        Ok(asked.iter().map(|_| State { ready: true, hangup: false }).collect())
    }
}

/// The host's state of a descriptor.
struct State {
    ready: bool,
    hangup: bool,
}

impl State {
    fn event(&self, write: bool) -> Option<PollEventKind> {
        let kind = if write {
            PollEventKind::Write { nbytes: 1 }
        } else {
            PollEventKind::Read { nbytes: 1, hangup: self.hangup }
        };
        self.ready.then_some(kind)
    }
}
