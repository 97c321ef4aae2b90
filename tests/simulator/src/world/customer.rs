//! Mono's customers: whom a linked account belongs to in the eyes of the business.

use serde::{Deserialize, Serialize};

use super::{Refusal, World};
use crate::random::object_id;

/// A customer of the business.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Customer {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) email: Option<String>,
    pub(crate) business: bool,
    pub(crate) phone: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) bvn: Option<String>,
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

/// What a caller says about a customer to be made or changed.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct NewCustomer {
    email: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    business_name: Option<String>,
    address: Option<String>,
    phone: Option<String>,
    identity: Option<Identification>,
}

#[derive(Debug, Clone, Deserialize)]
struct Identification {
    number: String,
}

impl NewCustomer {
    fn is_business(&self) -> bool {
        self.kind.as_deref() == Some("business")
    }

    fn name(&self) -> String {
        if self.is_business() {
            return self.business_name.clone().unwrap_or_default();
        }
        let parts = [self.first_name.as_deref(), self.last_name.as_deref()];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    fn wrong_fields(&self) -> Vec<(&'static str, &'static str)> {
        let business = self.is_business();
        let mut wrong = Vec::new();
        let mut need = |missing: bool, field, message| {
            if missing {
                wrong.push((field, message));
            }
        };
        need(self.email.is_none(), "email", "email is required");
        need(
            !business && self.first_name.is_none(),
            "first_name",
            "first_name is required",
        );
        need(
            !business && self.last_name.is_none(),
            "last_name",
            "last_name is required",
        );
        need(
            business && self.business_name.is_none(),
            "business_name",
            "business_name is required",
        );
        need(self.address.is_none(), "address", "address is required");
        let long = self
            .address
            .as_ref()
            .is_some_and(|text| text.chars().count() > 100);
        need(long, "address", "address must have at most 100 characters");
        need(self.phone.is_none(), "phone", "phone is required");
        need(self.identity.is_none(), "identity", "identity is required");
        wrong
    }
}

impl World {
    /// The id of the customer, made when it does not exist yet.
    ///
    /// # Errors
    /// An id that no customer has.
    pub(crate) fn customer(&mut self, named: &CustomerRef) -> Result<String, Refusal> {
        if let Some(id) = &named.id {
            let known = self.customers.contains_key(id);
            return if known {
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
        let name = named.name.clone().unwrap_or_default();
        Ok(self
            .keep(Customer {
                name,
                email: named.email.clone(),
                ..Customer::default()
            })
            .id)
    }

    /// A new customer.
    ///
    /// # Errors
    /// Missing fields, or an email that a customer has already; its id is not told.
    pub(crate) fn create_customer(&mut self, new: &NewCustomer) -> Result<Customer, Refusal> {
        let wrong = new.wrong_fields();
        if !wrong.is_empty() {
            return Err(Refusal::InvalidFields(wrong));
        }
        if self
            .customers
            .values()
            .any(|customer| customer.email == new.email)
        {
            return Err(Refusal::CustomerExists);
        }
        Ok(self.keep(Customer {
            id: String::new(),
            name: new.name(),
            email: new.email.clone(),
            business: new.is_business(),
            phone: new.phone.clone(),
            address: new.address.clone(),
            bvn: new
                .identity
                .as_ref()
                .map(|identity| identity.number.clone()),
        }))
    }

    /// Changes phone, address and identity; what is absent stays.
    pub(crate) fn change_customer(&mut self, id: &str, new: NewCustomer) -> Result<(), Refusal> {
        let customer = self.customers.get_mut(id).ok_or(Refusal::UnknownCustomer)?;
        customer.phone = new.phone.or(customer.phone.take());
        customer.address = new.address.or(customer.address.take());
        customer.bvn = new
            .identity
            .map(|identity| identity.number)
            .or(customer.bvn.take());
        Ok(())
    }

    /// Makes a customer with an id that a test chose, so that it can be named from then on.
    pub(crate) fn know_customer(&mut self, named: &CustomerRef) {
        if let Some(id) = &named.id {
            let name = named.name.clone().unwrap_or_default();
            let email = named.email.clone();
            let made = Customer {
                id: id.clone(),
                name,
                email,
                ..Customer::default()
            };
            self.customers.entry(id.clone()).or_insert(made);
        }
    }

    fn keep(&mut self, customer: Customer) -> Customer {
        let id = object_id(&mut self.ids);
        let customer = Customer {
            id: id.clone(),
            ..customer
        };
        self.customers.insert(id, customer.clone());
        customer
    }
}
