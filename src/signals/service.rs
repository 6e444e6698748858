//! What the service manager is told, over the socket in `NOTIFY_SOCKET`.
//!
//! Without that socket every function does nothing. Errors are left: a service
//! manager that does not listen is no reason to fail.

use std::time::Duration;

use sd_notify::NotifyState;

/// The daemon serves: at the end of start-up, and after a reload.
pub fn ready(status: &str) {
    tell(&[NotifyState::Ready, NotifyState::Status(&one_line(status))]);
}

/// The configuration is being read again; [`ready`] must follow.
pub fn reloading() {
    // The time is what newer service managers tell reloads apart by.
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(_) => tell(&[NotifyState::Reloading]),
    }
}

/// The daemon is about to end.
pub fn stopping() {
    tell(&[NotifyState::Stopping, NotifyState::Status("stopping")]);
}

/// One line for `systemctl status`.
pub fn status(text: &str) {
    tell(&[NotifyState::Status(&one_line(text))]);
}

/// The supervisor is alive, and with it what it watches over.
pub fn watchdog() {
    tell(&[NotifyState::Watchdog]);
}

/// How often [`watchdog`] is to be called: half of what the service manager
/// allows. `None`: it does not ask for it.
pub fn watchdog_interval() -> Option<Duration> {
    let mut micros = 0;
    sd_notify::watchdog_enabled(false, &mut micros).then(|| Duration::from_micros(micros) / 2)
}

fn tell(states: &[NotifyState<'_>]) {
    let _ = sd_notify::notify(false, states);
}

/// A line break would begin another message.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_cannot_hold_another_message() {
        assert_eq!(one_line("a\nREADY=1"), "a READY=1");
    }
}
