/** Looking for what was said: results while one types, and with the arrows into them. */

import { create, find, setText, show } from "../../lib/dom.ts";
import { texts } from "../texts.ts";
import type { Conversation } from "./conversation.ts";
import { briefly, titleOf, when } from "./inbox_view.ts";
import { excerpt, indexOf, pieces, search, type Searched } from "./search.ts";
import type { Talk } from "./talk.ts";
import type { Line } from "./thread.ts";

const words = texts.talk;
const SHOWN_MOST = 50;
const TYPING_MS = 120;
const IDLE_MS = 50;

export class SearchView {
  readonly #talk: Talk;
  readonly #field = find<HTMLInputElement>("#zoek");
  readonly #results = find("[data-results]");
  #typing: ReturnType<typeof setTimeout> | null = null;
  /** How many conversations had not been read when one looked last. */
  #ahead = 0;
  #preparing = false;

  constructor(talk: Talk) {
    this.#talk = talk;
    this.#field.oninput = () => {
      if (this.#typing) clearTimeout(this.#typing);
      this.#typing = setTimeout(() => this.#show(), TYPING_MS);
    };
    find("[data-search]").addEventListener("keydown", (event) => this.#press(event));
    find<HTMLFormElement>("[data-search] form").onsubmit = (event) => {
      event.preventDefault();
      this.#show();
      this.#links()[0]?.focus();
    };
  }

  /** Something changed: what was found so far may be less than there is now. */
  show(): void {
    this.#prepare();
    if (this.#ahead !== this.#talk.ahead && this.#field.value.trim() !== "") this.#show();
  }

  /** Something is gone for everybody: it is not found any more. */
  forget(): void {
    this.#show();
  }

  /** While nothing else is to be done, so that the first search is as quick as the next. */
  #prepare(): void {
    if (this.#preparing || this.#field.value !== "") return;
    this.#preparing = true;
    void this.#prepareAll().finally(() => (this.#preparing = false));
  }

  async #prepareAll(): Promise<void> {
    let until = await idle();
    for (const conversation of [...this.#talk.conversations.values()]) {
      for (const line of this.#talk.lines(conversation)) indexOf(line);
      if (until() <= 0) until = await idle();
    }
  }

  #press(event: KeyboardEvent): void {
    if (event.key === "Escape" && this.#field.value !== "") {
      event.preventDefault();
      this.#field.value = "";
      this.#show();
      return this.#field.focus();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    const stops = [this.#field, ...this.#links()];
    const next = stops[stops.indexOf(document.activeElement as HTMLInputElement) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }

  #links(): HTMLElement[] {
    return [...this.#results.querySelectorAll<HTMLElement>("a")];
  }

  #show(): void {
    const query = this.#field.value.trim();
    const searching = query !== "";
    find("[data-lists]").toggleAttribute("data-searching", searching);
    show(this.#results, searching);
    if (!searching) {
      this.#results.replaceChildren();
      return setText(find("[data-results-say]"), "");
    }
    this.#ahead = this.#talk.ahead;
    const { conversations, messages } = search(this.#among(), query);
    const people = conversations.map((each) => this.#item(each, titleOf(this.#talk, each), null, words.conversation, "", query));
    const said = messages
      .slice(0, SHOWN_MOST)
      .map(({ conversation, line }) => this.#item(conversation, this.#author(line), line, excerpt(briefly(line), query), when(line.at), query));
    this.#results.replaceChildren(...people, ...said);
    setText(find("[data-results-say]"), words.found(conversations.length + messages.length, SHOWN_MOST + conversations.length, this.#ahead));
  }

  #among(): Searched<Conversation>[] {
    return [...this.#talk.conversations.values()].map((conversation) => ({
      conversation,
      names: [...conversation.membership.members.keys()].filter((member) => member !== `person:${this.#talk.me}`).map((member) => this.#talk.circle.name(member)),
      lines: this.#talk.lines(conversation).filter(({ fault, recalled }) => !fault && !recalled).map((line) => ({ line, author: this.#talk.circle.directory.name(line.person) })),
    }));
  }

  #author({ person }: Line): string {
    return person === this.#talk.me ? words.me : this.#talk.circle.directory.name(person);
  }

  #item(conversation: Conversation, who: string, line: Line | null, said: string, at: string, query: string): HTMLElement {
    const head = create("span", { class: "balie-item__line" }, create("span", { class: "balie-item__who" }, ...marked(who, query)));
    if (at) head.append(create("span", { class: "balie-item__when" }, at));
    const within = line ? create("span", { class: "balie-item__text" }, words.within(titleOf(this.#talk, conversation))) : "";
    const place = line ? `/${line.id}` : "";
    const link = create(
      "a",
      { class: "balie-item", href: `#${conversation.group}${place}` },
      create("span", { class: "balie-face", "aria-hidden": "true" }, who.charAt(0)),
      head,
      create("span", { class: "balie-item__said" }, ...(line ? marked(said, query) : [said])),
      within,
    );
    return create("li", {}, link);
  }
}

/** When the browser has nothing else to do; gives how many milliseconds that still lasts. */
const idle = (): Promise<() => number> =>
  new Promise((found) => {
    // Safari has no requestIdleCallback.
    if (!("requestIdleCallback" in globalThis)) setTimeout(() => found(() => 0), IDLE_MS);
    else requestIdleCallback((deadline) => found(() => deadline.timeRemaining()));
  });

const marked = (text: string, query: string): (string | HTMLElement)[] =>
  pieces(text, query).map((piece) => (piece.found ? create("mark", {}, piece.text) : piece.text));
