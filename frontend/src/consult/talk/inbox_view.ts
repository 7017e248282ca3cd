/** The list of conversations: who, what was said last, and what is new. */

import { create, find, setText, show } from "../../lib/dom.ts";
import { dayOf, formatDate, formatMinutes, listed } from "../../lib/format.ts";
import { texts } from "../texts.ts";
import type { Conversation } from "./conversation.ts";
import type { Talk } from "./talk.ts";
import type { Line } from "./thread.ts";

const words = texts.talk;
const DAY_MS = 86_400_000;
const NAMED_MOST = 2;

/** Whoever takes part besides oneself: what one calls the conversation. */
export function titleOf(talk: Talk, conversation: Conversation): string {
  const names = conversation.others(talk.me).map((person) => talk.directory.name(person));
  if (names.length === 0) return words.alone;
  if (names.length <= NAMED_MOST) return listed(names);
  return words.andOthers(names.slice(0, NAMED_MOST).join(", "), names.length - NAMED_MOST);
}

/** `16.45`, `gisteren`, `12 oktober`. */
export function when(at: string): string {
  const day = dayOf(at);
  if (day === dayOf(Date.now())) return formatMinutes(at);
  return day === dayOf(Date.now() - DAY_MS) ? words.yesterday : formatDate(day);
}

/** What one reads instead of a text that is not there. */
export function textOf({ text, recalled, fault, newer }: Line): string {
  if (fault) return fault === "no-key" ? words.noKey : words.wrong(fault);
  if (newer) return words.newer;
  return recalled ? words.recalled : text;
}

/** Of a message without words, that there are files. */
export const briefly = (line: Line): string => textOf(line) || words.files(line.attachments.length);

export function showInbox(talk: Talk, current: string | null): void {
  const rows = [...talk.conversations.values()]
    .map((conversation) => ({ conversation, last: talk.lines(conversation).at(-1) }))
    .sort((one, other) => (other.last?.at ?? "").localeCompare(one.last?.at ?? ""));
  const items = rows.map(({ conversation, last }) => item(talk, conversation, last, conversation.group === current));
  const list = find("[data-list]");
  const focused = (document.activeElement as HTMLElement | null)?.getAttribute("href");
  list.replaceChildren(...items);
  if (focused) list.querySelector<HTMLElement>(`a[href="${focused}"]`)?.focus();
  show(find("[data-none]"), items.length === 0);
  const unread = rows.filter(({ conversation }) => talk.unread(conversation) > 0).length;
  const title = document.title.replace(/^\(\d+\) /, "");
  document.title = unread > 0 ? `(${unread}) ${title}` : title;
  setText(find("[data-unread]"), unread > 0 ? words.unread(unread) : "");
}

function item(talk: Talk, conversation: Conversation, last: Line | undefined, current: boolean): HTMLElement {
  const title = titleOf(talk, conversation);
  const unread = talk.unread(conversation);
  const many = conversation.others(talk.me).length > 1;
  const said = last ? (last.person === talk.me ? words.you(briefly(last)) : briefly(last)) : words.nothing;
  const line = create("span", { class: "balie-item__line" }, create("span", { class: "balie-item__who" }, title));
  if (unread > 0) line.append(create("span", { class: "balie-count" }, String(unread), create("span", { class: "sr" }, words.new)));
  if (last) line.append(create("span", { class: "balie-item__when" }, when(last.at)));
  const link = create(
    "a",
    { class: `balie-item${unread > 0 ? " balie-item--new" : ""}`, href: `#${conversation.group}`, ...(current ? { "aria-current": "true" } : {}) },
    create("span", { class: `balie-face${many ? " balie-face--team" : ""}`, "aria-hidden": "true" }, title.charAt(0)),
    line,
    create("span", { class: "balie-item__text" }, said),
  );
  return create("li", {}, link);
}
