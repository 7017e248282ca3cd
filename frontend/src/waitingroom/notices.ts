/** What may have to be said above the cards: no connection, a message of the organisation, something that failed. */

import { create, icon, setText } from "../lib/dom.ts";
import { formatSeconds } from "../lib/format.ts";
import { texts } from "../lib/texts.ts";

export type NoticeKind = "info" | "ok" | "warning" | "error";

const ICONS: Record<NoticeKind, string> = {
  info: "info",
  ok: "circle-check",
  warning: "triangle-alert",
  error: "circle-x",
};

/** An alert as in Utrecht, with a bold first line, words, and buttons or links. */
export function notice(kind: NoticeKind, title: string, body: string, actions: HTMLElement[] = [], sign?: string): HTMLElement {
  const content = create("div", { class: "utrecht-alert__content" });
  content.append(create("p", { class: "utrecht-paragraph balie-alert__title" }, title));
  if (body) content.append(create("p", { class: "utrecht-paragraph" }, body));
  if (actions.length > 0) content.append(create("div", { class: "balie-actions" }, ...actions));
  return create("div", { class: `utrecht-alert utrecht-alert--${kind}` }, icon(sign ?? ICONS[kind]), content);
}

/** A fault of ours, with a ticket for the helpline: its number stands in our log. */
export function faultNotice(request: string): HTMLElement {
  const made = notice("error", texts.fault, texts.faultBody);
  made.lastElementChild!.append(
    create(
      "div",
      { class: "balie-ticket balie-ticket--small" },
      create(
        "div",
        { class: "balie-ticket__top" },
        create("p", { class: "balie-ticket__label" }, texts.reference),
        create("p", { class: "balie-ticket__number balie-ticket__number--long" }, request),
      ),
      create("p", { class: "balie-ticket__stub" }, texts.atTime(formatSeconds(Date.now()))),
    ),
  );
  return made;
}

/** One place on the page that holds one notice at most; the same notice again only has its words renewed. */
export class NoticePlace {
  #key = "";

  constructor(readonly place: HTMLElement) {}

  say(key: string, make: () => HTMLElement, body?: string): void {
    if (key !== this.#key) {
      this.#key = key;
      this.place.replaceChildren(make());
    } else if (body !== undefined) {
      const words = this.place.querySelector("p:not(.balie-alert__title)");
      if (words) setText(words, body);
    }
  }

  clear(): void {
    if (this.#key === "") return;
    this.#key = "";
    this.place.replaceChildren();
  }
}
