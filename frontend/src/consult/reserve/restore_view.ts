/** Who lost every way in, and whose team has a reserve: two sheets let them back in. */

import { find, setText, show } from "../../lib/dom.ts";
import type { Known, Session } from "../session.ts";
import { sayIn, sayOf } from "../world.ts";
import { comeBack } from "./restoring.ts";
import { SheetsView } from "./sheets_view.ts";
import { readStands, readTeams, type Stands } from "./teams.ts";
import { words } from "./texts.ts";

/** Throws Unanswered. */
export async function offerRestoring(known: Known): Promise<void> {
  offer(known, (await readStands(await readTeams(known))).filter(({ reserve }) => reserve !== null));
}

/** Of teams of which keys are missing here, though one's own key is open. */
export function offerMissing(session: Session, stands: Stands[]): void {
  const lacking = stands.filter(({ team, keys, reserve }) => reserve !== null && team.keys.size < keys);
  if (lacking.length === 0) return;
  const root = find("[data-restore]");
  setText(find("[data-restore-title]", root), words.lackingHere);
  show(find("[data-restore-other]", root), false);
  offer(session, lacking);
}

function offer(known: Known | Session, stands: Stands[]): void {
  const root = find("[data-restore]");
  show(find("[data-restore-how]", root), stands.length > 0);
  setText(find("[data-restore-none]", root), stands.length > 0 ? "" : words.noReserve);
  const holders = stands.flatMap(({ team, listed }) => (listed?.holders ?? []).map((each) => ({ team, ...each })));
  const lines = holders.map(({ team, number, name, role }) => {
    const line = document.createElement("li");
    line.textContent = `${team.name ?? words.nameless}. ${words.holder(number, name, role)}`;
    return line;
  });
  find("[data-restore-holders]", root).replaceChildren(...lines);
  show(root, true);
  const status = find("[data-restore-say]", root);
  const sheets = new SheetsView(root, stands, (part) => part, async ({ stands: { team, reserve }, parts }) => {
    setText(status, words.restoring);
    try {
      await comeBack(known, team, reserve!, parts);
      sheets.clear();
      for (const each of ["[data-restore-how]", "[data-restore-other]"]) show(find(each, root), false);
      setText(find("[data-restore-title]", root), words.back);
      setText(status, words.restored(team.name ?? words.nameless));
      show(find("[data-restored]", root), true);
      find<HTMLElement>("[data-restored] a", root).focus();
    } catch (error) {
      sheets.clear();
      setText(status, "");
      sayIn(find("[data-fault]"), sayOf(error));
    }
  });
}
