/** Addresses in what somebody wrote, as links that tell nobody where one came from. */

import { create } from "../../lib/dom.ts";

/** Up to the first blank; a full stop or bracket at the end belongs to the sentence. */
const ADDRESS = /(https:\/\/[^\s<>"]*[^\s<>".,;:!?)\]}'])/;

/** Every other part is an address. */
export const parts = (text: string): string[] => text.split(ADDRESS);

export const linked = (text: string): (Node | string)[] =>
  parts(text).map((part, at) => (at % 2 === 1 ? create("a", { class: "utrecht-link", href: part, target: "_blank", rel: "noopener noreferrer" }, part) : part));
