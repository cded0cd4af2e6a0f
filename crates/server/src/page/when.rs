//! Points in time as people read them: "12 s ago", with the exact time beneath.

use std::fmt;

use askama::filters::HtmlSafe;
use crossdock_domain::Instant;

/// How texts of time are told.
#[derive(Debug, Clone, Copy)]
pub(super) enum Told {
    /// As of now: for a page that is read as it came.
    Relative(Instant),
    /// By the clock: the script makes it relative. A piece then differs only when something has happened.
    Exact,
}

/// A point in time on a page.
#[derive(Debug, Clone, Copy)]
pub(super) struct When {
    pub(super) at: Instant,
    pub(super) told: Told,
    pub(super) form: Form,
}

/// How it is put.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    /// "12 s ago".
    Ago,
    /// "12 s".
    Lasting,
}

impl HtmlSafe for When {}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let form = match self.form {
            Form::Ago => "ago",
            Form::Lasting => "lasting",
        };
        let exact = exact(self.at);
        write!(f, "<time datetime=\"{}\" title=\"{exact}\" data-when=\"{form}\">", self.at)?;
        match (self.told, self.form) {
            (Told::Exact, _) => f.write_str(&exact)?,
            (Told::Relative(now), Form::Ago) => f.write_str(&ago(self.at, now))?,
            (Told::Relative(now), Form::Lasting) => f.write_str(&lasting(now.since(self.at).0))?,
        }
        f.write_str("</time>")
    }
}

/// Date and time to the second, in UTC.
pub(crate) fn exact(at: Instant) -> String {
    let stamp = at.to_string();
    match (stamp.get(..10), stamp.get(11..19)) {
        (Some(day), Some(time)) => format!("{day} {time} UTC"),
        _ => stamp,
    }
}

fn ago(at: Instant, now: Instant) -> String {
    let past = now.since(at).0;
    if at > now {
        return format!("in {}", lasting(at.since(now).0));
    }
    if past < 2_000_000 { "just now".to_owned() } else { format!("{} ago", lasting(past)) }
}

/// A length of time in its largest fitting unit. The script does the same.
fn lasting(micros: u64) -> String {
    let seconds = micros / 1_000_000;
    match seconds {
        0..=59 => format!("{seconds} s"),
        60..=3_599 => format!("{} min", seconds / 60),
        3_600..=172_799 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_in_its_largest_fitting_unit() {
        let now = Instant(1_000_000_000_000_000);
        let told = |seconds: i64| ago(Instant(now.0 - seconds * 1_000_000), now);
        assert_eq!(told(1), "just now");
        assert_eq!(told(59), "59 s ago");
        assert_eq!(told(61), "1 min ago");
        assert_eq!(told(7_200), "2 h ago");
        assert_eq!(told(172_800), "2 d ago");
        assert_eq!(told(-90), "in 1 min");
    }

    #[test]
    fn an_exact_time_differs_only_with_the_instant() {
        let when = When { at: Instant(0), told: Told::Exact, form: Form::Ago };
        assert!(when.to_string().contains(">1970-01-01 00:00:00 UTC<"));
    }
}
