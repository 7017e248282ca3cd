/** Choosing people and teams by name, with what one needs to be sure that it is them. */

import { safetyNumber } from "../../crypto/persons.ts";
import { create, find, icon, show } from "../../lib/dom.ts";
import { listed } from "../../lib/format.ts";
import { api } from "../api.ts";
import { called } from "../care.ts";
import { texts } from "../texts.ts";
import { must } from "../unanswered.ts";
import { page, sayOf } from "../world.ts";
import { isPerson, PERSON, personOf } from "./group.ts";
import type { Talk } from "./talk.ts";

const words = texts.people;
const FIND_MS = 300;

interface Choice {
  member: string;
  name: string;
  /** Of a team: its practice. */
  beside: string;
}

export class ChoiceView {
  readonly #root: HTMLElement;
  readonly #talk: Talk;
  readonly #teams: boolean;
  #one: boolean;
  #without: ReadonlySet<string> = new Set();
  #chosen = new Map<string, Choice>();
  #asking = 0;

  /** `root` has a field to find by and a list. `teams`: may teams be chosen? `one`: one member, or as many as one likes. */
  constructor(root: HTMLElement, talk: Talk, { teams, one }: { teams: boolean; one: boolean }) {
    this.#root = root;
    this.#talk = talk;
    this.#teams = teams;
    this.#one = one;
    find("[data-find]", root).oninput = () => void this.#find();
    // Patients write to their practice and nobody else.
    show(find("[data-find]", root), !page.patient);
  }

  get chosen(): string[] {
    return [...this.#chosen.keys()];
  }

  /** From the beginning, without those who are in it already. Throws Unanswered. */
  async offer(without: Iterable<string>): Promise<void> {
    this.#without = new Set(without);
    this.#chosen = new Map();
    find<HTMLInputElement>("[data-find]", this.#root).value = "";
    await this.#list();
  }

  async #find(): Promise<void> {
    const asking = (this.#asking += 1);
    await new Promise((resolve) => setTimeout(resolve, FIND_MS));
    if (asking === this.#asking) await this.#list().catch(() => {});
  }

  async #list(): Promise<void> {
    const sought = find<HTMLInputElement>("[data-find]", this.#root).value.trim();
    const [{ people, you }, { teams }] = await Promise.all([must(api.people()), this.#teams ? must(api.teams(sought)) : { teams: [] }]);
    const fits = ({ name }: { name: string }): boolean => name.toLowerCase().includes(sought.toLowerCase());
    const found: Choice[] = [
      ...people.filter((each) => each.person !== you && fits(each)).map((each) => ({ member: PERSON + each.person, name: called(each), beside: "" })),
      ...teams.map(({ team, name, practice }) => ({ member: `team:${team}`, name, beside: practice ?? "" })),
    ];
    if (page.patient && found.length === 1) this.#chosen = new Map(found.map((choice) => [choice.member, choice]));
    const offered = found.filter(({ member }) => !this.#without.has(member) && !this.#chosen.has(member));
    const rows = [...this.#chosen.values(), ...offered].map((choice) => this.#row(choice));
    find("[data-choices]", this.#root).replaceChildren(...rows);
    show(find("[data-nobody]", this.#root), rows.length === 0);
  }

  #row(choice: Choice): HTMLElement {
    const { member, name, beside } = choice;
    const box = create("input", { type: this.#one ? "radio" : "checkbox", name: "member", value: member });
    box.checked = this.#chosen.has(member);
    box.onchange = () => {
      if (this.#one) this.#chosen.clear();
      if (box.checked) this.#chosen.set(member, choice);
      else this.#chosen.delete(member);
    };
    const team = !isPerson(member);
    const said = create("span", { class: "balie-person__name" }, name);
    if (team) said.append(create("span", { class: "small soft" }, beside ? words.teamOf(beside) : words.team));
    return create("li", { class: "balie-person-row" }, create("label", { class: "balie-person" }, box, said), certainty(this.#talk, member, name));
  }
}

/** What makes sure that it is them, once somebody asks: a number to compare by phone, or who is in a team. */
export function certainty(talk: Talk, member: string, name: string): HTMLElement {
  const [title, mark] = isPerson(member) ? [words.number, "shield-check"] : [words.whoIsIn, "users"];
  const body = create("p", { class: "small num", role: "status" });
  const summary = create("summary", { class: "balie-choice__other" }, icon(mark), ` ${title}`, create("span", { class: "sr" }, `: ${name}`));
  const details = create("details", { class: "balie-certainty" }, summary, body);
  details.ontoggle = () => {
    if (!details.open || body.textContent) return;
    void say(talk, member).then(
      (text) => (body.textContent = text),
      (error: unknown) => (body.textContent = sayOf(error)),
    );
  };
  return details;
}

async function say(talk: Talk, member: string): Promise<string> {
  await talk.circle.meet([member]);
  if (!isPerson(member)) {
    const names = talk.circle.readers(member).map((person) => talk.circle.directory.name(person));
    return names.length > 0 ? listed(names) : words.unknownTeam;
  }
  const keys = talk.circle.directory.get(personOf(member))?.keys;
  if (!keys) return words.noKeys;
  const digits = await safetyNumber(talk.session.account.person, keys.person);
  return digits.replace(/(\d{5})(?=\d)/g, "$1 ");
}
