import { setBusy } from "./elements.js";

const page = document.getElementById("page");

/** While Mono's window is open the page behind it is out of reach; Escape gives up. */
export async function inWidget(button, label, open) {
  const idleLabel = button.querySelector(".button__label").textContent;
  const giveUp = new AbortController();
  const onKey = (event) => event.key === "Escape" && giveUp.abort();
  document.addEventListener("keydown", onKey);
  setBusy(button, true, label);
  page.inert = true;
  try {
    return await open(giveUp.signal);
  } finally {
    page.inert = false;
    setBusy(button, false, idleLabel);
    document.removeEventListener("keydown", onKey);
  }
}
