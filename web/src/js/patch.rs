//! Replacing a property for a while: whatever was there comes back when the patch is dropped.

use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::prelude::*;

use super::value::{get, set};

/// A property that is ours for now.
#[must_use]
pub(super) struct Patch {
    target: Object,
    key: JsValue,
    before: JsValue,
}

impl Patch {
    /// Puts `value` in the place of `target[key]`.
    #[inline(never)]
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
    #[inline(never)]
    fn drop(&mut self) {
        restore(&self.target, &self.key, &self.before);
    }
}

/// Brings a property back, or away where there was none.
#[inline(never)]
fn restore(target: &Object, key: &JsValue, before: &JsValue) {
    // What could be replaced a moment ago can be put back.
    let _ = match before.dyn_ref::<Object>() {
        Some(before) => Reflect::define_property(target, key, before),
        None => Reflect::delete_property(target, key),
    };
}

/// Gives an object a plain property of its own.
#[inline(never)]
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
    /// The prototypes, nearest first.
    chain: Array,
    /// Prototype, key and descriptor of each value that is ours.
    ours: Array,
}

/// The prototypes hold our values until this is dropped.
#[must_use]
pub(super) struct Entered<'a> {
    prototypes: &'a Prototypes,
    before: Array,
}

impl Prototypes {
    /// The prototypes of a class's instances.
    pub(super) fn of(class: &Function) -> Self {
        let chain = Array::new();
        let mut next = get(class, "prototype");
        while let Some(object) = next.dyn_ref::<Object>() {
            let parent = Object::get_prototype_of(object);
            // The last one is `Object.prototype`: the page's, not the widget's.
            if parent.is_null() {
                break;
            }
            chain.push(object);
            next = parent.into();
        }
        Self {
            chain,
            ours: Array::new(),
        }
    }

    /// Puts our values onto the prototypes.
    pub(super) fn enter(&self) -> Entered<'_> {
        let before = Array::new();
        for object in self.chain.iter() {
            before.push(&Object::get_own_property_descriptors(
                object.unchecked_ref::<Object>(),
            ));
        }
        self.each(restore);
        Entered {
            prototypes: self,
            before,
        }
    }

    /// Gives `instance` what the widget's code put on the prototypes, as properties of its own.
    pub(super) fn copy_to(&self, instance: &Object) {
        self.each(|_, key, descriptor| {
            if !Object::has_own(instance, key) {
                restore(instance, key, descriptor);
            }
        });
    }

    /// Forgets our values.
    pub(super) fn clear(&self) {
        self.ours.set_length(0);
    }

    fn each(&self, act: impl Fn(&Object, &JsValue, &JsValue)) {
        for entry in self.ours.iter() {
            let entry: Array = entry.unchecked_into();
            act(entry.get(0).unchecked_ref(), &entry.get(1), &entry.get(2));
        }
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        let ours = &self.prototypes.ours;
        ours.set_length(0);
        for (object, before) in self.prototypes.chain.iter().zip(self.before.iter()) {
            let object: Object = object.unchecked_into();
            let after = Object::get_own_property_descriptors(&object);
            let Ok(keys) = Reflect::own_keys(&after) else {
                continue;
            };
            for key in keys.iter() {
                let old = Reflect::get(&before, &key).unwrap_or_default();
                let new = Reflect::get(&after, &key).unwrap_or_default();
                if old.is_undefined() || !Object::is(&get(&old, "value"), &get(&new, "value")) {
                    restore(&object, &key, &old);
                    ours.push(&Array::of3(&object, &key, &new));
                }
            }
        }
    }
}
