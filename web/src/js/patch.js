// Replacing properties for a while: whatever was there comes back.

/** Whoever among an object and its prototypes has this property. */
export function owner(target, key) {
  while (target && !Object.hasOwn(target, key)) target = Object.getPrototypeOf(target);
  return target;
}

/** Brings a property back, or away where there was none. */
function restore(target, key, before) {
  if (before) Reflect.defineProperty(target, key, before);
  else Reflect.deleteProperty(target, key);
}

/** Properties that are ours for now. */
export class Patches {
  #undo = [];

  /** Replaces what a target has or inherits as `key`, where it is kept. */
  put(target, key, make) {
    const place = owner(target, key);
    if (!place) return;
    const before = Object.getOwnPropertyDescriptor(place, key);
    Object.defineProperty(place, key, { ...before, ...make(before) });
    this.after(() => restore(place, key, before));
  }

  method(target, key, make) {
    this.put(target, key, ({ value }) => ({ value: make(value) }));
  }

  setter(target, key, make) {
    this.put(target, key, ({ set }) => ({ set: make(set) }));
  }

  /** Does this, too, when everything is put back. */
  after(act) {
    this.#undo.push(act);
  }

  undo() {
    while (this.#undo.length > 0) this.#undo.pop()();
  }
}

/**
 * What the widget's code keeps on its prototypes, where every instance of the page would see it.
 *
 * While its code runs, the prototypes hold our instance's values; otherwise the page's own.
 */
export class Prototypes {
  /** Nearest first. */
  #chain = [];
  /** Prototype, key and descriptor of each value that is ours. */
  #ours = [];

  constructor(connect) {
    let object = connect.prototype;
    // The last one is `Object.prototype`: the page's, not the widget's.
    for (let parent; object && (parent = Object.getPrototypeOf(object)); object = parent) this.#chain.push(object);
  }

  /** Puts our values onto the prototypes until the patches are undone. */
  swap(patches) {
    const before = this.#chain.map((object) => Object.getOwnPropertyDescriptors(object));
    for (const [object, key, ours] of this.#ours) restore(object, key, ours);
    patches.after(() => {
      this.#ours = [];
      for (const [at, object] of this.#chain.entries()) {
        const after = Object.getOwnPropertyDescriptors(object);
        for (const key of Reflect.ownKeys(after)) {
          const [old, now] = [before[at][key], after[key]];
          if (old && Object.is(old.value, now.value)) continue;
          restore(object, key, old);
          this.#ours.push([object, key, now]);
        }
      }
    });
  }

  /** Gives an instance what its code put on the prototypes, as properties of its own. */
  copyTo(instance) {
    for (const [, key, ours] of this.#ours) {
      if (!Object.hasOwn(instance, key)) restore(instance, key, ours);
    }
  }

  clear() {
    this.#ours = [];
  }
}
