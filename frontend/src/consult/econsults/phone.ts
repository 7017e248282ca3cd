/** Whom to phone, in words with links. */

import { create, icon } from "../../lib/dom.ts";
import { words } from "./texts.ts";

const link = (phone: string): HTMLElement =>
  create("a", { class: "utrecht-link", href: `tel:${phone.replaceAll(/[^0-9+]/g, "")}` }, phone.replaceAll(" ", "\u00a0"));

/** The practice, and 112. */
export const callThem = (practice: string, phone: string): (Node | string)[] => [
  ...(phone ? [words.callThem(practice), link(phone), "."] : [words.callThemUnknown(practice)]),
  words.emergency,
  link("112"),
  ".",
];

/** `kind` as in Utrecht: info, warning, error. */
export function alert(kind: string, mark: string, title: string, ...body: (Node | string)[]): HTMLElement {
  const content = create("div", { class: "utrecht-alert__content" }, create("p", { class: "utrecht-paragraph balie-alert__title" }, title));
  content.append(create("p", { class: "utrecht-paragraph" }, ...body));
  return create("div", { class: `utrecht-alert utrecht-alert--${kind}` }, icon(mark), content);
}
