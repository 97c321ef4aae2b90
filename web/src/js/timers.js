// What the widget's code has scheduled.

/** What schedules, and what ends it. */
export const CLOCKS = [
  ["setTimeout", "clearTimeout"],
  ["setInterval", "clearInterval"],
  ["requestAnimationFrame", "cancelAnimationFrame"],
];

export class Timers {
  /** What ends each, and whether it comes only once. */
  #ends = new Map();

  /** Schedules a callback by `start`, as `stop` ends it. */
  schedule(start, stop, isOnce, callback, rest) {
    const end = () => stop.call(window, id);
    const run = (...given) => {
      if (isOnce) this.#ends.delete(end);
      callback.apply(window, given);
    };
    const id = start.call(window, typeof callback === "function" ? run : callback, ...rest);
    this.#ends.set(end, isOnce);
    return id;
  }

  /** Ends all, or those that would come again and again. */
  end(isAll) {
    for (const [end, isOnce] of this.#ends) {
      if (isOnce && !isAll) continue;
      end();
      this.#ends.delete(end);
    }
  }
}
