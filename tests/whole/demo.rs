//! The demo, as the README has it.

use std::process::Command;

#[test]
fn the_headless_demo_ends_with_books_that_agree() {
    let output = Command::new(env!("CARGO_BIN_EXE_crossdock"))
        .args(["demo", "--seconds", "3", "--headless", "--items", "40", "--rate", "20"])
        .output()
        .unwrap();
    let (out, err) = (crate::hub::text(&output.stdout), crate::hub::text(&output.stderr));
    assert!(output.status.success(), "{out}{err}");
    assert!(out.contains("our books agree"), "{out}");
    assert!(out.contains("A prep centre has joined"), "{out}");
    assert!(out.contains("counted otherwise than in our books: 0"), "{out}");
    assert!(out.contains("7 of DEMO-031 were announced, shipped and checked in there"), "{out}");
}

#[test]
fn the_demo_does_not_begin_in_a_folder_that_holds_something() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("precious"), "x").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_crossdock"))
        .args(["demo", "--seconds", "1", "--headless", "--dir"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(folder.path().join("precious").exists());
}
