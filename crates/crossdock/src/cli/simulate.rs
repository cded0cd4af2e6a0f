//! The options of `simulate`.

use clap::Args;

/// Options of `simulate`.
#[derive(Debug, Clone, Args)]
pub(crate) struct SimulateArgs {
    /// How many fresh seeds are played
    #[arg(long, default_value_t = 100, conflicts_with = "seed")]
    pub(crate) seeds: u64,
    /// Draw the seeds from this one; a fresh one if left out
    #[arg(long, conflicts_with = "seed")]
    pub(crate) base: Option<u64>,
    /// Play this seed only
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Hours that each play lasts, before the weather clears
    #[arg(long, default_value_t = 2)]
    pub(crate) hours: u32,
    /// Play with a prep centre that serves several merchant accounts, instead of a shop
    #[arg(long)]
    pub(crate) prep: bool,
    /// Items in the shop; with --prep, goods of each account
    #[arg(long, default_value_t = 8)]
    pub(crate) items: usize,
    /// Plant this fault in the hub: it must be found (`--plants` lists them)
    #[arg(long, value_name = "NAME")]
    pub(crate) plant: Option<String>,
    /// Plant every fault in turn, and tell after how many seeds each was found
    #[arg(long, conflicts_with_all = ["seed", "plant"])]
    pub(crate) plants: bool,
    /// Tell the whole story of the seed, not only that of what was found
    #[arg(long, requires = "seed")]
    pub(crate) story: bool,
    /// Plays at the same time
    #[arg(long, default_value_t = 1)]
    pub(crate) jobs: usize,
}
