//! What a person may write as settings, and what becomes of it.

use crossdock_connectors::{BadSetting, Configured, Given};

use crate::centre::{self, BASE, prepbusiness};

fn placed(pairs: &[(&str, &str)], slots: &[&str], sandbox: bool) -> Result<Configured, BadSetting> {
    let settings = centre::settings(pairs);
    let slots: Vec<String> = slots.iter().map(|slot| (*slot).to_owned()).collect();
    prepbusiness().configure(&Given { settings: &settings, secret_slots: &slots, sandbox })
}

fn configured(pairs: &[(&str, &str)], slots: &[&str]) -> Configured {
    placed(pairs, slots, false).unwrap()
}

fn refused(pairs: &[(&str, &str)]) -> BadSetting {
    placed(pairs, &["api_token", "webhook_secret"], false).unwrap_err()
}

#[test]
fn the_environment_names_of_the_document_are_offered() {
    let offers = prepbusiness().offers();
    let settings = offers.settings.iter().map(|spec| (spec.name, spec.env.unwrap()));
    let secrets = offers.secrets.iter().map(|spec| (spec.slot, spec.env.unwrap()));
    let named: Vec<_> = settings.chain(secrets).collect();
    assert_eq!(
        named,
        [
            ("api_base_url", "PREPBUSINESS_API_BASE_URL"),
            ("sync_mode", "PREPBUSINESS_SYNC_MODE"),
            ("inbounds_path", "PREPBUSINESS_INBOUNDS_PATH"),
            ("api_token", "PREPBUSINESS_API_TOKEN"),
            ("webhook_secret", "PREPBUSINESS_WEBHOOK_SECRET"),
        ]
    );
}

#[test]
fn one_connection_serves_many_and_is_told_and_read_where_the_document_says() {
    let offers = prepbusiness().offers();
    assert!(offers.is_shared);
    assert_eq!(offers.sync_routes, ["/api/sync/prepbusiness"]);
    assert_eq!(offers.routes[0].path, "/api/webhooks/prepbusiness");
    assert_eq!((offers.schedules.changes, offers.schedules.all), ("*/30 * * * *", "0 3 * * *"));
    let calls = (offers.call_defaults)();
    assert_eq!((calls.rate_per_s, calls.burst), (2, 2));
}

#[test]
fn without_a_mode_a_token_decides_whether_it_is_read() {
    for (slots, mode, is_read) in [(&["api_token"][..], "api", true), (&[], "manual", false)] {
        let ready = configured(&[("api_base_url", BASE)], slots);
        assert_eq!(ready.settings["sync_mode"], mode);
        let connection = centre::connected(&[("api_base_url", BASE)], slots);
        assert_eq!(prepbusiness().is_read(&connection), is_read);
    }
    let manual = configured(&[("api_base_url", BASE), ("sync_mode", "MANUAL")], &["api_token"]);
    assert_eq!(manual.settings["sync_mode"], "manual");
    assert_eq!(refused(&[("api_base_url", BASE), ("sync_mode", "auto")]).name, "sync_mode");
}

#[test]
fn only_manual_mode_does_without_an_address() {
    assert_eq!(refused(&[]).name, "api_base_url");
    assert_eq!(configured(&[], &[]).base_url, "");
}

#[test]
fn an_address_is_a_host_and_a_path_over_https() {
    for (given, base) in [
        (BASE, BASE),
        ("https://portal.company.example/api/", BASE),
        ("https://portal.company.example", BASE),
        ("https://a.example:8443/v1/api", "https://a.example:8443/v1/api"),
    ] {
        assert_eq!(configured(&[("api_base_url", given)], &["api_token"]).base_url, base);
    }
    for given in [
        "http://portal.company.example/api",
        "portal.company.example",
        "https://me:secret@portal.company.example/api",
        "https://portal.company.example/api?api_token=x",
        "https://portal.company.example/../api",
        "https://",
        "ftp://portal.company.example",
    ] {
        assert_eq!(refused(&[("api_base_url", given)]).name, "api_base_url", "{given}");
    }
    let sandbox = placed(&[("api_base_url", "http://127.0.0.1:9102/api")], &["api_token"], true);
    assert_eq!(sandbox.unwrap().base_url, "http://127.0.0.1:9102/api");
}

#[test]
fn a_path_of_goods_that_go_out_is_refused_and_said_why() {
    for path in ["/orders", "orders", "/v1/Orders", "/shipments/outbound", "/order/upload"] {
        let bad = refused(&[("api_base_url", BASE), ("inbounds_path", path)]);
        assert_eq!(bad.name, "inbounds_path");
        assert!(bad.why.contains("going out") && bad.why.contains("/shipments/inbound"), "{bad}");
    }
    for path in ["/a b", "/x//y", "/a?b", "/../x", "/"] {
        let bad = refused(&[("api_base_url", BASE), ("inbounds_path", path)]);
        assert_eq!(bad.name, "inbounds_path", "{path}");
    }
}

#[test]
fn the_documents_path_works_by_the_same_setting() {
    let path = |given: &[(&str, &str)]| {
        let pairs = [&[("api_base_url", BASE)], given].concat();
        configured(&pairs, &["api_token"]).settings["inbounds_path"].clone()
    };
    assert_eq!(path(&[]), "/shipments/inbound");
    assert_eq!(path(&[("inbounds_path", "")]), "/shipments/inbound");
    assert_eq!(path(&[("inbounds_path", "/inbounds")]), "/inbounds");
    assert_eq!(path(&[("inbounds_path", "inbounds/")]), "/inbounds");
}

#[test]
fn what_will_not_work_is_said_at_once_and_stays_said() {
    let warnings = |pairs: &[(&str, &str)], slots: &[&str]| configured(pairs, slots).warnings;
    let api = [("api_base_url", BASE), ("sync_mode", "api")];
    assert_eq!(warnings(&api, &["api_token", "webhook_secret"]), [""; 0]);
    assert!(warnings(&api, &["api_token"])[0].contains("doorbell"));
    assert!(warnings(&api, &["webhook_secret"])[0].contains("api_token"));
    assert!(warnings(&[], &[])[0].contains("refused unless they come with a crossdock token"));
    assert_eq!(warnings(&[], &["webhook_secret"]), [""; 0]);
}

#[test]
fn a_misspelt_setting_is_refused() {
    let bad = refused(&[("api_base_url", BASE), ("inbound_path", "/inbounds")]);
    assert_eq!(bad.name, "inbound_path");
    assert!(bad.why.contains("inbounds_path"));
}
