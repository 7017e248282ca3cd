/** Who opened and read a conversation (NEN 7513): for everybody who is in it, patients too. */

import { create, find } from "../../lib/dom.ts";
import { dayOf, formatDate, formatMinutes } from "../../lib/format.ts";
import type { LogEntry } from "../api.ts";
import { texts } from "../texts.ts";
import { sayOf } from "../world.ts";
import type { Conversation } from "./conversation.ts";
import { isOfWhole, readLog } from "./log.ts";
import type { Talk } from "./talk.ts";

const words = texts.log;
const MOST = 100;

export class LogView {
  readonly #root = find<HTMLDetailsElement>("[data-log]");
  readonly #talk: Talk;
  #group: string | null = null;

  constructor(talk: Talk) {
    this.#talk = talk;
    this.#root.ontoggle = () => void this.#show();
  }

  /** Another conversation: its log is closed until somebody asks. */
  turnTo(conversation: Conversation | null): void {
    this.#group = conversation?.group ?? null;
    this.#root.open = false;
  }

  async #show(): Promise<void> {
    const group = this.#group;
    if (!this.#root.open || group === null) return;
    const list = find("[data-log-lines]", this.#root);
    try {
      const entries = await readLog(group);
      await this.#talk.circle.directory.meet(entries.map(({ person }) => person));
      if (group === this.#group) list.replaceChildren(...entries.slice(-MOST).reverse().map((entry) => this.#line(entry)));
    } catch (error) {
      list.replaceChildren(create("li", {}, sayOf(error)));
    }
  }

  #line(entry: LogEntry): HTMLElement {
    const { at, what, person } = entry;
    const who = person === this.#talk.me ? texts.talk.me : this.#talk.circle.directory.name(person);
    const when = create("span", { class: "soft" }, `${formatDate(dayOf(at))}, ${formatMinutes(at)}`);
    return create("li", {}, when, ` ${words.did(who, isOfWhole(entry) ? words.tookOut : (words.what[what] ?? what))}`);
  }
}
