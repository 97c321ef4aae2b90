/** A real class, so that pages can use `instanceof`. Its types are declared in types.rs. */
export class MonoConnectError extends Error {
  constructor(code, message, details = {}) {
    super(message ?? code, "cause" in details ? { cause: details.cause } : undefined);
    this.name = "MonoConnectError";
    this.code = code;
    this.retryable = details.retryable ?? false;
    for (const field of ["status", "requestId", "retryAfterMs"]) {
      if (details[field] !== undefined) this[field] = details[field];
    }
  }
}
