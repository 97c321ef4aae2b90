/**
 * Follows what the proxy tells of the visitor's accounts. Connecting again is the package's business;
 * where it cannot follow at all, the page goes on by asking.
 */
export class LiveFeed {
  #hear;
  #subscription = null;

  /** @param {(event: {type: "snapshot" | "account" | "job" | "removed"}) => void} hear */
  constructor(hear) {
    this.#hear = hear;
  }

  /** Begins, unless it has begun. */
  start(mono) {
    if (this.#subscription || typeof mono.watch !== "function") return;
    try {
      this.#subscription = mono.watch(this.#hear);
    } catch (error) {
      // Everything still works, only slower; its developer should see why.
      reportError(error);
    }
  }
}
