//! Mono's customers: whom a linked account belongs to in the eyes of the business.

use serde::{Deserialize, Serialize};

use super::{Refusal, World};
use crate::random::object_id;

/// A customer of the business.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Customer {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) email: Option<String>,
}

/// How a caller names a customer: by id, or by name and email.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct CustomerRef {
    /// Id of an existing customer.
    pub id: Option<String>,
    /// Name of a new one, or of the one with this email.
    pub name: Option<String>,
    /// Email.
    pub email: Option<String>,
}

impl World {
    /// The id of the customer, made when it does not exist yet.
    ///
    /// # Errors
    /// An id that no customer has.
    pub(crate) fn customer(&mut self, named: &CustomerRef) -> Result<String, Refusal> {
        if let Some(id) = &named.id {
            return if self.customers.contains_key(id) {
                Ok(id.clone())
            } else {
                Err(Refusal::UnknownCustomer)
            };
        }
        let same = self
            .customers
            .values()
            .find(|c| c.email.is_some() && c.email == named.email);
        if let Some(existing) = same {
            return Ok(existing.id.clone());
        }
        let id = object_id(&mut self.ids);
        let name = named.name.clone().unwrap_or_default();
        let customer = Customer {
            id: id.clone(),
            name,
            email: named.email.clone(),
        };
        self.customers.insert(id.clone(), customer);
        Ok(id)
    }

    /// Makes a customer with an id that a test chose, so that it can be named from then on.
    pub(crate) fn know_customer(&mut self, named: &CustomerRef) {
        if let Some(id) = &named.id {
            let name = named.name.clone().unwrap_or_default();
            let made = Customer {
                id: id.clone(),
                name,
                email: named.email.clone(),
            };
            self.customers.entry(id.clone()).or_insert(made);
        }
    }
}
