//! Resources and their categories: a sound store, and one with each flaw.

use super::{a_tenant, at, each_is_named, told_of};
use crate::category::{Categories, Category, CategoryCounts, CategoryType, Overrides};
use crate::id::{CategoryId, ResourceId, TenantId};
use crate::kv::memory::Memory;
use crate::resource::{Resource, Resources};
use crate::soundness::check;
use crate::tenant::{Tenant, Tenants};
use crate::{Store, Write};

struct Story {
    tenants: Vec<(TenantId, Tenant)>,
    category: (CategoryId, Category),
    resource: (ResourceId, Resource),
    counted: i64,
}

fn story() -> Story {
    let tenant = TenantId::new(at(0), [1; 10]);
    let category = CategoryId::new(at(0), [2; 10]);
    let category_row = Category {
        tenant,
        name: "Salas".into(),
        description: None,
        category_type: CategoryType::Fisico,
        icon: None,
        color: None,
        settings: Overrides::default(),
        version: 1,
        created_at: at(0),
        updated_at: at(0),
        deleted_at: None,
    };
    let resource = Resource {
        tenant,
        category: Some(category),
        name: "Sala 1".into(),
        description: None,
        capacity: None,
        location: None,
        attributes: "{}".into(),
        is_active: true,
        concurrent_bookings: 1,
        availability_schedule: None,
        settings: Overrides::default(),
        calendar_token: None,
        version: 1,
        created_at: at(0),
        updated_at: at(0),
        deleted_at: None,
    };
    Story {
        tenants: vec![(tenant, a_tenant())],
        category: (category, category_row),
        resource: (ResourceId::new(at(0), [3; 10]), resource),
        counted: 1,
    }
}

async fn findings(story: &Story) -> Vec<String> {
    let mut write = Write::new();
    for (id, tenant) in &story.tenants {
        write.insert::<Tenants>(id, tenant);
    }
    write.insert::<Categories>(&story.category.0, &story.category.1);
    write.insert::<Resources>(&story.resource.0, &story.resource.1);
    write.add::<CategoryCounts>(&story.category.0, story.counted);
    told_of(write).await
}

#[tokio::test]
async fn a_resource_of_a_living_category_is_sound() {
    assert_eq!(findings(&story()).await, Vec::<String>::new());
}

#[tokio::test]
async fn each_contradiction_is_named() {
    type Spoil = fn(&mut Story);
    let spoils: [(Spoil, &str); 6] = [
        (|s| s.category.1.deleted_at = Some(at(5)), "which is gone"),
        (|s| s.resource.1.category = Some(CategoryId::new(at(0), [9; 10])), "which is gone"),
        (|s| s.tenants.clear(), "which is gone"),
        (
            |s| {
                let mut other = a_tenant();
                other.domain = "other".into();
                s.category.1.tenant = TenantId::new(at(0), [7; 10]);
                s.tenants.push((s.category.1.tenant, other));
            },
            "which is another tenant's",
        ),
        (|s| s.counted = 2, "there are 1, it says 2"),
        (|s| s.resource.1.deleted_at = Some(at(5)), "there are 0, it says 1"),
    ];
    each_is_named(story, findings, &spoils).await;
}

/// While a deleted tenant is being purged, its rows go one after the other.
#[tokio::test]
async fn a_purge_under_way_is_sound() {
    let mut story = story();
    story.tenants[0].1.deleted_at = Some(at(5));
    story.category.1.deleted_at = Some(at(5));
    assert_eq!(findings(&story).await, Vec::<String>::new());
}

/// What the helpers of a write count is what is there.
#[tokio::test]
async fn counts_follow_resources() {
    let memory = std::sync::Arc::new(Memory::new());
    let store = Store::new(memory.clone());
    let Story { tenants, category, resource, .. } = story();
    let mut write = Write::new();
    write.insert::<Tenants>(&tenants[0].0, &tenants[0].1);
    write.insert::<Categories>(&category.0, &category.1);
    write.insert_resource(&resource.0, &resource.1);
    store.commit(write).await.unwrap();
    let count = async || store.count::<CategoryCounts>(&category.0).await.unwrap();
    assert_eq!(count().await, 1);
    let mut refused = Write::new();
    refused.expect_zero::<CategoryCounts>(&category.0);
    assert!(store.commit(refused).await.unwrap_err().is_conflict());
    for deleted_at in [Some(at(5)), Some(at(6)), None] {
        let found = store.get::<Resources>(&resource.0).await.unwrap().unwrap();
        let mut write = Write::new();
        write.update_resource(&found, &Resource { deleted_at, ..found.row.clone() });
        store.commit(write).await.unwrap();
        assert_eq!(count().await, i64::from(deleted_at.is_none()));
        assert_eq!(check(memory.as_ref()).unwrap().len(), 0);
    }
    let found = store.get::<Resources>(&resource.0).await.unwrap().unwrap();
    let mut write = Write::new();
    write.remove_resource(&found);
    store.commit(write).await.unwrap();
    let mut free = Write::new();
    free.expect_zero::<CategoryCounts>(&category.0);
    store.commit(free).await.unwrap();
}
