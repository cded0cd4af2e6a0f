//! The address that a call goes to: the connection's base address and the request's path, and nothing that could lead
//! elsewhere.

use std::net::IpAddr;

use reqwest::Url;

use crate::address::Reach;

/// Joins both, or says in words why no call may go there.
pub(crate) fn target(base_url: &str, path: &str, reach: Reach) -> Result<Url, String> {
    let base = base(base_url, reach)?;
    // Concatenated and not resolved, since `//elsewhere` resolved is another host; and what the parser would drop,
    // turn round or leave out is refused, since then what is sent would not be what was recorded.
    if !path.starts_with('/') {
        return Err("the request's path does not begin with a slash".to_owned());
    }
    if path.contains(|c: char| c.is_control() || matches!(c, ' ' | '\\' | '#')) {
        return Err("the request's path holds a character that no address may hold".to_owned());
    }
    let prefix = base.as_str().trim_end_matches('/');
    let url = Url::parse(&format!("{prefix}{path}"))
        .map_err(|error| format!("base address and path make no address: {error}"))?;
    let below = url.path().strip_prefix(base.path().trim_end_matches('/'));
    if !below.is_some_and(|rest| rest.starts_with('/')) {
        return Err("the request's path leads out of the connection's base address".to_owned());
    }
    Ok(url)
}

/// The host alone, to print: whoever puts a password into a base address shall not find it in a log.
pub(crate) fn host(base_url: &str) -> String {
    let url = Url::parse(base_url).ok();
    url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

fn base(base_url: &str, reach: Reach) -> Result<Url, String> {
    let base = Url::parse(base_url)
        .map_err(|error| format!("the connection's base address does not read: {error}"))?;
    match (base.scheme(), reach) {
        ("https", Reach::Internet | Reach::Sandbox) | ("http", Reach::Sandbox) => {}
        ("http", Reach::Internet) => {
            return Err("the connection's base address is plain http: only https is sent to, \
                        unless it is a sandbox connection"
                .to_owned());
        }
        (other, _) => return Err(format!("the connection's base address is {other}, not https")),
    }
    if !base.username().is_empty() || base.password().is_some() {
        return Err("the connection's base address holds a user or password: \
                    credentials belong into the vault"
            .to_owned());
    }
    if base.query().is_some() || base.fragment().is_some() {
        return Err("the connection's base address has a query or a fragment".to_owned());
    }
    let host = base.host_str().unwrap_or_default();
    // No name is looked up for a literal address, so the resolver never sees it.
    if let Ok(ip) = host.trim_matches(['[', ']']).parse::<IpAddr>() {
        reach.check(ip).map_err(|forbidden| forbidden.to_string())?;
    }
    Ok(base)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOP: &str = "https://shop.example.com";

    #[test]
    fn base_and_path_are_joined_as_they_are() {
        let joined = |base, path| target(base, path, Reach::Internet).map(String::from);
        assert_eq!(joined(SHOP, "/a?b=c%20d"), Ok(format!("{SHOP}/a?b=c%20d")));
        let deep = format!("{SHOP}/api/v2/");
        assert_eq!(joined(&deep, "/orders"), Ok(format!("{SHOP}/api/v2/orders")));
        assert_eq!(
            joined(SHOP, "//elsewhere.example/a"),
            Ok(format!("{SHOP}//elsewhere.example/a"))
        );
    }

    #[test]
    fn a_path_cannot_lead_elsewhere() {
        let deep = format!("{SHOP}/api");
        for path in [
            "",
            "orders",
            "@elsewhere.example/",
            ".elsewhere.example/",
            ":444/",
            "/../admin",
            "/%2e%2e/admin",
            "/a\\b",
            "/a\nb",
            "/a b",
            "/a#b",
        ] {
            assert!(target(&deep, path, Reach::Internet).is_err(), "{path:?}");
        }
    }

    #[test]
    fn only_https_is_sent_to_unless_it_is_the_sandbox() {
        for base in ["http://shop.example.com", "ftp://shop.example.com", "file:///etc", "shop", ""]
        {
            assert!(target(base, "/", Reach::Internet).is_err(), "{base}");
        }
        assert!(target("http://sandbox.test:8080", "/", Reach::Sandbox).is_ok());
        assert!(target("ftp://sandbox.test", "/", Reach::Sandbox).is_err());
    }

    #[test]
    fn a_literal_address_is_checked_however_it_is_written() {
        for host in [
            "127.0.0.1",
            "127.1",
            "0177.0.0.1",
            "0x7f000001",
            "2130706433",
            "127.0.0.1.",
            "169.254.169.254",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[fe80::1]",
            "%31%32%37.0.0.1",
        ] {
            assert!(target(&format!("https://{host}"), "/", Reach::Internet).is_err(), "{host}");
        }
        for host in ["1.1.1.1", "[2606:4700::1111]"] {
            assert!(target(&format!("https://{host}"), "/", Reach::Internet).is_ok(), "{host}");
            assert!(target(&format!("https://{host}"), "/", Reach::Sandbox).is_err(), "{host}");
        }
    }

    #[test]
    fn a_password_in_the_base_address_is_neither_used_nor_repeated() {
        let why = target("https://me:canary@shop.example.com", "/", Reach::Internet).unwrap_err();
        assert!(why.contains("vault") && !why.contains("canary"), "{why}");
    }
}
