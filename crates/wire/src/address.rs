//! Which addresses a call may go to: the internet for partners, the own network for the sandbox, never both.
//!
//! A base address is typed by a person and names are answered by whoever owns the zone, so neither may lead a call
//! with a merchant's credentials to the machine itself, its neighbours or a cloud's metadata service; and a call that
//! was meant for the sandbox must never reach a real shop.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where a connection's calls may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// To public addresses only, over TLS.
    Internet,
    /// To loopback and private addresses only, with or without TLS.
    Sandbox,
}

/// An address that a call may not go to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Forbidden {
    #[error("{0} is {1}: only a sandbox connection may go there")]
    Inward(IpAddr, &'static str),
    #[error("{0} is on the internet: a sandbox connection may not go there")]
    Outward(IpAddr),
    #[error("{0} is {1}: no call may go there")]
    Special(IpAddr, &'static str),
}

impl Reach {
    /// Lets an address through, or says why not.
    pub(crate) fn check(self, ip: IpAddr) -> Result<(), Forbidden> {
        match (kind(ip), self) {
            (Kind::Public, Self::Internet) | (Kind::Local(_), Self::Sandbox) => Ok(()),
            (Kind::Local(word), Self::Internet) => Err(Forbidden::Inward(ip, word)),
            (Kind::Public, Self::Sandbox) => Err(Forbidden::Outward(ip)),
            (Kind::Special(word), Self::Internet | Self::Sandbox) => {
                Err(Forbidden::Special(ip, word))
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Public,
    Local(&'static str),
    Special(&'static str),
}

const LOOPBACK: Kind = Kind::Local("a loopback address");
const PRIVATE: Kind = Kind::Local("a private address");
const UNSPECIFIED: Kind = Kind::Special("an unspecified address");
const LINK_LOCAL: Kind = Kind::Special("a link-local address");
const METADATA: Kind = Kind::Special("a cloud's own service address");
const SHARED: Kind = Kind::Special("a carrier's shared address");
const RESERVED: Kind = Kind::Special("a reserved address");
const EXAMPLE: Kind = Kind::Special("an address for examples");
const MULTICAST: Kind = Kind::Special("a multicast address");
const EMBEDDED: Kind = Kind::Special("an IPv4 address in disguise");

/// Network, prefix length, kind; the first that fits counts. What is in none of them is public.
const V4: [(Ipv4Addr, u32, Kind); 19] = [
    (Ipv4Addr::UNSPECIFIED, 8, UNSPECIFIED),
    (Ipv4Addr::new(10, 0, 0, 0), 8, PRIVATE),
    (Ipv4Addr::new(100, 64, 0, 0), 10, SHARED),
    (Ipv4Addr::new(127, 0, 0, 0), 8, LOOPBACK),
    // Azure's host agent, the only metadata service on an otherwise public address.
    (Ipv4Addr::new(168, 63, 129, 16), 32, METADATA),
    (Ipv4Addr::new(169, 254, 169, 254), 32, METADATA),
    (Ipv4Addr::new(169, 254, 0, 0), 16, LINK_LOCAL),
    (Ipv4Addr::new(172, 16, 0, 0), 12, PRIVATE),
    (Ipv4Addr::new(192, 0, 0, 0), 24, RESERVED),
    (Ipv4Addr::new(192, 0, 2, 0), 24, EXAMPLE),
    (Ipv4Addr::new(192, 31, 196, 0), 24, RESERVED),
    (Ipv4Addr::new(192, 88, 99, 0), 24, RESERVED),
    (Ipv4Addr::new(192, 168, 0, 0), 16, PRIVATE),
    (Ipv4Addr::new(192, 175, 48, 0), 24, RESERVED),
    (Ipv4Addr::new(198, 18, 0, 0), 15, RESERVED),
    (Ipv4Addr::new(198, 51, 100, 0), 24, EXAMPLE),
    (Ipv4Addr::new(203, 0, 113, 0), 24, EXAMPLE),
    (Ipv4Addr::new(224, 0, 0, 0), 4, MULTICAST),
    (Ipv4Addr::new(240, 0, 0, 0), 4, RESERVED),
];

/// The same for IPv6, only that the last line makes everything special which is not global unicast.
const V6: [(Ipv6Addr, u32, Kind); 18] = [
    (Ipv6Addr::UNSPECIFIED, 128, UNSPECIFIED),
    (Ipv6Addr::LOCALHOST, 128, LOOPBACK),
    (Ipv6Addr::UNSPECIFIED, 96, EMBEDDED),
    (Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96, EMBEDDED),
    (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96, EMBEDDED),
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48, EMBEDDED),
    // Teredo and the other tunnels and tests of the registry's special block.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, RESERVED),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, EXAMPLE),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16, EMBEDDED),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, EXAMPLE),
    (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3, Kind::Public),
    // AWS and Google Cloud put theirs among the private ones.
    (Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0), 32, METADATA),
    (Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254), 128, METADATA),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, PRIVATE),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, LINK_LOCAL),
    (Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0), 10, LINK_LOCAL),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, MULTICAST),
    (Ipv6Addr::UNSPECIFIED, 0, RESERVED),
];

fn kind(ip: IpAddr) -> Kind {
    match ip {
        IpAddr::V4(ip) => V4
            .iter()
            .find(|(net, prefix, _)| {
                ip.to_bits() >> (32 - prefix) == net.to_bits() >> (32 - prefix)
            })
            .map_or(Kind::Public, |(_, _, kind)| *kind),
        IpAddr::V6(ip) => V6
            .iter()
            .find(|(net, prefix, _)| {
                let beyond = 128 - prefix;
                ip.to_bits().checked_shr(beyond) == net.to_bits().checked_shr(beyond)
            })
            .map_or(RESERVED, |(_, _, kind)| *kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLIC: [&str; 13] = [
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.1",
        "23.227.38.65",
        "100.63.255.255",
        "100.128.0.1",
        "168.63.129.17",
        "172.15.255.255",
        "172.32.0.1",
        "192.167.255.255",
        "223.255.255.254",
        "2606:4700:4700::1111",
        "2a00:1450:4001:82b::200e",
    ];

    const LOCAL: [&str; 14] = [
        "10.0.0.1",
        "10.255.255.255",
        "127.0.0.1",
        "127.0.0.53",
        "127.255.255.255",
        "172.16.0.1",
        "172.17.0.2",
        "172.31.255.255",
        "192.168.0.1",
        "192.168.255.255",
        "::1",
        "fc00::1",
        "fd12:3456:789a::1",
        "fdff:ffff::1",
    ];

    const SPECIAL: [&str; 42] = [
        "0.0.0.0",
        "0.1.2.3",
        "100.64.0.1",
        "100.100.100.200",
        "100.127.255.255",
        "168.63.129.16",
        "169.254.0.1",
        "169.254.169.254",
        "169.254.170.2",
        "192.0.0.1",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::127.0.0.1",
        "::ffff:0.0.0.0",
        "::ffff:8.8.8.8",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a00:1",
        "64:ff9b::808:808",
        "64:ff9b:1::a00:1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "3fff::1",
        "fd00:ec2::254",
        "fd20:ce::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ];

    #[track_caller]
    fn check(list: &[&str], internet: bool, sandbox: bool) {
        for text in list {
            let ip: IpAddr = text.parse().unwrap();
            assert_eq!(Reach::Internet.check(ip).is_ok(), internet, "{text} for a partner");
            assert_eq!(Reach::Sandbox.check(ip).is_ok(), sandbox, "{text} for the sandbox");
        }
    }

    #[test]
    fn partners_are_reached_on_the_internet_only() {
        check(&PUBLIC, true, false);
    }

    #[test]
    fn the_sandbox_is_reached_on_the_own_network_only() {
        check(&LOCAL, false, true);
    }

    #[test]
    fn nothing_is_reached_on_any_other_address() {
        check(&SPECIAL, false, false);
    }

    #[test]
    fn a_refusal_says_what_kind_of_address_it_is() {
        let refusal = Reach::Internet.check("10.0.0.8".parse().unwrap()).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "10.0.0.8 is a private address: only a sandbox connection may go there"
        );
    }
}
