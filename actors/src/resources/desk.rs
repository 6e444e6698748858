//! Where commands about categories and resources are handed in.

use zelador_store::id::{Category, Resource};

use super::actor;
use super::messages::{CategoryRecord, Delete, Foreseen, Register, ResourceRecord, Revise};
use super::rules::{CategoryDraft, ResourceDraft};
use crate::engine::Shell;
use crate::error::Error;

/// Takes in commands about categories and resources; clones are the same desk.
/// Its callers do the work themselves: what two of them want at once, the rows
/// that they expect put in order.
#[derive(Clone)]
pub struct ResourceDesk {
    shell: Shell,
}

impl ResourceDesk {
    /// A desk.
    pub fn new(shell: Shell) -> Self {
        Self { shell }
    }

    /// Makes a category. Absent: the tenant.
    pub async fn register_category(
        &self,
        command: Register<CategoryDraft, CategoryRecord>,
    ) -> Result<CategoryRecord, Error> {
        actor::register_category(&self.shell, command).await
    }

    /// Makes a category what a draft says.
    pub async fn revise_category(
        &self,
        command: Revise<Category, CategoryDraft>,
    ) -> Result<CategoryRecord, Error> {
        actor::revise_category(&self.shell, command).await
    }

    /// Deletes a category. Refused while living resources are of it.
    pub async fn delete_category(&self, command: Delete<Category>) -> Result<(), Error> {
        actor::delete_category(&self.shell, command).await
    }

    /// Makes a resource. Absent: the tenant, or the category.
    pub async fn register_resource(
        &self,
        command: Register<ResourceDraft, ResourceRecord>,
    ) -> Result<ResourceRecord, Error> {
        actor::register_resource(&self.shell, command).await
    }

    /// Makes a resource what a draft says. Absent: the resource, or the category
    /// that it is to come into.
    pub async fn revise_resource(
        &self,
        command: Revise<Resource, ResourceDraft>,
    ) -> Result<ResourceRecord, Error> {
        actor::revise_resource(&self.shell, command).await
    }

    /// Deletes a resource; what is booked on it is cancelled in the background.
    pub async fn delete_resource(&self, command: Delete<Resource>) -> Result<(), Error> {
        actor::delete_resource(&self.shell, command).await
    }

    /// What deleting a resource would come to; nothing is changed.
    pub async fn foresee(&self, command: &Delete<Resource>) -> Result<Foreseen, Error> {
        actor::foresee(&self.shell, command).await
    }
}
