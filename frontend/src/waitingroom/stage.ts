/** Paints the stage. Only what changed is written, so that nothing jumps and nothing is read aloud twice. */

import { create, find, setAttribute, setText, show } from "../lib/dom.ts";
import { setTitle } from "../lib/notify.ts";
import type { Look, Rich } from "./look.ts";

const STAGES = ["called", "turn", "still"] as const;
const TICKETS = ["blank", "white"] as const;

export class Stage {
  readonly holdButton = find<HTMLButtonElement>("[data-hold]");
  readonly #root = find("[data-stage]");
  readonly #ticket = find("[data-ticket]");
  readonly #lead = find("[data-lead]");
  readonly #facts = find("[data-facts]");
  #leadNow = "";
  #factsNow = "";

  paint(look: Look): void {
    for (const name of STAGES) this.#root.classList.toggle(`balie-stage--${name}`, look.stage === name);
    this.#paintTicket(look);
    setText(find("[data-title]"), look.title);
    this.#paintLead(look.lead);
    this.#paintFacts(look.facts);
    this.#paintLine(look.line);
    this.#paintWays(look.ways);
    const note = find("[data-note]");
    show(note, look.note !== null);
    setText(note, look.note ?? "");
    setTitle(look.tab);
  }

  #paintTicket(look: Look): void {
    for (const name of TICKETS) this.#ticket.classList.toggle(`balie-ticket--${name}`, look.ticket === name);
    setText(find("[data-ticket-label]"), look.ticketLabel);
    setText(find("[data-ticket-number]"), look.number);
    const stub = find("[data-ticket-stub]");
    const agb = find("[data-ticket-agb]");
    show(agb, look.stub === null);
    show(stub, look.stub !== null);
    if (look.stub !== null && stub.textContent !== look.stub) stub.replaceChildren(look.stub, create("br"));
  }

  #paintLead(lead: Rich): void {
    const key = JSON.stringify(lead);
    if (key === this.#leadNow) return;
    this.#leadNow = key;
    this.#lead.replaceChildren(...lead.map((part) => (typeof part === "string" ? part : create("strong", {}, part.bold))));
  }

  #paintFacts(facts: Look["facts"]): void {
    show(this.#facts, facts.length > 0);
    const labels = facts.map(([label]) => label).join("|");
    if (labels !== this.#factsNow) {
      this.#factsNow = labels;
      this.#facts.replaceChildren(
        ...facts.map(([label]) =>
          create("div", { class: "balie-fact" }, create("dt", { class: "soft" }, label), create("dd")),
        ),
      );
    }
    const values = this.#facts.querySelectorAll("dd");
    facts.forEach(([, value], at) => values[at] && setText(values[at], value));
  }

  #paintWays(ways: Look["ways"]): void {
    show(find("[data-actions]"), ways !== "none");
    show(find("[data-to-prepare]"), ways === "prepare");
    const calendar = find("[data-to-calendar]");
    show(calendar, ways !== "prepare");
    calendar.classList.toggle("utrecht-button--primary-action", ways === "calendar first");
    calendar.classList.toggle("utrecht-button--secondary-action", ways !== "calendar first");
  }

  #paintLine(line: Look["line"]): void {
    show(find("[data-line]"), line !== null);
    if (!line) return;
    setAttribute(find<SVGRectElement>("[data-line-done]"), "width", Math.round(line.done * 1000));
    setAttribute(find<SVGRectElement>("[data-line-you]"), "x", Math.min(990, Math.round(line.you * 1000)));
    setText(find("[data-line-called]"), line.called);
    setText(find("[data-line-own]"), line.own);
    setText(find("[data-line-last]"), line.last);
  }
}
