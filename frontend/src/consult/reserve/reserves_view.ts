/** The reserves of one's teams: how each stands, and what there is to do. */

import { suites } from "../../crypto/suite.ts";
import { badge, create, find, show } from "../../lib/dom.ts";
import { dayOf, formatDate, formatMinutes } from "../../lib/format.ts";
import type { ReserveListed } from "../api.ts";
import type { Session } from "../session.ts";
import type { Circle } from "../talk/circle.ts";
import type { Team } from "../talk/group.ts";
import { readLog } from "../talk/log.ts";
import { sayIn, sayOf } from "../world.ts";
import { completeReserves } from "./copies.ts";
import { DrillView, numbered } from "./drill_view.ts";
import { MakeView } from "./make_view.ts";
import { offerMissing } from "./restore_view.ts";
import { readStands, readTeams, type Stands } from "./teams.ts";
import { words } from "./texts.ts";

/** With its year: reserves are looked at once in one. */
const day = (moment: string): string => `${formatDate(dayOf(moment))} ${new Date(moment).getFullYear()}`;

export class ReservesView {
  readonly #root = find("[data-reserves]");
  readonly #list = find("[data-teams]");
  readonly #session: Session;
  readonly #drill = new DrillView((said) => void this.#back(said));

  constructor(session: Session) {
    this.#session = session;
  }

  /** Throws Unanswered. */
  async show(): Promise<void> {
    const circle = await readTeams(this.#session);
    await completeReserves(circle);
    const stands = await readStands(circle);
    const making = new MakeView(this.#session, circle, (said) => void this.#back(said));
    this.#list.replaceChildren(...stands.map((each) => this.#card(each, circle, making)));
    show(find("[data-no-teams]"), stands.length === 0);
    offerMissing(this.#session, stands);
    show(this.#root, true);
  }

  async #back(said: string | null): Promise<void> {
    try {
      await this.show();
    } catch (error) {
      sayIn(find("[data-fault]"), sayOf(error));
    }
    const alert = find("[data-said]");
    sayIn(alert, said);
    (said === null ? find<HTMLElement>("h1") : alert).focus();
  }

  #begin(act: () => void): void {
    sayIn(find("[data-said]"), null);
    show(this.#root, false);
    act();
  }

  #card(stands: Stands, circle: Circle, making: MakeView): HTMLElement {
    const { team, administers, listed } = stands;
    const name = team.name ?? words.nameless;
    const title = create("h2", { class: "utrecht-heading-2" }, name);
    const card = create("li", { class: "balie-card stack stack--3" }, create("div", { class: "row row--between" }, title, stateOf(stands)));
    card.append(...(listed ? facts(stands, listed, circle) : [create("p", { class: "utrecht-paragraph measure" }, words.none)]));
    if (listed) card.append(happened(team, circle));
    if (!administers) {
      card.append(create("p", { class: "small soft" }, words.notYours));
      return card;
    }
    const well = listed && stands.reserve;
    const due = well && !listed.used;
    const buttons = create("div", { class: "balie-actions" });
    if (due) buttons.append(button(words.drill, name, listed.due, () => this.#begin(() => this.#drill.begin(stands))));
    buttons.append(button(listed ? words.remake : words.make, name, !due, () => this.#begin(() => making.begin(team))));
    card.append(buttons);
    return card;
  }
}

function button(label: string, team: string, primary: boolean, act: () => void): HTMLElement {
  const made = create(
    "button",
    { type: "button", class: `utrecht-button utrecht-button--${primary ? "primary" : "secondary"}-action` },
    label,
    create("span", { class: "sr" }, words.forTeam(team)),
  );
  made.onclick = act;
  return made;
}

/** What the log of the team says of its reserves, for everybody in it; read when somebody asks. */
function happened(team: Team, circle: Circle): HTMLElement {
  const list = create("ul", { class: "stack stack--1", role: "list" });
  const box = create("details", { class: "small" }, create("summary", {}, words.happened), list);
  box.ontoggle = async () => {
    if (!box.open) return;
    try {
      const entries = (await readLog(team.group)).filter(({ what }) => what in words.did);
      await circle.directory.meet(entries.map(({ person }) => person));
      const lines = entries.reverse().map(({ at, what, person, detail }) => {
        const failed = what === "reserve-drilled" && !(JSON.parse(detail) as { passed: boolean }).passed;
        const did = failed ? words.drillFailed : words.did[what];
        return create("li", {}, create("span", { class: "soft" }, `${day(at)}, ${formatMinutes(at)}`), ` ${circle.directory.name(person)} ${did}`);
      });
      list.replaceChildren(...lines);
    } catch (error) {
      list.replaceChildren(create("li", {}, sayOf(error)));
    }
  };
  return box;
}

function stateOf({ listed, reserve }: Stands): HTMLElement {
  if (!listed) return badge("warning", words.states.none);
  if (listed.used || reserve?.suite !== suites.current) return badge("warning", words.states.used);
  return listed.due ? badge("warning", words.states.due) : badge("success", words.states.well);
}

function facts({ keys, reserve }: Stands, listed: ReserveListed, circle: Circle): HTMLElement[] {
  const { copied, drills, holders } = listed;
  const said: HTMLElement[] = [];
  const warn = (text: string): number => said.push(create("p", { class: "utrecht-paragraph" }, create("strong", {}, text)));
  if (!reserve) warn(words.invalid);
  else if (listed.used) warn(words.used);
  else if (reserve.suite !== suites.current) warn(words.oldSuite);
  else if (listed.due) warn(words.due(day(listed.due_at)));
  const passed = drills.find((each) => each.passed);
  const last = drills[0];
  const lines: [string, string][] = [
    [words.facts.made, words.madeAt(day(listed.made_at), circle.directory.name(listed.made_by))],
    [words.facts.drilled, passed ? words.drilled(day(passed.at), numbered(passed.parts)) : words.never],
    [words.facts.next, day(listed.due_at)],
  ];
  if (last && !last.passed) lines.push([words.facts.failed, words.failed(day(last.at), numbered(last.parts), last.note)]);
  const list = create("dl", { class: "balie-facts" });
  for (const [what, value] of lines) {
    list.append(create("div", { class: "balie-fact" }, create("dt", { class: "soft" }, what), create("dd", {}, value)));
  }
  said.push(list, create("ul", { class: "stack stack--1", role: "list" }, ...holders.map(({ number, name, role }) => create("li", {}, words.holder(number, name, role)))));
  const lacking = keys - copied.length;
  said.push(create("p", { class: "small soft" }, lacking === 0 ? words.covered(keys) : words.lacking(lacking, keys)));
  return said;
}
