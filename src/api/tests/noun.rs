//! A sample noun: it has every sort of member that a real one has.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// How big a crate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Size {
    /// Small.
    Small,
    /// Large.
    Large,
}

/// Where it goes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// The street.
    #[schema(min_length = 1, max_length = 200, format = "line")]
    pub street: String,
    /// The zone.
    #[schema(format = "timezone", default = "America/Sao_Paulo")]
    #[serde(default = "zone")]
    pub zone: String,
}

fn zone() -> String {
    "America/Sao_Paulo".to_owned()
}

fn small() -> Size {
    Size::Small
}

/// What makes a crate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCrate {
    /// Its name.
    #[schema(min_length = 1, max_length = 200, format = "line", example = "Box")]
    pub name: String,
    /// How many things it holds.
    #[schema(minimum = 1, maximum = 100, default = 1)]
    #[serde(default = "one")]
    pub count: u32,
    /// How big it is.
    #[schema(default = "small")]
    #[serde(default = "small")]
    pub size: Size,
    /// Where it goes.
    #[serde(default)]
    pub label: Option<Label>,
    /// Who to tell.
    #[schema(format = "email")]
    #[serde(default)]
    pub email: Option<String>,
    /// Days it may travel.
    #[schema(max_items = 7)]
    #[serde(default)]
    pub days: Vec<u8>,
    /// Anything else.
    #[schema(value_type = Object, additional_properties = true)]
    #[serde(default)]
    pub extra: BTreeMap<String, Value>,
}

fn one() -> u32 {
    1
}
