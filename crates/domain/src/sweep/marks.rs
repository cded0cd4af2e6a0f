//! Which items a run of everything has met: bits by item id, so that a hundred thousand of them take little room.

use crate::{ClientId, ItemId, Number};

/// Items whose bits lie in one row.
const BLOCK_ITEMS: u64 = 8_192;
const BLOCK_BYTES: usize = 1_024;

/// One block of bits of one run and location. Removed when the run is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweepMarks {
    /// Whose.
    pub client: ClientId,
    /// Of which run.
    pub sweep: Number,
    /// The place of the location among those of the run.
    pub place: u32,
    /// Which block.
    pub block: u64,
    /// Its bits.
    pub bits: Vec<u8>,
}

impl SweepMarks {
    /// A block in which nothing is marked.
    #[must_use]
    pub fn empty(client: ClientId, sweep: Number, place: u32, block: u64) -> Self {
        Self { client, sweep, place, block, bits: vec![0; BLOCK_BYTES] }
    }

    /// The block that an item's bit lies in.
    #[must_use]
    pub const fn block_of(item: ItemId) -> u64 {
        item.0 / BLOCK_ITEMS
    }

    /// Marks an item of this block.
    pub fn mark(&mut self, item: ItemId) {
        let (byte, bit) = place_of(item);
        if let Some(byte) = self.bits.get_mut(byte) {
            *byte |= bit;
        }
    }

    /// Whether an item of this block is marked.
    #[must_use]
    pub fn is_marked(&self, item: ItemId) -> bool {
        let (byte, bit) = place_of(item);
        self.bits.get(byte).is_some_and(|byte| byte & bit != 0)
    }
}

fn place_of(item: ItemId) -> (usize, u8) {
    let place = item.0 % BLOCK_ITEMS;
    (usize::try_from(place / 8).unwrap_or(usize::MAX), 1 << (place % 8))
}
