/** The few things we do to a page. Text is only written when it changed, so that live regions stay quiet. */

/** The one element that must be there; its absence is a fault of ours, not of the reader. */
export function find<T extends Element = HTMLElement>(selector: string, root: ParentNode = document): T {
  const element = root.querySelector<T>(selector);
  if (!element) throw new Error(`nothing on this page fits ${selector}`);
  return element;
}

/** The JSON that Django wrote with `{{ page_data|json_script:"page-data" }}`, or under another id. */
export function pageData<T>(selector = "#page-data"): T {
  return JSON.parse(find(selector).textContent ?? "") as T;
}

export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function show(element: HTMLElement, visible: boolean): void {
  if (element.hidden === visible) element.hidden = !visible;
}

/** Shows what `balie-coming` in `styles/page.css` kept unseen: everything that script fills in is there. */
export function reveal(): void {
  document.querySelector(".balie-coming")?.classList.remove("balie-coming");
}

/** Sets an attribute when it differs; `null` removes it. */
export function setAttribute(element: Element, name: string, value: string | number | null): void {
  if (value === null) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value));
}

type Attributes = Record<string, string | number>;
type Child = Node | string;

export function create<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

export function createSvg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/** A lucide icon; `styles/icons.css` knows the names. Words stand beside it. */
export function icon(name: string): HTMLSpanElement {
  return create("span", { class: `utrecht-icon balie-icon balie-icon--${name}`, "aria-hidden": "true" });
}

/**
 * A bar of parts on a scale of 0 to 1, in the order given, e.g. `[["free", 0.26], ["maybe", 0.2]]`.
 * The words beside it carry the meaning.
 */
export function bar(parts: [kind: string, share: number][]): SVGSVGElement {
  const drawing = createSvg("svg", { class: "bar", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" });
  let x = 0;
  for (const [kind, share] of parts) {
    const width = Math.max(0, Math.min(100 - x, share * 100));
    if (width > 0) drawing.append(createSvg("rect", { class: `bar__${kind}`, x, width, height: 10 }));
    x += width;
  }
  return drawing;
}

/** A badge with a word in it; `kind` as in Utrecht: neutral, success, warning, error, active. */
export function badge(kind: string, text: string): HTMLSpanElement {
  return create("span", { class: `utrecht-status-badge utrecht-status-badge--${kind}` }, text);
}
