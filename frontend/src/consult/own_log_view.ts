/** What was done with one's own keys (NEN 7513): a key or device that is not one's own shows here. */

import { create, find } from "../lib/dom.ts";
import { formatMoment } from "../lib/format.ts";
import type { LogEntry } from "./api.ts";
import type { Session } from "./session.ts";
import { ExportBox } from "./talk/export_box.ts";
import { isOfOwnLog, readLog } from "./talk/log.ts";
import { texts } from "./texts.ts";
import { sayOf } from "./world.ts";

const MOST = 100;

/** Read when somebody opens it, and anew each time. */
export function showOwnLog(session: Session): void {
  const root = find<HTMLDetailsElement>("[data-own-log]");
  const list = find("[data-own-log-lines]", root);
  root.ontoggle = async () => {
    if (!root.open) return;
    try {
      const latest = (await readLog(null)).slice(-MOST).reverse();
      list.replaceChildren(...latest.map(lineOf));
    } catch (error) {
      list.replaceChildren(create("li", {}, sayOf(error)));
    }
  };
  new ExportBox(find("[data-own-log-export]", root), "logboek", async (code) => {
    const { takeOutLog } = await import("./talk/export.ts");
    return takeOutLog(session, code);
  });
}

/** When it was done: what could not be told at once says so itself. Of what was looked into also what was found. */
function lineOf(entry: LogEntry): HTMLElement {
  const { at, what, detail } = entry;
  const said = JSON.parse(detail) as { at?: number; note?: string };
  const when = said.at === undefined ? at : new Date(said.at * 1000).toISOString();
  const found = what === "cleared" ? `: ${said.note}` : "";
  return create("li", {}, create("span", { class: "soft" }, formatMoment(when)), ` ${isOfOwnLog(entry) ? texts.ownLogTaken : (texts.ownLog[what] ?? what)}${found}`);
}
