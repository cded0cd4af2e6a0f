//! What the Shopify connector offers, as data.

use crossdock_domain::Span;
use crossdock_domain::call::CallKind;
use crossdock_domain::connection::CallSettings;

use super::{requests, settings};
use crate::{DeliveryRoute, Finder, Offers, Schedules, SecretSpec, SettingSpec};

pub(super) static OFFERS: Offers = Offers {
    name: "shopify",
    title: "Shopify",
    settings: SETTINGS,
    secrets: SECRETS,
    calls: &[
        (CallKind::SetLevels, requests::SET_ROWS_MAX),
        (CallKind::AdjustLevel, 1),
        (CallKind::ReadLevels, requests::READ_ROWS_MAX),
        (CallKind::ReadItems, 1),
        (CallKind::RenewToken, 1),
        (CallKind::Test, 1),
        // Last, so that whatever else is owed goes first.
        (CallKind::ReadPage, 1),
    ],
    routes: ROUTES,
    // Keys live 24 h at Shopify; the hour is the margin.
    key_life: Some(Span::from_s(23 * 60 * 60)),
    call_defaults: CallSettings::default,
    is_shared: false,
    sync_routes: &[],
    schedules: Schedules { changes: "*/5 * * * *", all: "0 3 * * *" },
};

pub(super) const SETTINGS: &[SettingSpec] = &[
    SettingSpec {
        name: settings::SHOP_DOMAIN,
        env: Some("SHOPIFY_STORE_DOMAIN"),
        what: "The shop's permanent address, such as my-shop.myshopify.com.",
        required: true,
    },
    SettingSpec {
        name: settings::API_VERSION,
        env: Some("SHOPIFY_API_VERSION"),
        what: "API version, such as 2026-07 (the default). Versions before 2026-04 are raised.",
        required: false,
    },
    SettingSpec {
        name: settings::LOCATION_ID,
        env: Some("SHOPIFY_LOCATION_ID"),
        what: "The location where stock is published, by number or gid. Without it nothing is.",
        required: false,
    },
    SettingSpec {
        name: settings::CLIENT_ID,
        env: Some("SHOPIFY_CLIENT_ID"),
        what: "Client id of a Dev Dashboard app, where tokens are fetched with id and secret.",
        required: false,
    },
    SettingSpec {
        name: settings::CREDENTIALS,
        env: None,
        what: "access_token or client_credentials: which is used to call Shopify. Found out from \
               what is given when left out.",
        required: false,
    },
    SettingSpec {
        name: settings::BASE_URL,
        env: None,
        what: "Where calls go instead of the shop; for sandbox connections only.",
        required: false,
    },
];

const SECRETS: &[SecretSpec] = &[
    SecretSpec {
        slot: settings::ACCESS_TOKEN,
        env: Some("SHOPIFY_ACCESS_TOKEN"),
        what: "Admin API access token (shpat_…) of a custom app: Settings › Apps › Develop apps. \
               Fetched by crossdock itself when client_id and client_secret are set.",
    },
    SecretSpec {
        slot: settings::WEBHOOK_SECRET,
        env: Some("SHOPIFY_WEBHOOK_SECRET"),
        what: "What webhooks are signed with: the app's API secret key, or the key shown under \
               Settings › Notifications › Webhooks for those made there.",
    },
    SecretSpec {
        slot: settings::CLIENT_SECRET,
        env: Some("SHOPIFY_CLIENT_SECRET"),
        what: "Client secret of a Dev Dashboard app. It also signs that app's webhooks.",
    },
];

const BY_SHOP: Finder =
    Finder::HeaderIsSetting { header: "x-shopify-shop-domain", setting: settings::SHOP_DOMAIN };

const ROUTES: &[DeliveryRoute] = &[
    DeliveryRoute {
        path: "/webhooks/inventory-update",
        topic: "inventory_levels/update",
        finder: BY_SHOP,
    },
    DeliveryRoute { path: "/webhooks/orders-create", topic: "orders/create", finder: BY_SHOP },
];
