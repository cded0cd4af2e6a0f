//! The engine as a whole, rule by rule: each test is a sentence of the business, played against a simulated shop.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test"
)]

#[path = "../rig/mod.rs"]
mod rig;

mod backing;
mod brake;
mod brake_counts;
mod brake_eases;
mod brake_patience;
mod brake_rulings;
mod brake_sources;
mod clients_apart;
mod entries;
mod errands;
mod faults;
mod links;
mod live;
mod many_hubs;
mod orders;
mod own_entries;
mod pools;
mod prep_centre;
mod prep_witness;
mod receptions;
mod receptions_any_order;
mod receptions_bad_input;
mod receptions_items;
mod remembered;
mod round_trips;
mod shared_broken_lists;
mod shared_coarse;
mod shared_dates;
mod shared_orders;
mod shared_outward;
mod shared_outward_lines;
mod shared_outward_words;
mod shared_polling;
mod shared_routing;
mod shared_undated;
mod shipments;
mod stock;
mod stock_abandoned;
mod stock_bad_input;
mod stock_dates;
mod stock_fights;
mod stock_races;
mod stock_roles;
mod stock_unexplained;
mod storage;
mod sweeps;
mod sweeps_evidence;
mod sweeps_planned;
mod syncs;
mod tokens;
mod unusable;
mod upkeep;
mod views;
mod weather;
