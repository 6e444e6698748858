//! Every type has a schema, and a payload that does not fit it is found.

use std::collections::BTreeSet;

use serde_json::json;

use super::{KINDS, find, schema, undocumented};

#[test]
fn every_type_is_there_once_and_says_each_member_once() {
    let names: BTreeSet<_> = KINDS.iter().map(|kind| kind.name).collect();
    assert_eq!(names.len(), KINDS.len());
    for kind in KINDS {
        let members: Vec<_> = kind.members().map(|member| member.name).collect();
        let once: BTreeSet<_> = members.iter().collect();
        assert_eq!(once.len(), members.len(), "{}", kind.name);
    }
}

#[test]
fn what_nobody_documented_is_found() {
    let tenant = "01890000-0000-7000-8000-000000000001";
    let by = json!({ "kind": "operator", "id": "x" });
    let good = json!({ "tenant_id": tenant, "initiated_by": by });
    assert_eq!(undocumented("tenant.deleted", &good.to_string()), None);
    let with = |name: &str, value| {
        let mut data = good.clone();
        data[name] = value;
        undocumented("tenant.deleted", &data.to_string()).unwrap_or_default()
    };
    assert_eq!(with("request_id", json!("r")), "");
    assert!(with("more", json!(1)).contains("nobody documented `more`"));
    assert!(with("tenant_id", json!("x")).contains("`tenant_id` is no Id"));
    assert!(with("tenant_id", json!(null)).contains("`tenant_id`"));
    assert!(with("initiated_by", json!({ "kind": "cat", "id": "x" })).contains("`kind`"));
    assert!(undocumented("tenant.deleted", "{}").unwrap().contains("is missing"));
    assert!(undocumented("tenant.deleted", "[]").unwrap().contains("no object"));
    assert!(undocumented("tenant.forgotten", "{}").unwrap().contains("no type"));
}

#[test]
fn the_schema_says_the_same() {
    let schema = schema(find("booking.updated").unwrap());
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["properties"]["booking_id"]["format"], "uuid");
    assert_eq!(schema["properties"]["series_id"]["anyOf"][1]["type"], "null");
    assert_eq!(schema["properties"]["changes"]["required"], json!([]));
    assert!(schema["required"].as_array().unwrap().contains(&json!("changes")));
}
