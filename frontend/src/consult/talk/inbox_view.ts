/** The list of conversations: who, what was said last, what is new, and which of them one wants to see. */

import { create, find, icon, setText, show } from "../../lib/dom.ts";
import { dayOf, formatDate, formatMinutes, listed } from "../../lib/format.ts";
import { tellUnread } from "../../shell/unread.ts";
import { language } from "../../lib/texts.ts";
import { texts } from "../texts.ts";
import type { Conversation } from "./conversation.ts";
import { ALL, type Filed, type Filter, type Folder, inFolder, keepFilter, readFilter, shows } from "./filters.ts";
import { isPerson } from "./group.ts";
import type { Marks } from "./marks.ts";
import { stateOf } from "./states.ts";
import type { Talk } from "./talk.ts";
import type { Line } from "./thread.ts";

const words = texts.talk;
const DAY_MS = 86_400_000;
const NAMED_MOST = 2;
/** So many are in the list at first, and so many more each time one asks or comes to the end. */
const SHOWN = 50;
const byName = new Intl.Collator(language).compare;

/** Members besides oneself; teams first. */
export const othersIn = ({ circle }: Talk, { membership }: Conversation): string[] =>
  [...membership.members.keys()].filter((each) => each !== circle.self).sort().reverse();

/** Whoever takes part besides oneself: what one calls the conversation. */
export function titleOf(talk: Talk, conversation: Conversation): string {
  const names = othersIn(talk, conversation).map((member) => talk.circle.name(member));
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

/** Moments as the server writes them stand in the order of their signs. */
const newer = (one: string, other: string): number => (one === other ? 0 : one < other ? 1 : -1);

interface Row {
  conversation: Conversation;
  last: Line | undefined;
  filed: Filed;
}

export class InboxView {
  readonly #talk: Talk;
  readonly #marks: Marks;
  readonly #who = find<HTMLSelectElement>("#met-wie");
  readonly #unread = find<HTMLInputElement>("#alleen-nieuw");
  readonly #folders = [...document.querySelectorAll<HTMLButtonElement>("[data-folder]")];
  readonly #changed: () => void;
  readonly #more = find<HTMLButtonElement>("[data-show-more]");
  #filter: Filter;
  #shown = SHOWN;
  #offered = "";

  constructor(talk: Talk, marks: Marks, changed: () => void) {
    this.#talk = talk;
    this.#marks = marks;
    this.#changed = changed;
    this.#filter = readFilter(talk.me);
    for (const button of this.#folders) button.onclick = () => this.#choose({ folder: button.dataset["folder"] as Folder });
    this.#who.onchange = () => this.#choose({ who: this.#who.value });
    this.#unread.onchange = () => this.#choose({ unread: this.#unread.checked });
    find("[data-show-all]").onclick = () => {
      this.#choose(ALL);
      find(`[data-folder="inbox"]`).focus();
    };
    this.#more.onclick = () => this.#showMore();
    new IntersectionObserver((seen) => seen.some((each) => each.isIntersecting) && this.#showMore()).observe(this.#more);
  }

  show(current: string | null): void {
    const rows = this.#rows();
    this.#showTools(rows);
    const wanted = rows.filter(({ filed }) => shows(this.#filter, filed));
    const items = wanted.slice(0, this.#shown).map((row) => this.#item(row, row.conversation.group === current));
    const list = find("[data-list]");
    const focused = document.activeElement?.closest("[data-list]") ? document.activeElement.getAttribute("href") : null;
    list.replaceChildren(...items);
    if (focused) list.querySelector<HTMLElement>(`a[href="${focused}"]`)?.focus();
    const { ahead } = this.#talk;
    show(this.#more, wanted.length > items.length);
    setText(find("[data-ahead]"), ahead > 0 ? words.ahead(ahead) : "");
    show(find("[data-none]"), rows.length + ahead === 0);
    show(find("[data-none-here]"), rows.length > 0 && items.length === 0 && ahead === 0);
    this.#tellUnread(rows.filter(({ filed }) => filed.unread > 0).length);
  }

  #showMore(): void {
    this.#shown += SHOWN;
    this.#changed();
  }

  #choose(change: Partial<Filter>): void {
    this.#shown = SHOWN;
    this.#filter = { ...this.#filter, ...change };
    keepFilter(this.#talk.me, this.#filter);
    this.#changed();
  }

  /** What was said last comes first. */
  #rows(): Row[] {
    const rows = [...this.#talk.conversations.values()].filter((each) => this.#talk.lives(each)).map((conversation) => ({
      conversation,
      last: this.#talk.lines(conversation).at(-1),
      filed: {
        members: [...conversation.membership.members.keys()],
        unread: this.#talk.unread(conversation),
        flagged: this.#marks.flagged(conversation),
        archived: this.#marks.archived(conversation),
      },
    }));
    return rows.sort((one, other) => newer(one.last?.at ?? "", other.last?.at ?? ""));
  }

  #showTools(rows: Row[]): void {
    show(find("[data-filters]"), rows.length > 0);
    for (const button of this.#folders) {
      const folder = button.dataset["folder"] as Folder;
      const inside = rows.filter(({ filed }) => inFolder(folder, filed));
      const count = folder === "inbox" ? inside.filter(({ filed }) => filed.unread > 0).length : inside.length;
      setText(button, count > 0 ? words.counted(words.folders[folder], count) : words.folders[folder]);
      button.setAttribute("aria-pressed", String(folder === this.#filter.folder));
    }
    this.#offerWho(rows);
    this.#unread.checked = this.#filter.unread;
  }

  /** Everybody, person or team, with whom one has a conversation. */
  #offerWho(rows: Row[]): void {
    const members = new Set(rows.flatMap(({ filed }) => filed.members));
    members.delete(this.#talk.circle.self);
    const named = [...members].map((member) => [member, this.#talk.circle.name(member)] as const);
    const offered = JSON.stringify(named);
    if (this.#offered !== offered) {
      this.#offered = offered;
      named.sort(([, one], [, other]) => byName(one, other));
      const wanted = [["", words.withAll] as const, ...named];
      this.#who.replaceChildren(...wanted.map(([value, name]) => create("option", { value }, name)));
    }
    if (!members.has(this.#filter.who)) this.#filter = { ...this.#filter, who: "" };
    this.#who.value = this.#filter.who;
  }

  #tellUnread(unread: number): void {
    const title = document.title.replace(/^\(\d+\) /, "");
    document.title = unread > 0 ? `(${unread}) ${title}` : title;
    tellUnread(unread);
    setText(find("[data-unread]"), unread > 0 ? words.unread(unread) : "");
  }

  #item({ conversation, last, filed: { unread, flagged } }: Row, current: boolean): HTMLElement {
    const title = titleOf(this.#talk, conversation);
    const mine = last?.person === this.#talk.me;
    const said = last ? (mine ? words.you(briefly(last)) : briefly(last)) : words.nothing;
    const line = create("span", { class: "balie-item__line" }, create("span", { class: "balie-item__who" }, title));
    if (flagged) line.append(icon("flag"), create("span", { class: "sr" }, words.flagged));
    if (unread > 0) line.append(create("span", { class: "balie-count" }, String(unread), create("span", { class: "sr" }, words.new)));
    if (last) line.append(create("span", { class: "balie-item__when" }, when(last.at)));
    const text = create("span", { class: "balie-item__text" }, said);
    const state = last && mine ? stateOf(this.#talk, conversation, last) : "";
    const others = othersIn(this.#talk, conversation);
    const many = others.length > 1 || others.some((each) => !isPerson(each));
    const link = create(
      "a",
      { class: `balie-item${unread > 0 ? " balie-item--new" : ""}`, href: `#${conversation.group}`, ...(current ? { "aria-current": "true" } : {}) },
      create("span", { class: `balie-face${many ? " balie-face--team" : ""}`, "aria-hidden": "true" }, title.charAt(0)),
      line,
      state ? create("span", { class: "balie-item__line" }, text, create("span", { class: "balie-item__when" }, state)) : text,
    );
    return create("li", {}, link);
  }
}
