//! Neighbours that never yield: two busy loops, as on a shared host.

use std::hint::black_box;

use anyhow::Result;

use super::child::{Child, command};
use super::{Ground, own_program};

/// They spin until dropped.
pub(crate) fn two_loops(ground: &Ground) -> Result<[Child; 2]> {
    Ok([busy_loop(ground)?, busy_loop(ground)?])
}

fn busy_loop(ground: &Ground) -> Result<Child> {
    let mut command = command(own_program()?);
    command.arg("spin");
    Child::spawn("busy loop", command, ground.folder.join("spin.log"))
}

/// The child's side.
pub(crate) fn spin() -> ! {
    let mut turns = 0_u64;
    loop {
        turns = black_box(turns.wrapping_add(1));
    }
}
