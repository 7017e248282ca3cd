/** One's teams, and how one begins. */

import { create, find, icon, setText, show } from "../../lib/dom.ts";
import { texts } from "../texts.ts";
import { sayOf } from "../world.ts";
import { ChoiceView } from "./choice_view.ts";
import type { Team } from "./group.ts";
import type { Talk } from "./talk.ts";

const words = texts.people;

export class TeamsView {
  readonly #talk: Talk;
  readonly #root = find("[data-teams]");
  readonly #choice: ChoiceView;
  readonly #open: (team: Team) => void;

  constructor(talk: Talk, open: (team: Team) => void) {
    this.#talk = talk;
    this.#open = open;
    const form = find("[data-team-form]", this.#root);
    this.#choice = new ChoiceView(form, talk, { teams: false, one: false });
    form.onsubmit = (event) => {
      event.preventDefault();
      void this.#create();
    };
  }

  async begin(): Promise<void> {
    this.show();
    find<HTMLElement>("#teams").focus();
    await this.#choice.offer([this.#talk.circle.self]);
  }

  show(): void {
    const teams = this.#talk.circle.own();
    find("[data-own-teams]", this.#root).replaceChildren(...teams.map((team) => this.#row(team)));
    show(find("[data-no-teams]", this.#root), teams.length === 0);
  }

  #row(team: Team): HTMLElement {
    const name = team.name ?? words.namelessTeam;
    const button = create("button", { type: "button", class: "utrecht-button utrecht-button--secondary-action balie-small-button" }, icon("users"), words.whoIsIn, create("span", { class: "sr" }, `: ${name}`));
    button.onclick = () => this.#open(team);
    const about = [team.practice ?? "", words.count(team.membership.members.size)].filter(Boolean).join(" · ");
    const said = create("span", { class: "balie-person__name" }, create("strong", {}, name), create("span", { class: "small soft" }, about));
    return create("li", {}, said, button);
  }

  async #create(): Promise<void> {
    const form = find<HTMLFormElement>("[data-team-form]", this.#root);
    const [field, fault] = [find<HTMLInputElement>("#nieuwteam", form), find("[data-team-fault]", form)];
    const name = field.value.trim();
    setText(fault, name === "" ? words.needsName : "");
    if (name === "") return field.focus();
    const button = find<HTMLButtonElement>("button[type=submit]", form);
    button.disabled = true;
    try {
      const team = await this.#talk.create("team", this.#choice.chosen);
      await this.#talk.name(this.#talk.circle.teams.get(team)!, name);
      form.reset();
      await this.begin();
    } catch (error) {
      setText(fault, sayOf(error));
    } finally {
      button.disabled = false;
    }
  }
}
