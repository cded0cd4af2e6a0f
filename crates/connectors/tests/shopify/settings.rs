//! What a person may write as settings, and what becomes of it.

use crossdock_connectors::{BadSetting, Configured, Given};

use crate::shop::{self, shopify};

fn configured(pairs: &[(&str, &str)], slots: &[&str]) -> Result<Configured, BadSetting> {
    placed(pairs, slots, false)
}

fn placed(pairs: &[(&str, &str)], slots: &[&str], sandbox: bool) -> Result<Configured, BadSetting> {
    let settings = shop::settings(pairs);
    let slots: Vec<String> = slots.iter().map(|slot| (*slot).to_owned()).collect();
    shopify().configure(&Given { settings: &settings, secret_slots: &slots, sandbox })
}

fn refused(pairs: &[(&str, &str)]) -> String {
    configured(pairs, &["access_token"]).unwrap_err().name
}

#[test]
fn every_way_to_write_the_shops_address_means_the_same_shop() {
    for given in [
        "snowdevil.myshopify.com",
        "https://SnowDevil.myshopify.com/",
        "http://snowdevil.myshopify.com/admin/products?page=2",
        "snowdevil",
        " SNOWDEVIL ",
        "https://admin.shopify.com/store/snowdevil/settings",
    ] {
        let ready = configured(&[("shop_domain", given)], &["access_token"]).unwrap();
        assert_eq!(ready.settings["shop_domain"], "snowdevil.myshopify.com", "{given:?}");
        assert_eq!(ready.base_url, "https://snowdevil.myshopify.com");
    }
}

#[test]
fn a_host_that_is_not_a_shop_is_refused() {
    for given in
        ["", "shop.example.com", "snow_devil", "-x", "a:443", "user@snowdevil", "x.y.myshopify.com"]
    {
        assert_eq!(refused(&[("shop_domain", given)]), "shop_domain", "{given:?}");
    }
    assert_eq!(refused(&[]), "shop_domain");
}

#[test]
fn a_version_from_the_old_documents_is_raised_with_a_warning() {
    let ready = configured(
        &[("shop_domain", "x"), ("api_version", "2024-10"), ("location_id", "1")],
        &["access_token", "webhook_secret"],
    )
    .unwrap();
    assert_eq!(ready.settings["api_version"], "2026-07");
    assert_eq!(ready.warnings.len(), 1);
    assert!(ready.warnings[0].contains("2024-10"), "{:?}", ready.warnings);
}

#[test]
fn a_version_that_never_existed_is_refused() {
    for given in ["latest", "2026-08", "2026-7"] {
        assert_eq!(refused(&[("shop_domain", "x"), ("api_version", given)]), "api_version");
    }
}

#[test]
fn a_location_is_kept_as_its_bare_number() {
    for given in ["106318430514", "gid://shopify/Location/106318430514"] {
        let pairs = [("shop_domain", "x"), ("location_id", given)];
        let ready = configured(&pairs, &["access_token", "webhook_secret"]).unwrap();
        assert_eq!(ready.location.unwrap().as_str(), "106318430514");
        assert_eq!(ready.warnings, Vec::<String>::new());
    }
    for given in ["main", "gid://shopify/InventoryItem/1", "1.5", "-1", "99999999999999999999"] {
        assert_eq!(refused(&[("shop_domain", "x"), ("location_id", given)]), "location_id");
    }
}

#[test]
fn without_a_location_nothing_is_published_and_the_person_is_told() {
    let ready = configured(&[("shop_domain", "x")], &["access_token", "webhook_secret"]).unwrap();
    assert_eq!(ready.location, None);
    assert!(ready.warnings.iter().any(|line| line.contains("location_id")), "{:?}", ready.warnings);
}

#[test]
fn a_blank_setting_is_no_setting() {
    let pairs = [("shop_domain", "x"), ("api_version", ""), ("location_id", " ")];
    let ready = configured(&pairs, &["access_token"]).unwrap();
    assert_eq!(ready.settings["api_version"], "2026-07");
    assert!(!ready.settings.contains_key("location_id"));
}

#[test]
fn a_misspelt_setting_is_refused_with_the_names_that_exist() {
    let bad = configured(&[("shop_domain", "x"), ("locationid", "1")], &[]).unwrap_err();
    assert_eq!(bad.name, "locationid");
    assert!(bad.why.contains("location_id"), "{}", bad.why);
}

#[test]
fn a_token_is_fetched_only_where_none_was_given() {
    let pairs = [("shop_domain", "x"), ("client_id", "abc")];
    for (slots, fetches) in [
        (&["client_secret"][..], true),
        (&["client_secret", "access_token"], false),
        (&["access_token"], false),
        (&[], false),
    ] {
        assert_eq!(configured(&pairs, slots).unwrap().fetches_token, fetches, "{slots:?}");
    }
    assert!(!configured(&[("shop_domain", "x")], &["client_secret"]).unwrap().fetches_token);
}

#[test]
fn settings_saved_again_as_completed_stay_as_they_are_even_with_a_fetched_token_in_the_vault() {
    let pairs = [("shop_domain", "X"), ("client_id", "abc"), ("location_id", "7")];
    let first = configured(&pairs, &["client_secret"]).unwrap();
    let again: Vec<_> = first.settings.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(configured(&again, &["client_secret", "access_token"]).unwrap(), first);
}

#[test]
fn what_is_missing_to_send_or_receive_is_said() {
    let said = |slots: &[&str]| {
        configured(&[("shop_domain", "x"), ("location_id", "1")], slots).unwrap().warnings.join(" ")
    };
    assert!(said(&[]).contains("access_token") && said(&[]).contains("webhook_secret"));
    assert!(!said(&["client_secret"]).contains("webhook_secret"), "the client secret signs too");
    assert_eq!(said(&["access_token", "webhook_secret"]), "");
}

#[test]
fn only_a_sandbox_may_be_somewhere_else() {
    let pairs = [("shop_domain", "x"), ("base_url", "http://127.0.0.1:9101/")];
    assert_eq!(refused(&pairs), "base_url");
    let ready = placed(&pairs, &["access_token"], true).unwrap();
    assert_eq!(ready.base_url, "http://127.0.0.1:9101");
    for odd in ["ftp://x", "127.0.0.1:9101", "http://a/b", "http://user@a", "http://"] {
        assert!(placed(&[("shop_domain", "x"), ("base_url", odd)], &[], true).is_err(), "{odd}");
    }
}

#[test]
fn credentials_must_be_one_of_the_two_kinds() {
    assert_eq!(refused(&[("shop_domain", "x"), ("credentials", "magic")]), "credentials");
    assert_eq!(
        refused(&[("shop_domain", "x"), ("credentials", "client_credentials")]),
        "credentials"
    );
}
