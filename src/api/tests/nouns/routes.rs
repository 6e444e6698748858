//! What holds for every route of the daemon.

use zelador_actors::identity::scopes::is_scope;

use crate::api::Language;
use crate::api::auth::Need;
use crate::api::openapi::refusals;
use crate::api::tests::house::house;

#[tokio::test]
async fn every_refusal_has_a_message() {
    let house = house().await;
    for route in &house.api.0.table.routes {
        for (status, codes) in refusals(route) {
            for code in codes {
                for language in Language::ALL {
                    assert!(
                        language.find(code, &[]).is_some(),
                        "{code} of {status} in {}",
                        language.tag()
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn every_scope_that_a_route_asks_for_can_be_given_to_a_token() {
    let house = house().await;
    let mut seen = 0;
    for route in &house.api.0.table.routes {
        if let Need::Scope(scope) | Need::Global(scope) | Need::Own(scope) | Need::Member(scope) =
            route.spec.need
        {
            assert!(is_scope(scope), "{scope}");
            seen += 1;
        }
    }
    assert!(seen > 0);
}

#[tokio::test]
async fn no_route_of_a_noun_is_open() {
    let house = house().await;
    for route in &house.api.0.table.routes {
        let (need, path) = (route.spec.need, route.spec.path);
        let meant = ["/", "/health", "/ready", "/openapi.json"].contains(&path)
            || ["/auth/login", "/auth/refresh", "/auth/accept-invite"].contains(&path)
            || path.starts_with("/api-docs");
        let open = need == Need::Open && !meant;
        assert!(!open, "{} {}", route.spec.method, route.spec.path);
    }
}
