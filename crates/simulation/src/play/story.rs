//! The story of a play: what everybody did and what came of it, by the clock, in words.

use crossdock_domain::Instant;

/// What happened, in order.
#[derive(Debug, Default)]
pub struct Story {
    lines: Vec<(Instant, String)>,
    is_told: bool,
}

/// Lines of a story that are shown at its end, where it's long.
const LINES_MAX: usize = 60;

impl Story {
    pub(crate) const fn new(is_told: bool) -> Self {
        Self { lines: Vec::new(), is_told }
    }

    /// Adds a line, if anybody is listening.
    pub(crate) fn tell(&mut self, at: Instant, words: impl FnOnce() -> String) {
        if self.is_told {
            self.lines.push((at, words()));
        }
    }

    /// Whether anybody is listening.
    pub(crate) const fn is_told(&self) -> bool {
        self.is_told
    }

    /// Its lines, each with the time of day; the last ones, where there are too many.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let skipped = self.lines.len().saturating_sub(LINES_MAX);
        let before = (skipped > 0).then(|| format!("… {skipped} lines before"));
        let shown =
            self.lines.iter().skip(skipped).map(|(at, words)| format!("{} {words}", time(*at)));
        before.into_iter().chain(shown).collect()
    }
}

/// The time of day, with its day where that is not the first.
fn time(at: Instant) -> String {
    let text = at.to_string();
    let (day, time) = text.split_once('T').unwrap_or(("", &text));
    let time: String = time.chars().take(12).collect();
    let day = day.rsplit('-').next().unwrap_or_default();
    format!("{day}. {}", time.trim_end_matches('Z'))
}
