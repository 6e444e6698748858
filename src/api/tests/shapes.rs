use super::noun::NewCrate;
use crate::api::schema::{Components, Shape};
use serde_json::json;

#[test]
fn probe() {
    let shape = Shape::of::<NewCrate>();
    let mut components = Components::default();
    components.add(&shape).unwrap();
    println!("{}", serde_json::to_string_pretty(&components.to_value()).unwrap());
    let checker = components.compile(&shape.schema, "x").unwrap();
    for body in [
        json!({}),
        json!([]),
        json!({"name": "", "count": 0, "size": "tiny", "label": {"street": 7, "zone": "Mars/X", "x": 1}, "email": "nope", "days": [1, 300, -1, "x"], "extra": 3, "b": 1, "c": 2}),
        json!({"name": "a\u{1}", "label": null, "email": null, "size": null, "days": [1.5]}),
        json!({"name": "a", "count": 1.0}),
    ] {
        println!("{body}");
        for flaw in checker.check(&body) {
            println!("   {flaw:?}");
        }
    }
    let change = components.change_of(&shape.schema, &["id".to_owned()].into());
    println!("{}", serde_json::to_string_pretty(&change).unwrap());
    let checker = components.compile(&change, "x").unwrap();
    for body in [
        json!({"id": 3, "b": 3, "name": null, "label": {"street": null, "zone": 3}, "days": ["x"]}),
    ] {
        for flaw in checker.check(&body) {
            println!("   {flaw:?}");
        }
    }
}
