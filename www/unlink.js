import { accountName, bankName } from "./cards.js";
import { isBusy, setBusy } from "./elements.js";
import { Notice } from "./notices.js";

/** Asks whether an account is really to be unlinked, and does it. */
export class UnlinkDialog {
  #dialog;
  #button;
  #notice;
  #account = null;

  /** @param {{unlink: (id: string) => Promise<void>, onUnlinked: (id: string) => void}} parts */
  constructor(dialog, { unlink, onUnlinked }) {
    this.#dialog = dialog;
    this.#button = dialog.querySelector("#unlink-confirm");
    this.#notice = new Notice(dialog.querySelector("#unlink-notice"), dialog.querySelector("#unlink-keep"));
    const doIt = async () => {
      const { id } = this.#account;
      this.#notice.clear();
      setBusy(this.#button, true, "Unlinking…");
      try {
        await unlink(id);
        onUnlinked(id);
      } catch (error) {
        if (error?.code === "account_not_found") onUnlinked(id);
        else this.#notice.showError(error, doIt);
      } finally {
        setBusy(this.#button, false, "Unlink");
      }
    };
    this.#button.addEventListener("click", () => isBusy(this.#button) || doIt());
    dialog.querySelector("#unlink-keep").addEventListener("click", () => this.#dialog.close());
    // What is under way is waited for.
    dialog.addEventListener("cancel", (event) => isBusy(this.#button) && event.preventDefault());
  }

  ask(account) {
    this.#account = account;
    this.#notice.clear();
    this.#dialog.querySelector("#unlink-title").textContent = `Unlink ${accountName(account)}?`;
    this.#dialog.querySelector("#unlink-bank").textContent = bankName(account);
    this.#dialog.showModal();
  }

  isAbout(id) {
    return this.#dialog.open && this.#account?.id === id;
  }

  /** The account is gone: there is nothing to ask any more. */
  close(id) {
    if (this.isAbout(id)) this.#dialog.close();
  }
}
