//! Whole-program tests: the real binary as a child process, against a simulated shop in this one, so that the shop and
//! its log survive whatever is done to the hub.

mod hub;
mod shop;

mod command_line;
mod demo;
mod disk_full;
mod kill;
mod webhooks;
