/** Within which time a team answers consultaties: for its administrators, in the dialog of the team. */

import { create, find, setText, show } from "../../lib/dom.ts";
import { texts } from "../texts.ts";
import { Register } from "./register.ts";
import { agreed } from "./standing.ts";

const words = texts.consultations;
const EVERYBODYS = "";

export class AgreementView {
  readonly #root: HTMLElement;
  readonly #select = find<HTMLSelectElement>("#teamafspraak");
  readonly #register = new Register();
  #team: string | null = null;

  constructor(dialog: HTMLElement) {
    this.#root = find("[data-agreement-form]", dialog);
  }

  /** Somebody opens the dialog: what was agreed is read anew. */
  begin(): void {
    this.#team = null;
    setText(find("[data-agreement-kept]", this.#root), "");
  }

  /** The team that one administers; null hides it. What is chosen stays while the same is shown. Throws Unanswered. */
  async turnTo(team: string | null): Promise<void> {
    show(this.#root, team !== null);
    if (team === this.#team) return;
    this.#team = team;
    this.#select.replaceChildren();
    if (team === null) return;
    await this.#register.load();
    if (team === this.#team) this.#fill(team);
  }

  #fill(team: string): void {
    const { agreements } = this.#register;
    const option = (value: string, name: string): HTMLElement => create("option", { value }, name);
    const first = agreements[0] ? [option(EVERYBODYS, words.everybodysAgreement(agreed(agreements[0])))] : [];
    this.#select.replaceChildren(...first, ...agreements.map((each) => option(each.code, `${words.kinds[each.kind]}, ${agreed(each)}`)));
    this.#select.value = this.#register.agreementOf(team) ?? EVERYBODYS;
  }

  /** Throws Unanswered. Where nothing could be read, nothing is kept. */
  async keep(): Promise<void> {
    if (this.#team === null || this.#select.options.length === 0) return;
    await this.#register.agree(this.#team, this.#select.value === EVERYBODYS ? null : this.#select.value);
    setText(find("[data-agreement-kept]", this.#root), words.agreementKept);
  }
}
