//! A full disk: 503, nothing acknowledged that is not kept, and no restart needed afterwards.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use crossdock_domain::Number;
use crossdock_store::Unpacked;

use crate::fresh::is_not_for_a_server;
use crate::hub::Hub;
use crate::shop::Shop;

/// A small disk of its own; only the superuser can make one.
struct Disk(PathBuf);

impl Disk {
    fn of_mebibytes(size: u32, at: &Path) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let options = format!("size={size}m");
        mount(&["-t", "tmpfs", "-o", &options, "tmpfs"], at).then(|| Self(at.to_owned()))
    }

    fn grow_to_mebibytes(&self, size: u32) {
        assert!(mount(&["-o", &format!("remount,size={size}m")], &self.0));
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

fn mount(words: &[&str], at: &Path) -> bool {
    let output = Command::new("mount").args(words).arg(at).output();
    output.is_ok_and(|output| output.status.success())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_told_and_passes_without_a_restart() {
    if is_not_for_a_server("its disk is not the hub's") {
        return;
    }
    let shop = Shop::open(1).await;
    let mut hub = Hub::new(&shop);
    let Some(disk) = Disk::of_mebibytes(6, &hub.folder().join("data")) else {
        eprintln!("skipped: only the superuser can mount a small disk");
        return;
    };
    hub.start().await;
    let mut kept = BTreeSet::new();
    let mut refused = 0;
    for n in 0..5_000 {
        let (id, body) = (format!("full-{n}"), noise(n));
        let headers = shop.headers("products/update", &id, &body);
        match hub.deliver("/webhooks/shop", &headers, &body).await {
            200 => assert!(kept.insert(id)),
            503 => refused += 1,
            other => panic!("unexpected status {other}"),
        }
        if refused > 3 {
            break;
        }
    }
    assert!(refused > 3, "the disk was full at last");
    let (status, health) = hub.ask(reqwest::Method::GET, "/health", None).await.unwrap();
    assert_eq!(status, 503, "{health}");
    assert!(!health["disk_full_since"].is_null(), "{health}");

    disk.grow_to_mebibytes(64);
    let body = b"{\"id\":1}";
    hub.until("webhooks to be taken again", async || {
        let headers = shop.headers("products/update", "after", body);
        hub.deliver("/webhooks/shop", &headers, body).await == 200
    })
    .await;
    let health = hub.get("/health").await;
    assert!(health["disk_full_since"].is_null(), "{health}");
    hub.kill();
    assert_kept(&hub, &kept);
    drop(disk);
}

/// Bytes that do not compress well, the same for the same number.
fn noise(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut letter = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        char::from(b'a' + u8::try_from(state % 26).unwrap())
    };
    let text: String = (0..3_000).map(|_| letter()).collect();
    format!("{{\"id\":{seed},\"noise\":\"{text}\"}}").into_bytes()
}

/// Every acknowledged delivery is in the journal.
fn assert_kept(hub: &Hub, acknowledged: &BTreeSet<String>) {
    let store = hub.store();
    let lane = "client:main".parse().unwrap();
    let entries = store.recorded(&lane, Number(1), usize::MAX).unwrap();
    let heads = entries.iter().map(|entry| {
        let bytes = Unpacked::new(&entry.packed).unwrap();
        String::from_utf8_lossy(bytes.head()).into_owned()
    });
    let heads: String = heads.collect();
    for id in acknowledged {
        assert!(heads.contains(&format!("\"{id}\"")), "{id} was acknowledged and is gone");
    }
}
