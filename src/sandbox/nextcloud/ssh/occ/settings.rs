//! `user:setting`: values of an account, which nobody validates.

use serde_json::{Map, Value, json};

use super::accounts::written;
use super::{Cx, Output, lines};

pub(super) fn run(cx: &Cx<'_>) -> Output {
    let of = |at| cx.given.argument(at).unwrap_or_default();
    let (id, app, key) = (of(0), of(1), of(2));
    let mut cloud = cx.stage.cloud();
    let Some(user) = cloud.user_mut(id) else {
        return lines(1, &[&format!("The user \"{id}\" does not exist.")]);
    };
    if cx.given.argument(2).is_none() {
        let mut all = Map::new();
        for ((of, key), value) in
            user.values.iter().filter(|((of, _), _)| app.is_empty() || of == app)
        {
            let inside = all.entry(of.clone()).or_insert_with(|| json!({}));
            if let Some(inside) = inside.as_object_mut() {
                inside.insert(key.clone(), json!(value));
            }
        }
        return written(cx, &Value::Object(all));
    }
    let missing = || lines(1, &[&format!("The setting does not exist for user \"{id}\".")]);
    if cx.given.has("delete") {
        let known = user.value(app, key).is_some();
        user.unset(app, key);
        return if known || !cx.given.has("error-if-not-exists") {
            lines(0, &[])
        } else {
            missing()
        };
    }
    match cx.given.argument(3) {
        Some(value) => {
            user.set(app, key, value);
            lines(0, &[])
        }
        None => match (user.value(app, key), cx.given.value("default-value")) {
            (Some(value), _) | (None, Some(value)) => lines(0, &[value]),
            (None, None) => missing(),
        },
    }
}
