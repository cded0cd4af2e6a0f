//! What the PrepBusiness connector offers, as data.

use crossdock_domain::call::CallKind;
use crossdock_domain::connection::CallSettings;

use super::settings;
use crate::{DeliveryRoute, Finder, Offers, Schedules, SecretSpec, SettingSpec};

pub(super) static OFFERS: Offers = Offers {
    name: "prepbusiness",
    title: "PrepBusiness",
    settings: SETTINGS,
    secrets: SECRETS,
    calls: &[
        (CallKind::PutReception, 1),
        (CallKind::ShipOrder, 1),
        (CallKind::ReadOrder, 1),
        (CallKind::Test, 1),
        (CallKind::ReadMerchants, 1),
        // What a list has shown is read before the list goes on, so that what is owed never piles up.
        (CallKind::ReadReception, 1),
        (CallKind::ReadReceptions, 1),
        // Last: what was checked in is booked before it is compared.
        (CallKind::ReadCounters, 1),
    ],
    routes: &[DeliveryRoute {
        path: "/api/webhooks/prepbusiness",
        topic: "",
        finder: Finder::Only,
    }],
    key_life: None,
    call_defaults,
    is_shared: true,
    sync_routes: &["/api/sync/prepbusiness"],
    schedules: Schedules { changes: "*/30 * * * *", all: "0 3 * * *" },
};

/// The partner publishes no limits, so we stay far below what anybody would mind.
fn call_defaults() -> CallSettings {
    CallSettings { rate_per_s: 2, burst: 2, in_flight_max: 2, ..CallSettings::default() }
}

pub(super) const SETTINGS: &[SettingSpec] = &[
    SettingSpec {
        name: settings::API_BASE_URL,
        env: Some("PREPBUSINESS_API_BASE_URL"),
        what: "Address of the API, such as https://your-company.prepbusiness.com/api or a domain of \
               your own. Needed unless sync_mode is manual.",
        required: false,
    },
    SettingSpec {
        name: settings::SYNC_MODE,
        env: Some("PREPBUSINESS_SYNC_MODE"),
        what: "api (webhooks are hints, what they are about is read) or manual (what is sent counts). \
               api when left out and an api_token is set, else manual.",
        required: false,
    },
    SettingSpec {
        name: settings::INBOUNDS_PATH,
        env: Some("PREPBUSINESS_INBOUNDS_PATH"),
        what: "Path of inbound shipments below the API's address: /shipments/inbound (the default).",
        required: false,
    },
];

const SECRETS: &[SecretSpec] = &[
    SecretSpec {
        slot: settings::API_TOKEN,
        env: Some("PREPBUSINESS_API_TOKEN"),
        what: "API token: Your Settings › API › Create Token, of a user of the prep centre. It is shown \
               once.",
    },
    SecretSpec {
        slot: settings::WEBHOOK_SECRET,
        env: Some("PREPBUSINESS_WEBHOOK_SECRET"),
        what: "Secret of the webhook, with which its deliveries are signed. Without it a webhook only \
               brings the next reading forward.",
    },
];
