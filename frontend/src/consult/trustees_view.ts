/** Naming the colleagues who may admit one again, and who named us. */

import { badge, create, find, setText, show } from "../lib/dom.ts";
import { listed } from "../lib/format.ts";
import type { Session } from "./session.ts";
import { texts } from "./texts.ts";
import { enough, nameTrustees, readTrustees, renewTrustees, type Trustee } from "./trustees.ts";
import { page, sayOf } from "./world.ts";

const words = texts.keys.trustees;
const FEWEST = 2;

export class TrusteesView {
  readonly #root = find("[data-check=trustees]");
  readonly #ask = find<HTMLDetailsElement>("[data-trustees]", this.#root);
  readonly #session: () => Session;
  readonly #changed: (session: Session) => void;
  #trustees: Trustee[] = [];

  /** `changed`: others were named. */
  constructor(session: () => Session, changed: (session: Session) => void) {
    this.#session = session;
    this.#changed = changed;
    show(this.#root, !page.patient);
    const { named_by = [] } = page;
    setText(find("[data-named-by]", this.#root), named_by.length > 0 ? words.namedBy(listed(named_by)) : "");
    find<HTMLFormElement>("form", this.#ask).onsubmit = (event) => {
      event.preventDefault();
      void this.#name();
    };
  }

  /** Two of them can admit us now. */
  get ready(): boolean {
    return enough(this.#trustees);
  }

  /** Enough colleagues could be named who can. */
  get possible(): boolean {
    return this.#trustees.filter(({ admits }) => admits).length >= FEWEST;
  }

  /** What one reads of it. */
  get note(): string {
    const named = listed(this.#trustees.filter((each) => each.named).map(({ name }) => name));
    if (!named) return words.todo;
    return this.ready ? words.done(named) : words.few(named);
  }

  /** Reads who they are; whoever has another key is named again. Throws Unanswered. */
  async read(): Promise<void> {
    if (page.patient) return;
    const [before, now] = [this.#session(), await renewTrustees(this.#session())];
    this.#trustees = await readTrustees(now);
    if (now !== before) this.#changed(now);
    const rows = this.#trustees.map((each) => this.#row(each));
    find("[data-trustees-list]", this.#ask).replaceChildren(...rows);
    show(find("[data-no-trustees]", this.#ask), rows.length === 0);
    show(find("[type=submit]", this.#ask), rows.length > 0);
  }

  #row({ person, name, named, admits, changed }: Trustee): HTMLElement {
    const box = create("input", { type: "checkbox", name: "trustee", value: person });
    box.checked = named;
    const said = create("span", { class: "balie-person__name" }, name, create("span", { class: "small soft" }, admits ? words.admits : words.admitsNot));
    if (changed) said.append(badge("warning", texts.people.changed));
    return create("li", {}, create("label", { class: "balie-person" }, box, said));
  }

  async #name(): Promise<void> {
    const fault = find("[data-trustees-fault]", this.#ask);
    const chosen = [...this.#ask.querySelectorAll<HTMLInputElement>("input:checked")].map(({ value }) => value);
    setText(fault, chosen.length < FEWEST ? words.atLeast : "");
    if (chosen.length < FEWEST) return;
    const button = find<HTMLButtonElement>("[type=submit]", this.#ask);
    button.disabled = true;
    try {
      const session = await nameTrustees(this.#session(), chosen);
      this.#trustees = await readTrustees(session);
      this.#ask.open = false;
      find<HTMLElement>("summary", this.#ask).focus();
      this.#changed(session);
    } catch (error) {
      setText(fault, sayOf(error));
    } finally {
      button.disabled = false;
    }
  }
}
