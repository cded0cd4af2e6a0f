//! What the prep centre counts of an account's goods: a page of `GET /inventory`. Its rows say how many lie there
//! (`quantity_in_stock`), what is allocated to orders included, and not when that was so.

use crossdock_domain::RemoteId;
use crossdock_domain::answer::{Failure, Receipt};
use crossdock_domain::fact::CounterFact;
use serde_json::value::RawValue;

use super::failures::unreadable;
use super::mapping;
use super::pages;
use super::wire::Object;

/// Rows of one page: half of what the partner allows, and as many as the hub compares at a time.
pub(super) const ROWS_A_PAGE: u32 = 250;

pub(super) fn read(
    object: &Object<'_>,
    merchant: &RemoteId,
    cursor: Option<&str>,
    warnings: &mut Vec<String>,
) -> Result<Receipt, Failure> {
    let page = pages::page(object, &["data", "items"], cursor).map_err(unreadable)?;
    let (mut others, mut odd) = (0, None);
    let mut rows = Vec::with_capacity(page.rows.len());
    for raw in &page.rows {
        match counter(raw, merchant) {
            Ok(Some(counter)) => rows.push(counter),
            Ok(None) => others += 1,
            Err(why) => odd = odd.or(Some(why)),
        }
    }
    if let Some(why) = odd {
        if rows.is_empty() && others == 0 && !page.is_certain {
            return Err(unreadable(format!("no row of the list reads: {why}")));
        }
        warnings.push(format!("rows of the list of goods do not read and are left out: {why}"));
    }
    if others > 0 {
        warnings.push(format!(
            "asked for the goods of account {merchant}, PrepBusiness shows those of other accounts among them: \
             they are left out"
        ));
    }
    // Where nothing is said of how many lie there, there is nothing to compare.
    rows.retain(|row| row.counted.is_some() || row.unreadable.is_some());
    Ok(Receipt::Counters { rows, next: page.next })
}

/// One row; `None` for one of another account.
fn counter(raw: &RawValue, merchant: &RemoteId) -> Result<Option<CounterFact>, String> {
    let object = Object::read(raw.get()).ok_or("it is not an object")?;
    let remote_item = object.get("id").id("id")?.ok_or("it has no id")?;
    if mapping::merchant(&object)?.is_some_and(|of| of != *merchant) {
        return Ok(None);
    }
    let (counted, unreadable) = match object.get("quantity_in_stock").units("quantity_in_stock") {
        Ok(counted) => (counted, None),
        Err(why) => (None, Some(why)),
    };
    Ok(Some(CounterFact {
        remote_item: Some(remote_item),
        sku: object.any(&mapping::SKU).text(),
        asin: mapping::asin(&object),
        counted,
        unreadable,
    }))
}
