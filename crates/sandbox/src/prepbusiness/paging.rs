//! Lists in pages, with the envelope of the partner's framework.
//!
//! Rows are numbered anew at every call: what is added or put away while somebody reads page by page makes rows appear
//! twice or never. The knobs do the same on purpose.

use super::calls::Call;
use super::centre::Centre;
use crate::json::Json;

/// Rows of a page: the usual number, and the largest that may be asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PageSize {
    usual: usize,
    most: usize,
}

/// Inbounds and outbounds. That more cannot be asked for is assumed.
pub(crate) const SHIPMENTS: PageSize = PageSize { usual: 20, most: 20 };
/// Goods.
pub(crate) const GOODS: PageSize = PageSize { usual: 500, most: 500 };

/// Addresses of single pages that are shown at most.
const SHOWN_MAX: usize = 13;

impl Centre {
    /// One page of these rows. `body` spells a row.
    pub(crate) fn page(
        &mut self,
        call: &Call,
        size: PageSize,
        rows: &[u64],
        body: impl Fn(&Self, u64) -> Json,
    ) -> Json {
        let asked = |name| call.asked(name).and_then(|text| text.parse::<usize>().ok());
        let per_page = asked("per_page").unwrap_or(size.usual).clamp(1, size.most);
        let page = asked("page").unwrap_or(1).max(1);
        let begin = (page - 1).saturating_mul(per_page);
        let shown = rows.iter().skip(self.shifted(begin)).take(per_page);
        let data: Vec<Json> = shown.map(|id| body(self, *id)).collect();
        let last = rows.len().div_ceil(per_page).max(1);
        let path = format!("https://{}{}", self.setup.domain, call.path);
        let address = |page: usize| Json::from(format!("{path}?page={page}"));
        let when = |holds: bool, page: usize| if holds { address(page) } else { Json::Null };
        let (from, to) = match data.len() {
            0 => (Json::Null, Json::Null),
            count => ((begin + 1).into(), (begin + count).into()),
        };
        let previous = when(page > 1, page.saturating_sub(1));
        let next = when(page < last, page + 1);
        Json::object([
            ("current_page", page.into()),
            ("data", data.into()),
            ("first_page_url", address(1)),
            ("from", from),
            ("last_page", last.into()),
            ("last_page_url", address(last)),
            ("links", links(page, last, &previous, &next, &address).into()),
            ("next_page_url", next),
            ("path", path.as_str().into()),
            ("per_page", per_page.into()),
            ("prev_page_url", previous),
            ("to", to),
            ("total", rows.len().into()),
        ])
    }

    /// Where a page really begins, once the weather has had its say.
    fn shifted(&mut self, begin: usize) -> usize {
        if begin == 0 {
            return begin;
        }
        if self.faults.paging.repeated_row.strikes(&mut self.weather) {
            return begin - 1;
        }
        if self.faults.paging.skipped_row.strikes(&mut self.weather) {
            return begin + 1;
        }
        begin
    }
}

fn links(
    page: usize,
    last: usize,
    previous: &Json,
    next: &Json,
    address: &impl Fn(usize) -> Json,
) -> Vec<Json> {
    let link = |url: Json, label: &str, active: bool| {
        Json::object([("url", url), ("label", label.into()), ("active", active.into())])
    };
    let mut links = vec![link(previous.clone(), "&laquo; Previous", false)];
    let is_shown = |one: &usize| last <= SHOWN_MAX || *one <= SHOWN_MAX - 3 || *one + 1 >= last;
    let mut before = 0;
    for one in (1..=last).filter(is_shown) {
        if one > before + 1 {
            links.push(link(Json::Null, "...", false));
        }
        links.push(link(address(one), &one.to_string(), one == page));
        before = one;
    }
    links.push(link(next.clone(), "Next &raquo;", false));
    links
}
