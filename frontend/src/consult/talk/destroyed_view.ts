/** Conversations that were destroyed: when, and what the log says of who asked and who decided. Their words are gone. */

import { create, find, show } from "../../lib/dom.ts";
import { formatMoment } from "../../lib/format.ts";
import { api, type LogEntry } from "../api.ts";
import { texts } from "../texts.ts";
import { sayOf } from "../world.ts";
import { must } from "../unanswered.ts";
import { readLog } from "./log.ts";
import type { Talk } from "./talk.ts";

const words = texts.log;

/** Asked when somebody opens the list, and anew each time; there is none while nothing was destroyed. */
export function showDestroyed(talk: Talk): void {
  const root = find<HTMLDetailsElement>("[data-destroyed]");
  const list = find("[data-destroyed-lines]", root);
  root.ontoggle = async () => {
    if (!root.open) return;
    try {
      const { destroyed } = await must(api.destroyed());
      const lines = await Promise.all([...destroyed].reverse().map(async ({ conversation, at }) => line(talk, at, await readLog(conversation))));
      list.replaceChildren(...lines);
    } catch (error) {
      list.replaceChildren(create("li", {}, sayOf(error)));
    }
  };
  void must(api.destroyed()).then(({ destroyed }) => show(find("[data-destroyed-place]"), destroyed.length > 0), () => {});
}

async function line(talk: Talk, at: string, entries: LogEntry[]): Promise<HTMLElement> {
  const { directory } = talk.circle;
  await directory.meet(entries.map(({ person }) => person));
  const acts = entries.map(({ at: then, what, person }) => {
    const who = person === talk.me ? texts.talk.me : directory.name(person);
    return create("li", {}, create("span", { class: "soft" }, formatMoment(then)), ` ${words.did(who, words.what[what] ?? what)}`);
  });
  const log = create("ul", { class: "stack stack--1", role: "list" }, ...acts.reverse());
  return create("li", {}, create("details", {}, create("summary", {}, words.destroyedAt(formatMoment(at))), log));
}
