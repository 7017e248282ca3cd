/** The consultatie of the conversation that is shown: how it stands, and what one may do with it now. */

import { create, find, setText, show } from "../../lib/dom.ts";
import { actButton } from "../acting.ts";
import { texts } from "../texts.ts";
import type { ConsultationListed } from "../api.ts";
import { PERSON } from "../talk/group.ts";
import type { Conversation } from "../talk/conversation.ts";
import type { Talk } from "../talk/talk.ts";
import { page, sayIn, sayOf } from "../world.ts";
import { isOpen, type Register } from "./register.ts";
import { askedOf, dateAndTime, timeLeft } from "./standing.ts";
import { whomOf } from "./whom.ts";

const words = texts.consultations;

/** What opens a form, and what is done at once. */
export interface PanelActs {
  ask: () => void;
  handOver: (consultation: ConsultationListed) => void;
  conclude: (consultation: ConsultationListed) => void;
  takeOver: (consultation: ConsultationListed) => void;
  withdraw: (consultation: ConsultationListed) => void;
  copy: (consultation: ConsultationListed) => void;
  changed: () => void;
}

export class PanelView {
  readonly #root = find("[data-consultation]");
  readonly #talk: Talk;
  readonly #register: Register;
  readonly #acts: PanelActs;
  #print = "";

  constructor(talk: Talk, register: Register, acts: PanelActs) {
    this.#talk = talk;
    this.#register = register;
    this.#acts = acts;
  }

  /** The words of a failure stay until another conversation is looked at. */
  turnTo(): void {
    this.say(null);
  }

  say(text: string | null): void {
    sayIn(find("[data-consultation-fault]"), text);
  }

  show(conversation: Conversation): void {
    const found = this.#register.of(conversation.group);
    const mayAsk = !page.patient && (!found || !isOpen(found)) && whomOf(this.#talk, conversation).length > 0;
    show(this.#root, found !== undefined || mayAsk);
    const said = found ? standing(this.#talk, found) : [];
    const print = JSON.stringify([found, said, mayAsk]);
    if (print === this.#print) return;
    this.#print = print;
    const line = find("[data-consultation-say]", this.#root);
    line.replaceChildren(...(found ? [create("strong", {}, words.kinds[found.kind]), ...said.map((each) => create("span", {}, each))] : []));
    find("[data-consultation-acts]", this.#root).replaceChildren(...this.#buttons(found, mayAsk));
  }

  #buttons(found: ConsultationListed | undefined, mayAsk: boolean): HTMLElement[] {
    const buttons: HTMLElement[] = [];
    const button = (...made: Parameters<typeof actButton>): void => void buttons.push(actButton(...made));
    const mine = found?.holder === this.#talk.me;
    if (found && isOpen(found)) {
      if (found.of_own_team && found.holder === null && found.asked_by !== this.#talk.me) button(words.pickUp, "check", true, () => void this.#pickUp(found));
      if (mine) button(words.conclude, "check", true, () => this.#acts.conclude(found));
      const ofColleague = found.of_own_team && found.holder !== null && !mine && found.asked_by !== this.#talk.me;
      if (ofColleague) button(words.takeOver, "check", false, () => this.#acts.takeOver(found));
      if (mine || found.of_own_team) button(words.handOver, "arrow-right", false, () => this.#acts.handOver(found));
      if (found.asked_by === this.#talk.me) button(words.withdraw, "x", false, () => this.#acts.withdraw(found));
    }
    if (found && found.concluded_at !== null) button(words.copy, "copy", false, () => this.#acts.copy(found));
    if (mayAsk) button(words.ask, "plus", false, this.#acts.ask);
    return buttons;
  }

  async #pickUp(found: ConsultationListed): Promise<void> {
    this.say(null);
    try {
      await this.#register.pickUp(found);
    } catch (error) {
      this.say(sayOf(error));
      await this.#register.load().catch(() => {});
    }
    this.#acts.changed();
    find<HTMLElement>("[data-title]").focus();
  }
}

/** Who has it, and how long there is. */
function standing(talk: Talk, found: ConsultationListed): string[] {
  const holder = found.holder === null ? null : found.holder === talk.me ? texts.talk.me : talk.circle.name(PERSON + found.holder);
  if (found.concluded_at !== null) return [words.concludedBy(holder ?? "")];
  if (found.withdrawn_at !== null) {
    const who = found.asked_by === talk.me ? texts.talk.me : talk.circle.name(PERSON + found.asked_by);
    return [words.withdrawnBy(who, dateAndTime(found.withdrawn_at))];
  }
  const who = holder === null ? words.waits(askedOf(talk, found)) : words.heldBy(holder);
  return [who, timeLeft(found)];
}

/** The row of the list: whom it is for, who asks, and how it stands. */
export function rowOf(talk: Talk, found: ConsultationListed): HTMLElement {
  const who = create("span", { class: "balie-person__name" }, create("strong", {}, words.asks(talk.circle.name(PERSON + found.asked_by), askedOf(talk, found))));
  who.append(create("span", { class: "small soft" }, `${words.kinds[found.kind]} · ${standing(talk, found).join(" · ")}`));
  const link = create("a", { class: "utrecht-link", href: `#${found.conversation}` }, words.open, create("span", { class: "sr" }, `: ${askedOf(talk, found)}`));
  return create("li", {}, who, link);
}

export function countIn(element: HTMLElement, count: number): void {
  setText(element, count > 0 ? words.listCounted(count) : words.list);
}
