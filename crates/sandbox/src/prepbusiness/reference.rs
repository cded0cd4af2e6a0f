//! Merchants and warehouses.

use super::calls::Call;
use super::centre::Centre;
use super::goods::Merchant;
use super::inbounds::required;
use super::problem::Problem;
use super::routes::Reply;
use super::setup::{MerchantsShape, WarehouseSetup};
use super::spelling::Spelling;
use crate::json::Json;

impl Centre {
    /// `GET /merchants`: unpaged. The documents show one object, clients read a list: the setup chooses.
    pub(crate) fn merchant_list(&self, call: &Call) -> Json {
        let visible = self.merchants.values().filter(|one| call.caller.sees(one.id));
        let mut bodies = visible.map(|one| body(one, self.spelling()));
        let data = match self.setup.merchants_shape {
            MerchantsShape::List => Json::List(bodies.collect()),
            MerchantsShape::Object => bodies.next().unwrap_or(Json::Null),
        };
        Json::object([("data", data)])
    }

    /// `GET /merchants/{id}`.
    pub(crate) fn merchant(&self, call: &Call, id: u64) -> Reply {
        let found = self.merchants.get(&id).filter(|one| call.caller.sees(one.id));
        let found = found.ok_or_else(|| Problem::not_found(&format!("Merchant {id}")))?;
        Ok(Json::object([("data", body(found, self.spelling()))]))
    }

    /// `POST /merchants`: staff only.
    pub(crate) fn make_merchant(&mut self, call: &Call) -> Reply {
        if !call.caller.is_staff() {
            return Err(Problem::forbidden());
        }
        let name = call.text("name").ok_or_else(|| required("name"))?;
        let email = call.text("primary_email").ok_or_else(|| required("primary_email"))?;
        let id = self.numbers.next("merchant");
        let told = Json::object([
            ("id", self.spelling().id(id)),
            ("name", name.as_str().into()),
            ("notes", Json::Null),
            ("primaryEmail", email.into()),
            ("billingCycle", "monthly".into()),
            ("billingCycleDay", 3_i64.into()),
            ("perItemAdjustment", 0_i64.into()),
            ("photoUrl", "https://example.com/avatar.jpg".into()),
            ("enabled", true.into()),
            ("isOrdersEnabled", false.into()),
            ("isAmazonShipmentsEnabled", true.into()),
        ]);
        self.merchants.insert(id, Merchant { id, name, token: None });
        Ok(Json::object([("message", "Merchant created".into()), ("merchant", told)]))
    }

    /// `GET /warehouses`.
    pub(crate) fn warehouse_list(&self) -> Json {
        let houses = self.setup.warehouses.iter().map(|house| warehouse(house, self.spelling()));
        Json::object([("data", houses.collect::<Vec<_>>().into())])
    }
}

fn body(merchant: &Merchant, spelling: Spelling) -> Json {
    Json::object([
        ("id", spelling.id(merchant.id)),
        ("name", merchant.name.as_str().into()),
        ("notes", Json::Null),
        ("primaryEmail", format!("merchant{}@example.com", merchant.id).into()),
        ("billingCycle", "monthly".into()),
        ("perItemAdjustment", 0_i64.into()),
        ("notificationSettings", Json::List(Vec::new())),
        ("hasDefaultPaymentMethod", false.into()),
        ("photoUrl", "https://example.com/avatar.jpg".into()),
        ("stripeCustomerId", Json::Null),
        ("enabled", true.into()),
        ("isOrdersEnabled", false.into()),
        ("pmLastFour", Json::Null),
        ("billingAddress", Json::Null),
        ("billingAddressLine2", Json::Null),
        ("billingCity", Json::Null),
        ("billingState", Json::Null),
        ("billingZip", Json::Null),
    ])
}

fn warehouse(house: &WarehouseSetup, spelling: Spelling) -> Json {
    let address = Json::object([
        ("id", spelling.id(house.id)),
        ("warehouse_id", spelling.id(house.id)),
        ("address_line_1", "1000 State Route 36".into()),
        ("address_line_2", Json::Null),
        ("address_line_3", Json::Null),
        ("city", "Hornell".into()),
        ("state_province", "NY".into()),
        ("postal_code", "14843-2651".into()),
        ("country_code", house.country_code.as_str().into()),
        ("phone_number", Json::Null),
        ("is_residential", false.into()),
    ]);
    Json::object([
        ("id", spelling.id(house.id)),
        ("uuid", "0197e188-5d70-8010-bf60-252ed9687632".into()),
        ("name", house.name.as_str().into()),
        ("service_provider_id", spelling.id(1)),
        ("default_address", address.clone()),
        ("addresses", Json::List(vec![address])),
    ])
}
