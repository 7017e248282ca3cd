/** What was done with one's own keys (NEN 7513): a key or device that is not one's own shows here. */

import { create, find } from "../lib/dom.ts";
import { formatMoment } from "../lib/format.ts";
import { readLog } from "./talk/log.ts";
import { texts } from "./texts.ts";
import { sayOf } from "./world.ts";

const MOST = 100;

/** Read when somebody opens it, and anew each time. */
export function showOwnLog(): void {
  const root = find<HTMLDetailsElement>("[data-own-log]");
  const list = find("[data-own-log-lines]", root);
  root.ontoggle = async () => {
    if (!root.open) return;
    try {
      const latest = (await readLog(null)).slice(-MOST).reverse();
      list.replaceChildren(...latest.map(({ at, what }) => create("li", {}, create("span", { class: "soft" }, formatMoment(at)), ` ${texts.ownLog[what] ?? what}`)));
    } catch (error) {
      list.replaceChildren(create("li", {}, sayOf(error)));
    }
  };
}
