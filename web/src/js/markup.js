// What the widget's code builds its elements with: addresses of frames, styles, and markup.

export const isFrame = (node) => node instanceof HTMLIFrameElement;

/** The frames in a node, itself included. */
export const framesIn = (node) => (isFrame(node) ? [node] : [...(node.querySelectorAll?.("iframe") ?? [])]);

export class Markup {
  #nonce;
  /** Gives the address that a frame may have in the place of another, or none. */
  #address;
  // What is here before the widget's code finds ours.
  #src = Object.getOwnPropertyDescriptor(HTMLIFrameElement.prototype, "src");
  #html = Object.getOwnPropertyDescriptor(Element.prototype, "innerHTML");
  #setAttribute = Element.prototype.setAttribute;

  constructor(nonce, address) {
    this.#nonce = nonce;
    this.#address = address;
  }

  /** From now on no frame gets an address. */
  end() {
    this.#address = () => null;
  }

  /** The widget's code builds with this while the patches last. */
  patch(patches) {
    const markup = this;
    patches.setter(HTMLIFrameElement.prototype, "src", () => function (address) {
      markup.setAddress(this, address);
    });
    patches.method(Element.prototype, "setAttribute", () => function (name, value) {
      markup.set(this, name, value);
    });
    const clean = (set) => function (html) {
      set.call(this, markup.#clean(html));
    };
    patches.setter(Element.prototype, "innerHTML", clean);
    patches.setter(Element.prototype, "outerHTML", clean);
    patches.setter(ShadowRoot.prototype, "innerHTML", clean);
    patches.method(Element.prototype, "insertAdjacentHTML", (insert) => function (place, html) {
      return insert.call(this, place, markup.#clean(html));
    });
  }

  /** Makes an element that the widget's code has made safe. */
  made(element) {
    if (this.#nonce && /^(style|script|link)$/.test(element.localName)) element.nonce = this.#nonce;
    if (isFrame(element)) this.guard(element);
  }

  /** From now on every address of this frame is looked at, whoever sets it. */
  guard(frame) {
    // Else the page's address could reach the widget in a header.
    frame.referrerPolicy = "strict-origin";
    const property = { configurable: true, enumerable: true };
    Object.defineProperties(frame, {
      src: { ...property, get: () => this.#src.get.call(frame), set: (address) => this.setAddress(frame, address) },
      setAttribute: { ...property, writable: true, value: (name, value) => this.set(frame, name, value) },
    });
  }

  setAddress(frame, address) {
    const allowed = this.#address(String(address));
    frame.referrerPolicy = "strict-origin";
    if (typeof allowed === "string") this.#src.set.call(frame, allowed);
  }

  /** A frame's address. */
  urlOf(frame) {
    return new URL(this.#src.get.call(frame) || "about:blank", document.baseURI);
  }

  set(element, name, value) {
    const key = String(name).toLowerCase();
    if (key === "src" && isFrame(element)) this.setAddress(element, value);
    // The same to the eye, and no inline style to a content security policy.
    else if (key === "style" && element.style) element.style.cssText = value;
    else this.#setAttribute.call(element, name, value);
  }

  /** Markup whose frames have only allowed addresses, and whose styles and scripts have the nonce. */
  #clean(html) {
    const inert = new DOMParser().parseFromString("<template></template>", "text/html").querySelector("template");
    this.#html.set.call(inert, html);
    const found = inert.content.querySelectorAll("iframe, style, script, link");
    for (const element of found) {
      if (element.localName === "iframe") this.#cleanFrame(element);
      else if (this.#nonce) this.#setAttribute.call(element, "nonce", this.#nonce);
    }
    return found.length > 0 ? this.#html.get.call(inert) : html;
  }

  #cleanFrame(frame) {
    const address = frame.getAttribute("src");
    const allowed = address === null ? null : this.#address(address);
    if (typeof allowed === "string") this.#setAttribute.call(frame, "src", allowed);
    else frame.removeAttribute("src");
    this.#setAttribute.call(frame, "referrerpolicy", "strict-origin");
  }
}
