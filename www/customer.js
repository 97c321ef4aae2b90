const CONSENT_VERSION = "2026-01";
const CONSENT_PURPOSE = "Show balances and transactions";

/** Who links an account, and what they agree to. */
export class CustomerForm {
  #form;

  constructor(form, { onSubmit }) {
    this.#form = form;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      onSubmit();
    });
    for (const field of form.querySelectorAll(".field input")) {
      field.addEventListener("input", () => complainAbout(field, ""));
    }
  }

  /** What was filled in; null when something is wrong, which is then said beside it. */
  read() {
    const { name, email } = this.#form.elements;
    complainAbout(name, name.value.trim() ? "" : "Please enter your name.");
    complainAbout(email, email.validity.valid ? "" : "Please enter an e-mail address, for instance name@example.com.");
    const wrong = [name, email].find((field) => field.getAttribute("aria-invalid") === "true");
    wrong?.focus();
    return wrong ? null : { name: name.value.trim(), email: email.value.trim() };
  }

  /** What the user agreed to, with a fingerprint of the very words that were shown. */
  async consent() {
    const agreed = { version: CONSENT_VERSION, purpose: CONSENT_PURPOSE };
    if (!crypto.subtle) return agreed;
    const words = this.#form.querySelector("#consent-text").textContent;
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(words));
    return { ...agreed, text_sha256: Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("") };
  }
}

function complainAbout(field, complaint) {
  document.getElementById(`${field.id}-error`).textContent = complaint;
  if (complaint) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}
