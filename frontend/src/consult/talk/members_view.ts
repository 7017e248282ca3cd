/** Who is in a conversation or a team, and what one may do about it. */

import { badge, create, find, setText, show } from "../../lib/dom.ts";
import { AgreementView } from "../consultations/agreement_view.ts";
import { texts } from "../texts.ts";
import { page, sayIn, sayOf } from "../world.ts";
import { certainty, ChoiceView } from "./choice_view.ts";
import { type Group, isPerson, Team } from "./group.ts";
import type { Talk } from "./talk.ts";

const words = texts.people;

export class MembersView {
  readonly #talk: Talk;
  readonly #dialog = find<HTMLDialogElement>("[data-members-dialog]");
  readonly #choice: ChoiceView;
  readonly #peopleChoice: ChoiceView;
  readonly #agreement: AgreementView;
  #group: Group | null = null;

  constructor(talk: Talk) {
    this.#talk = talk;
    this.#agreement = new AgreementView(this.#dialog);
    const adder = find("[data-add-form]", this.#dialog);
    this.#choice = new ChoiceView(adder, talk, { teams: true, one: true });
    this.#peopleChoice = new ChoiceView(adder, talk, { teams: false, one: true });
    find("[data-members-close]", this.#dialog).onclick = () => this.#dialog.close();
    find("[data-add]", this.#dialog).ontoggle = () => void this.#offer();
    adder.onsubmit = (event) => {
      event.preventDefault();
      void this.#act(find<HTMLButtonElement>("button[type=submit]", adder), () => this.#add());
    };
    find("[data-leave-sure]", this.#dialog).onclick = (event) =>
      void this.#act(event.currentTarget as HTMLButtonElement, () => this.#leave());
    find("[data-patients-act]", this.#dialog).onclick = (event) =>
      void this.#act(event.currentTarget as HTMLButtonElement, () => this.#openToPatients());
    const agreement = find("[data-agreement-form]", this.#dialog);
    agreement.onsubmit = (event) => {
      event.preventDefault();
      void this.#act(find<HTMLButtonElement>("button", agreement), () => this.#agreement.keep());
    };
    find("[data-name-form]", this.#dialog).onsubmit = (event) => {
      event.preventDefault();
      void this.#act(find<HTMLButtonElement>("[data-name-form] button", this.#dialog), () => this.#name());
    };
  }

  open(group: Group): void {
    this.#group = group;
    sayIn(find("[data-members-fault]", this.#dialog), null);
    for (const each of this.#dialog.querySelectorAll("details")) each.open = false;
    this.#agreement.begin();
    this.show();
    this.#dialog.showModal();
  }

  /** As it is now, if it is open. */
  show(): void {
    const group = this.#group;
    if (!group) return;
    const team = group instanceof Team;
    const { circle } = this.#talk;
    const as = circle.actsAs(group);
    setText(find("[data-members-title]", this.#dialog), team ? (group.name ?? words.namelessTeam) : words.whoReads);
    setText(find("[data-members-say]", this.#dialog), team ? words.teamSay : words.talkSay);
    const print = JSON.stringify([[...group.membership.members].map(([member, role]) => [member, role, circle.isAdmitted(member), group.missing(circle, member).length > 0]), as]);
    const list = find("[data-members-list]", this.#dialog);
    if (list.dataset["print"] !== print) {
      list.dataset["print"] = print;
      list.replaceChildren(...[...group.membership.members.keys()].map((member) => this.#row(group, member)));
    }
    show(find("[data-add]", this.#dialog), as !== null && this.#mayChange(group));
    show(find("[data-add-how]", this.#dialog), !team);
    show(find("[data-add-team]", this.#dialog), team);
    show(find("[data-leave]", this.#dialog), group.membership.members.has(circle.self) && !this.#isLastAdmin(group));
    setText(find("[data-leave-say]", this.#dialog), team ? words.leaveTeamSay : words.leaveSay);
    show(find("[data-last-admin]", this.#dialog), team && this.#isLastAdmin(group));
    show(find("[data-name-form]", this.#dialog), team && this.#mayChange(group));
    if (team) find<HTMLInputElement>("#teamnaam").placeholder = group.name ?? "";
    const agrees = team && group.name !== null && this.#mayChange(group);
    void this.#agreement.turnTo(agrees ? group.group : null).catch((error: unknown) => this.#fault(error));
    const patients = team && group.name !== null && group.practice !== null && this.#mayChange(group);
    show(find("[data-patients]", this.#dialog), patients);
    if (!patients) return;
    const said = group.forPatients ? words.patientsWrite(group.practice ?? "") : words.patientsWait(group.practice ?? "");
    setText(find("[data-patients-say]", this.#dialog), said);
    setText(find("[data-patients-act]", this.#dialog), group.forPatients ? words.patientsStop : words.patientsLet);
  }

  #mayChange(group: Group): boolean {
    if (page.patient) return false;
    if (!(group instanceof Team)) return this.#talk.circle.actsAs(group) !== null;
    return group.membership.members.get(this.#talk.circle.self) === "admin";
  }

  #isLastAdmin(group: Group): boolean {
    const admins = [...group.membership.members].filter(([, role]) => role === "admin").map(([member]) => member);
    return group instanceof Team && admins.length === 1 && admins[0] === this.#talk.circle.self;
  }

  #row(group: Group, member: string): HTMLElement {
    const { circle } = this.#talk;
    const name = circle.name(member);
    const said = create("strong", {}, member === circle.self ? words.you(name) : name);
    const marks = create("span", { class: "row" }, said);
    if (!isPerson(member)) marks.append(badge("neutral", words.team));
    if (group.kind === "team" && group.membership.members.get(member) === "admin") marks.append(badge("neutral", words.admin));
    if (circle.isAdmitted(member)) marks.append(badge("warning", words.changed));
    const line = create("li", {}, marks);
    if (member === circle.self) return line;
    line.append(certainty(this.#talk, member, name));
    if (circle.isAdmitted(member) && group.missing(circle, member).length > 0) line.append(this.#giveBack(group, member, name));
    if (this.#mayChange(group)) line.append(this.#remove(group, member, name));
    if (group.kind === "team" && this.#mayChange(group) && group.membership.members.get(member) === "member") {
      line.append(this.#promote(group, member, name));
    }
    return line;
  }

  #remove(group: Group, member: string, name: string): HTMLElement {
    const sure = create("button", { type: "button", class: "utrecht-button utrecht-button--primary-action" }, words.removeSure(name));
    sure.onclick = () => void this.#act(sure, () => this.#talk.remove(group, member));
    const summary = create("summary", { class: "utrecht-button utrecht-button--secondary-action balie-small-button" }, words.remove, create("span", { class: "sr" }, `: ${name}`));
    const say = create("p", { class: "small soft" }, group.kind === "team" ? words.removeFromTeamSay : words.removeSay);
    return create("details", { class: "balie-ask" }, summary, create("div", { class: "stack stack--3" }, say, sure));
  }

  #giveBack(group: Group, member: string, name: string): HTMLElement {
    const button = create("button", { type: "button", class: "balie-choice__other" }, words.giveBack, create("span", { class: "sr" }, `: ${name}`));
    button.onclick = () => void this.#act(button, () => this.#talk.giveBack(group, member));
    return button;
  }

  #promote(group: Group, member: string, name: string): HTMLElement {
    const button = create("button", { type: "button", class: "balie-choice__other" }, words.promote, create("span", { class: "sr" }, `: ${name}`));
    button.onclick = () => void this.#act(button, () => this.#talk.add(group, member, { history: true, role: "admin" }));
    return button;
  }

  #chooser(): ChoiceView {
    return this.#group instanceof Team ? this.#peopleChoice : this.#choice;
  }

  async #offer(): Promise<void> {
    if (!this.#group || !find<HTMLDetailsElement>("[data-add]", this.#dialog).open) return;
    setText(find("[data-add-fault]", this.#dialog), "");
    await this.#chooser().offer(this.#group.membership.members.keys()).catch((error: unknown) => this.#fault(error));
  }

  async #add(): Promise<void> {
    const [member] = this.#chooser().chosen;
    setText(find("[data-add-fault]", this.#dialog), member ? "" : words.nobodyChosen);
    if (!member || !this.#group) return;
    const all = find<HTMLInputElement>("#alles", this.#dialog).checked;
    await this.#talk.add(this.#group, member, { history: all || this.#group instanceof Team });
    find<HTMLDetailsElement>("[data-add]", this.#dialog).open = false;
  }

  async #leave(): Promise<void> {
    if (this.#group) await this.#talk.remove(this.#group, this.#talk.circle.self);
    this.#dialog.close();
  }

  async #name(): Promise<void> {
    const field = find<HTMLInputElement>("#teamnaam");
    const name = field.value.trim();
    if (!(this.#group instanceof Team) || name === "") return field.focus();
    await this.#talk.name(this.#group, name);
    field.value = "";
  }

  async #openToPatients(): Promise<void> {
    const team = this.#group;
    if (team instanceof Team && team.name !== null) await this.#talk.name(team, team.name, !team.forPatients);
  }

  async #act(button: HTMLButtonElement, act: () => Promise<void>): Promise<void> {
    button.disabled = true;
    sayIn(find("[data-members-fault]", this.#dialog), null);
    try {
      await act();
    } catch (error) {
      this.#fault(error);
    } finally {
      button.disabled = false;
      this.show();
    }
  }

  #fault(error: unknown): void {
    sayIn(find("[data-members-fault]", this.#dialog), sayOf(error));
  }
}
