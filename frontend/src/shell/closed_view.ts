/** What is closed, in words. */

import { create, icon } from "../lib/dom.ts";
import { dayOf, formatMinutes, formatWeekday } from "../lib/format.ts";
import type { Closed, Practice } from "./closed.ts";
import { texts } from "./texts.ts";

const words = texts.closed;

/** `own`: where somebody looks who works there. */
export function notice(closed: Closed, practice: Practice | undefined, own: string | undefined): HTMLElement {
  const body = create("p", { class: "utrecht-paragraph" });
  if (own) body.append(words.own, " ", link(own, words.look));
  else if (closed.function === "ordering") body.append(closed.say, ...call(closed.phone));
  else body.append(closed.say, ...call(closed.phone || practice?.phone || ""), words.emergency, link("tel:112", "112"), words.kept);
  if (closed.until) body.append(" ", sayUntil(closed.until, Date.now()));
  const title = create("p", { class: "utrecht-paragraph balie-alert__title" }, titleOf(closed.function, own ? "" : (practice?.name ?? "")));
  const content = create("div", { class: "utrecht-alert__content" }, title, body);
  return create("div", { class: `utrecht-alert utrecht-alert--${own ? "warning" : "error"}` }, icon(own ? "door-open" : "phone"), content);
}

/** From when it is open; on another day than now, with the day. */
export function sayUntil(until: string, now: number): string {
  const day = dayOf(until);
  return words.until(day === dayOf(now) ? "" : formatWeekday(day), formatMinutes(until));
}

function titleOf(what: string, name: string): string {
  if (what === "ordering") return words.ordering;
  return name ? words.chatOf(name) : words.ownChat;
}

function call(phone: string): (Node | string)[] {
  return phone ? [words.call, link(`tel:${phone.replaceAll(/[^0-9+]/g, "")}`, phone.replaceAll(" ", "\u00a0")), "."] : [];
}

const link = (href: string, text: string): HTMLAnchorElement => create("a", { class: "utrecht-link", href }, text);
