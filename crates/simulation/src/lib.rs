//! The simulation: the real hub, the real connector and simulated shops in one process, one thread and virtual time.
//! Nothing is mocked but the wire. What the hub believes is judged against the shops' own logs of what really happened.
//!
//! [`World`] is the stage; [`Finding`] is what can go wrong on it.

mod audit;
mod campaign;
mod dice;
mod finding;
mod front;
mod judge;
pub mod partner;
mod play;
mod prep;
mod shrink;
mod world;

pub use audit::{Audit, audit};
pub use campaign::{Campaign, Played, Plays, Short, play_safely};
pub use crossdock_hub::Plant;
pub use dice::Dice;
pub use finding::{Finding, Found};
pub use front::{CallTrouble, Front, Trouble, WebhookTrouble};
pub use play::{
    Act, Compares, Counters, Ending, Figures, Goods, Manner, Opening, Part, Plan, Pools, Scene,
    Shops, Story, Timed, Word, play,
};
pub use prep::{PrepAct, PrepCampaign, PrepPlan, PrepScene, PrepTimed, Road, play_prep};
pub use shrink::shrink;
pub use world::{
    Came, Crash, Disk, Happened, Mood, Partner, ShopSide, Travelling, Vault, World, stamp,
};
