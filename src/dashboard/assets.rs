//! Style, script and icon: in the binary, under names that hold a digest of what is
//! in them, so that a browser keeps them and never keeps an old one.

use std::sync::LazyLock;

use sha2::{Digest as _, Sha256};
use warp::http::header::{self, HeaderName, HeaderValue};

use crate::api::doors::Doors;
use crate::api::{Call, Need, Problem, Reply, Route};

const KEPT: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Something that pages refer to.
struct Asset {
    name: String,
    kind: &'static str,
    bytes: &'static [u8],
}

/// The style, the script, the icon.
static ASSETS: LazyLock<[Asset; 3]> = LazyLock::new(|| {
    let style = concat!(
        include_str!("assets/base.css"),
        include_str!("assets/parts.css"),
        include_str!("assets/pages.css"),
    );
    [
        asset("zelador", "css", "text/css; charset=utf-8", style.as_bytes()),
        asset("zelador", "js", "text/javascript; charset=utf-8", include_bytes!("assets/live.js")),
        asset("icon", "svg", "image/svg+xml", include_bytes!("assets/icon.svg")),
    ]
});

fn asset(stem: &str, ending: &str, kind: &'static str, bytes: &'static [u8]) -> Asset {
    let digest = hex::encode(Sha256::digest(bytes));
    let digest = digest.get(..16).unwrap_or_default();
    Asset { name: format!("{stem}-{digest}.{ending}"), kind, bytes }
}

/// Where the style, the script and the icon are.
pub(super) fn places() -> [String; 3] {
    let place = |asset: &Asset| format!("/dashboard/assets/{}", asset.name);
    let [style, script, icon] = &*ASSETS;
    [place(style), place(script), place(icon)]
}

pub(super) fn routes() -> Vec<Route<Doors>> {
    vec![
        Route::get("/dashboard/assets/{name}", Need::Open, |_, call| async move { give(&call) })
            .page(),
    ]
}

fn give(call: &Call) -> Result<Reply, Problem> {
    let asset = ASSETS.iter().find(|asset| asset.name == call.param("name"));
    let asset = asset.ok_or(Problem::absent("asset"))?;
    Ok(Reply::bytes(asset.kind, asset.bytes)
        .header(header::CACHE_CONTROL, KEPT)
        .header(RESOURCE_POLICY, HeaderValue::from_static("same-origin")))
}
