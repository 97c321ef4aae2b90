//! Replacing a property for a while: whatever was there comes back when the patch is dropped.

use js_sys::{Function, Object, Reflect};
use wasm_bindgen::prelude::*;

use super::value::set;

/// A property that is ours for now.
#[must_use]
pub(super) struct Patch {
    target: Object,
    key: JsValue,
    before: JsValue,
}

impl Patch {
    /// Puts `value` in the place of `target[key]`.
    pub(super) fn new(target: &Object, key: &str, value: &Function) -> Result<Self, JsValue> {
        let key = JsValue::from_str(key);
        let before = Object::get_own_property_descriptor(target, &key);
        define(target, &key, value)?;
        Ok(Self {
            target: target.clone(),
            key,
            before,
        })
    }
}

impl Drop for Patch {
    fn drop(&mut self) {
        // What could be replaced a moment ago can be put back.
        let _ = match self.before.dyn_ref::<Object>() {
            Some(before) => Reflect::define_property(&self.target, &self.key, before),
            None => Reflect::delete_property(&self.target, &self.key),
        };
    }
}

/// Gives an object a plain property of its own.
pub(super) fn define(target: &Object, key: &JsValue, value: &JsValue) -> Result<(), JsValue> {
    let descriptor = Object::new();
    set(&descriptor, "value", value.clone());
    set(&descriptor, "configurable", true);
    set(&descriptor, "writable", true);
    set(&descriptor, "enumerable", true);
    if Reflect::define_property(target, key, &descriptor)? {
        Ok(())
    } else {
        Err(key.clone())
    }
}

/// What the widget's code keeps on its prototypes, where every instance of the page would see it.
///
/// While entered, the prototypes hold our instance's values; otherwise the page's own.
pub(super) struct Prototypes {
    chain: Vec<Object>,
    ours: core::cell::RefCell<Vec<(usize, JsValue, JsValue)>>,
}

/// The prototypes hold our values until this is dropped.
#[must_use]
pub(super) struct Entered<'a> {
    prototypes: &'a Prototypes,
    before: Vec<JsValue>,
}

impl Prototypes {
    /// The prototypes of a class's instances, nearest first.
    pub(super) fn of(class: &Function) -> Self {
        let mut chain = Vec::new();
        let mut next = super::value::get(class, "prototype");
        while let Some(object) = next.dyn_ref::<Object>() {
            let parent = Object::get_prototype_of(object);
            // The last one is `Object.prototype`: the page's, not the widget's.
            if parent.is_null() {
                break;
            }
            chain.push(object.clone());
            next = parent.into();
        }
        Self {
            chain,
            ours: core::cell::RefCell::default(),
        }
    }

    /// Puts our values onto the prototypes.
    pub(super) fn enter(&self) -> Entered<'_> {
        let before = self
            .chain
            .iter()
            .map(Object::get_own_property_descriptors)
            .collect();
        for (level, key, descriptor) in self.ours.borrow().iter() {
            let _ = Reflect::define_property(&self.chain[*level], key, descriptor.unchecked_ref());
        }
        Entered {
            prototypes: self,
            before,
        }
    }

    /// Gives `instance` what the widget's code put on the prototypes, as properties of its own.
    pub(super) fn copy_to(&self, instance: &Object) {
        for (_, key, descriptor) in self.ours.borrow().iter() {
            if !Object::has_own(instance, key) {
                let _ = Reflect::define_property(instance, key, descriptor.unchecked_ref());
            }
        }
    }

    /// Forgets our values.
    pub(super) fn clear(&self) {
        self.ours.take();
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        let mut ours = Vec::new();
        for (level, (object, before)) in self.prototypes.chain.iter().zip(&self.before).enumerate()
        {
            let after = Object::get_own_property_descriptors(object);
            let Ok(keys) = Reflect::own_keys(&after) else {
                continue;
            };
            for key in keys.iter() {
                let old = Reflect::get(before, &key).unwrap_or_default();
                let new = Reflect::get(&after, &key).unwrap_or_default();
                let value = |descriptor| super::value::get(descriptor, "value");
                if !old.is_undefined() && Object::is(&value(&old), &value(&new)) {
                    continue;
                }
                let _ = match old.dyn_ref::<Object>() {
                    Some(old) => Reflect::define_property(object, &key, old),
                    None => Reflect::delete_property(object, &key),
                };
                ours.push((level, key, new));
            }
        }
        self.prototypes.ours.replace(ours);
    }
}
