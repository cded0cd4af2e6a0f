//! The rows of a read, grouped by location: the same grouping when the request is written and when its
//! answer is read, so that a row finds its answer.

use crossdock_domain::RemoteId;
use crossdock_domain::call::ReadRow;

/// Rows grouped by location, in the order in which the locations first appear.
pub(super) struct Groups<'a> {
    locations: Vec<&'a RemoteId>,
    places: Vec<(usize, usize)>,
}

impl<'a> Groups<'a> {
    pub(super) fn of(rows: &'a [ReadRow]) -> Self {
        let mut locations: Vec<&RemoteId> = Vec::new();
        let mut sizes: Vec<usize> = Vec::new();
        let mut places = Vec::with_capacity(rows.len());
        for row in rows {
            let known = locations.iter().position(|known| **known == row.location);
            let group = known.unwrap_or(locations.len());
            if known.is_none() {
                locations.push(&row.location);
                sizes.push(0);
            }
            if let Some(size) = sizes.get_mut(group) {
                places.push((group, *size));
                *size += 1;
            }
        }
        Self { locations, places }
    }

    /// The locations, in the order of the groups.
    pub(super) fn locations(&self) -> &[&'a RemoteId] {
        &self.locations
    }

    /// For every row, in order: its group, and its place in it.
    pub(super) fn places(&self) -> &[(usize, usize)] {
        &self.places
    }
}
