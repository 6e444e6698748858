//! What a key does; pure.

use ratatui::crossterm::event::KeyCode;

use super::state::{Ask, Over, Page, STATES, State};

/// How far a page key goes.
const STRIDE: isize = 10;
/// Longer words are a cat on the keyboard.
const MOST_WORDS: usize = 60;
/// Nothing that is shown is longer.
const MOST_SCROLL: u16 = 1000;

impl State {
    /// A key was pressed; what is to be done outside, if anything.
    pub(super) fn press(&mut self, key: KeyCode) -> Option<Ask> {
        self.said = None;
        match std::mem::take(&mut self.over) {
            Over::Question(_, ask) => matches!(key, KeyCode::Char('y' | 'Y')).then_some(ask),
            Over::Typing(words) => {
                self.type_on(words, key);
                None
            }
            Over::Help => self.leave(Over::Help, key),
            Over::Job(job) => {
                let id = job.id.clone();
                self.over = Over::Job(job);
                self.over_job(&id, key)
            }
            Over::Nothing => self.on_page(key),
        }
    }

    fn type_on(&mut self, mut words: String, key: KeyCode) {
        match key {
            KeyCode::Esc => return self.filter.words.clear(),
            KeyCode::Enter => return,
            KeyCode::Backspace => drop(words.pop()),
            KeyCode::Char(c) if !c.is_control() && words.len() < MOST_WORDS => words.push(c),
            _ => {}
        }
        self.filter.words.clone_from(&words);
        self.over = Over::Typing(words);
    }

    fn leave(&mut self, over: Over, key: KeyCode) -> Option<Ask> {
        match key {
            KeyCode::Char('q' | '?' | 'h') | KeyCode::Esc | KeyCode::Enter => self.scroll = 0,
            _ => {
                self.over = over;
                self.scroll_by(key);
            }
        }
        None
    }

    fn over_job(&mut self, id: &str, key: KeyCode) -> Option<Ask> {
        match key {
            KeyCode::Char('r') => Some(Ask::Retry(id.to_owned())),
            KeyCode::Char('c') => self.ask_to_cancel(),
            KeyCode::Char('l') => Some(Ask::Show(id.to_owned())),
            _ => {
                let over = std::mem::take(&mut self.over);
                self.leave(over, key)
            }
        }
    }

    fn on_page(&mut self, key: KeyCode) -> Option<Ask> {
        match key {
            KeyCode::Char('q') => return Some(Ask::Quit),
            KeyCode::Char('?' | 'h') => (self.over, self.scroll) = (Over::Help, 0),
            KeyCode::Char('1') => return Some(self.turn_to(Page::Overview)),
            KeyCode::Char('2') => return Some(self.turn_to(Page::Jobs)),
            KeyCode::Char('3') => return Some(self.turn_to(Page::Parts)),
            KeyCode::Tab => return Some(self.turn_to(self.page.next())),
            KeyCode::BackTab => return Some(self.turn_to(self.page.next().next())),
            KeyCode::Char('l') => return Some(Ask::Look(self.jobs_path())),
            _ => {
                return match self.page {
                    Page::Overview => self.on_overview(key),
                    Page::Jobs => self.on_jobs(key),
                    Page::Parts => {
                        self.scroll_by(key);
                        None
                    }
                };
            }
        }
        None
    }

    fn on_overview(&mut self, key: KeyCode) -> Option<Ask> {
        match key {
            KeyCode::Char('p') => {
                let queue = self.chosen_queue()?;
                let name = queue.name.clone();
                Some(if queue.paused { Ask::Resume(name) } else { Ask::Pause(name) })
            }
            KeyCode::Enter => {
                self.filter.queue = Some(self.chosen_queue()?.name.clone());
                Some(self.turn_to(Page::Jobs))
            }
            KeyCode::Char('R') => {
                let queue = self.chosen_queue()?.name.clone();
                self.ask_to_retry_all(Some(queue));
                None
            }
            _ => {
                let names: Vec<_> = self.queues().iter().map(|queue| queue.name.clone()).collect();
                self.queue = names.get(moved(self.queue_at(), names.len(), key)).cloned();
                None
            }
        }
    }

    fn on_jobs(&mut self, key: KeyCode) -> Option<Ask> {
        match key {
            KeyCode::Enter => return Some(Ask::Show(self.chosen_job()?.id.clone())),
            KeyCode::Char('r') => return Some(Ask::Retry(self.chosen_job()?.id.clone())),
            KeyCode::Char('R') => self.ask_to_retry_all(self.filter.queue.clone()),
            KeyCode::Char('c') => return self.ask_to_cancel(),
            KeyCode::Char('/') => self.over = Over::Typing(self.filter.words.clone()),
            KeyCode::Char('f') => {
                self.filter.state = (self.filter.state + 1) % STATES.len();
                return Some(Ask::Look(self.jobs_path()));
            }
            KeyCode::Char('F') => {
                self.filter.state = (self.filter.state + STATES.len() - 1) % STATES.len();
                return Some(Ask::Look(self.jobs_path()));
            }
            KeyCode::Esc => {
                self.filter = super::state::Filter::default();
                return Some(Ask::Look(self.jobs_path()));
            }
            _ => {
                let ids: Vec<_> = self.jobs().iter().map(|job| job.id.clone()).collect();
                self.job = ids.get(moved(self.job_at(), ids.len(), key)).cloned();
            }
        }
        None
    }

    fn ask_to_cancel(&mut self) -> Option<Ask> {
        let job = self.chosen_job()?;
        let question = format!("Call off {} {}?", job.kind, job.id);
        let ask = Ask::Cancel(job.id.clone());
        self.over = Over::Question(question, ask);
        None
    }

    fn ask_to_retry_all(&mut self, queue: Option<String>) {
        let failed: u64 = self
            .queues()
            .iter()
            .filter(|known| queue.as_ref().is_none_or(|name| known.name == *name))
            .map(|known| known.failed)
            .sum();
        let of = queue.as_ref().map_or_else(String::new, |name| format!(" of {name}"));
        let question = format!("Try all {failed} failed jobs{of} again?");
        self.over = Over::Question(question, Ask::RetryAll(queue));
    }

    fn turn_to(&mut self, page: Page) -> Ask {
        (self.page, self.scroll) = (page, 0);
        Ask::Look(self.jobs_path())
    }

    fn scroll_by(&mut self, key: KeyCode) {
        let to = moved(usize::from(self.scroll), usize::from(MOST_SCROLL), key);
        self.scroll = u16::try_from(to).unwrap_or(0);
    }
}

impl Page {
    const fn next(self) -> Self {
        match self {
            Self::Overview => Self::Jobs,
            Self::Jobs => Self::Parts,
            Self::Parts => Self::Overview,
        }
    }
}

/// Where a key leads from a place in a list of so many.
fn moved(at: usize, of: usize, key: KeyCode) -> usize {
    let by = match key {
        KeyCode::Up | KeyCode::Char('k') => -1,
        KeyCode::Down | KeyCode::Char('j') => 1,
        KeyCode::PageUp => -STRIDE,
        KeyCode::PageDown => STRIDE,
        KeyCode::Home | KeyCode::Char('g') => return 0,
        KeyCode::End | KeyCode::Char('G') => isize::MAX,
        _ => 0,
    };
    at.saturating_add_signed(by).min(of.saturating_sub(1))
}
