//! The terminal: keys in, pictures out. Decides nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};
use zelador_actors::engine::Clock;

use super::scout::Scout;
use super::state::{Ask, News, State};
use super::theme::Theme;
use super::view::Scene;
use crate::cli::{Common, Exit, Failure};

/// Keys that wait for the picture to be drawn; more are pressed by no hand.
const KEYS: usize = 64;
/// Things that are asked for and not done yet.
const ASKS: usize = 8;
/// How soon the reader of keys sees that nobody wants any.
const GLANCE: Duration = Duration::from_millis(100);

/// What the keyboard and the window say.
#[derive(Debug)]
enum Input {
    Key(KeyCode),
    /// The window has another size, or must be drawn again.
    Draw,
    /// Ctrl-C, or nobody is there any more.
    Quit,
}

/// Gives the terminal back.
struct Given;

impl Drop for Given {
    fn drop(&mut self) {
        ratatui::restore();
    }
}

/// Watches until a key, a signal or the end of the terminal.
pub(super) async fn watch(common: &Common, pace: Duration, theme: Theme) -> Result<(), Failure> {
    let no_terminal =
        |error| Failure::new(Exit::No, format_args!("the terminal cannot be used: {error}"));
    let mut terminal = ratatui::try_init().map_err(no_terminal)?;
    let given = Given;
    let (asks, asked) = mpsc::channel(ASKS);
    let (told, news) = mpsc::channel(ASKS);
    tokio::spawn(Scout::new(common).run(asked, told));
    let stop = Arc::new(AtomicBool::new(false));
    let inputs = keyboard(stop.clone());
    let done = Watch { state: State::default(), theme, asks, looking: false }
        .turn(&mut terminal, inputs, news, pace)
        .await;
    stop.store(true, Ordering::Relaxed);
    drop(given);
    done.map_err(no_terminal)
}

struct Watch {
    state: State,
    theme: Theme,
    asks: mpsc::Sender<Ask>,
    /// A look is under way: the next tick asks for none.
    looking: bool,
}

impl Watch {
    async fn turn(
        mut self,
        terminal: &mut DefaultTerminal,
        mut inputs: mpsc::Receiver<Input>,
        mut news: mpsc::Receiver<News>,
        pace: Duration,
    ) -> std::io::Result<()> {
        let mut ticks = interval(pace);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut ends = signal(SignalKind::terminate())?;
        let mut hangups = signal(SignalKind::hangup())?;
        loop {
            self.draw(terminal)?;
            tokio::select! {
                input = inputs.recv() => match input {
                    None | Some(Input::Quit) => return Ok(()),
                    Some(Input::Draw) => {}
                    Some(Input::Key(key)) => match self.state.press(key) {
                        Some(Ask::Quit) => return Ok(()),
                        ask => self.ask(ask),
                    },
                },
                heard = news.recv() => self.hear(heard),
                _ = ticks.tick() => self.look(),
                _ = ends.recv() => return Ok(()),
                _ = hangups.recv() => return Ok(()),
            }
        }
    }

    fn hear(&mut self, heard: Option<News>) {
        let Some(heard) = heard else { return };
        let did = matches!(heard, News::Did(_));
        if matches!(heard, News::Seen(..) | News::Away(_) | News::Refused(_)) {
            self.looking = false;
        }
        self.state.hear(heard, Clock::system().now());
        if did {
            self.look();
        }
    }

    fn look(&mut self) {
        if !self.looking {
            self.ask(Some(Ask::Look(self.state.jobs_path())));
        }
    }

    fn ask(&mut self, ask: Option<Ask>) {
        let Some(ask) = ask else { return };
        let looks = matches!(ask, Ask::Look(_));
        match self.asks.try_send(ask) {
            Ok(()) => self.looking |= looks,
            Err(_) if looks => {}
            Err(_) => {
                let busy = News::Refused("the daemon is slow: press it again".to_owned());
                self.state.hear(busy, Clock::system().now());
            }
        }
    }

    fn draw(&self, terminal: &mut DefaultTerminal) -> std::io::Result<()> {
        let scene = Scene { state: &self.state, theme: self.theme, now: Clock::system().now() };
        terminal.draw(|frame| scene.draw(frame.area(), frame.buffer_mut())).map(|_| ())
    }
}

/// Reads the keyboard on a thread of its own: there is no other way to wait for it
/// without taking the runtime's.
fn keyboard(stop: Arc<AtomicBool>) -> mpsc::Receiver<Input> {
    let (to, inputs) = mpsc::channel(KEYS);
    std::thread::spawn(move || {
        while !stop.load(Ordering::Relaxed) {
            let input = match event::poll(GLANCE) {
                Ok(false) => continue,
                Ok(true) => event::read().map_or(Some(Input::Quit), |event| meant(&event)),
                Err(_) => Some(Input::Quit),
            };
            if input.is_some_and(|input| to.blocking_send(input).is_err()) {
                break;
            }
        }
    });
    inputs
}

fn meant(event: &Event) -> Option<Input> {
    match event {
        Event::Key(KeyEvent { kind: KeyEventKind::Release, .. }) => None,
        Event::Key(key) if key.modifiers.contains(KeyModifiers::CONTROL) => match key.code {
            KeyCode::Char('c' | 'd') => Some(Input::Quit),
            KeyCode::Char('l') => Some(Input::Draw),
            _ => None,
        },
        Event::Key(key) => Some(Input::Key(key.code)),
        Event::Resize(..) => Some(Input::Draw),
        _ => None,
    }
}
