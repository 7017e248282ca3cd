/** The yearly drill: two sheets give the drill secret. No two shares of the key are ever here at once. */

import { drillWith, type Part } from "../../crypto/reserve.ts";
import { find, setText, show } from "../../lib/dom.ts";
import { api } from "../api.ts";
import { must } from "../unanswered.ts";
import { sayOf } from "../world.ts";
import { type Sheets, SheetsView } from "./sheets_view.ts";
import type { Stands } from "./teams.ts";
import { words } from "./texts.ts";

/** A part that was checked, without its share of the key. */
function withoutKey(part: Part): Part {
  part.keyShare.fill(0);
  part.data.fill(0);
  return part;
}

export const numbered = (parts: string): string => [...parts].join(words.and);

export class DrillView {
  readonly #root = find("[data-drill]");
  readonly #failed = find<HTMLFormElement>("[data-drill-failed]", this.#root);
  readonly #done: (said: string | null) => void;
  #stands: Stands | null = null;
  #sheets: SheetsView | null = null;

  /** `done`: what to say of how it went; null when somebody stopped. */
  constructor(done: (said: string | null) => void) {
    this.#done = done;
    find("[data-stop]", this.#root).onclick = () => this.#end(null);
    this.#failed.onsubmit = (event) => {
      event.preventDefault();
      void this.#fail();
    };
  }

  /** `all`: to tell a sheet of another team of ours from one that is nobody's. */
  begin(stands: Stands): void {
    this.#stands = stands;
    this.#failed.reset();
    setText(find("[data-drill-team]", this.#root), stands.team.name ?? words.nameless);
    setText(find("[data-drill-fault]", this.#root), "");
    this.#sheets = new SheetsView(this.#root, [stands], withoutKey, (sheets) => this.#pass(sheets));
    this.#sheets.clear();
    show(this.#root, true);
    find<HTMLElement>("h2", this.#root).focus();
  }

  async #pass({ stands, parts }: Sheets): Promise<void> {
    const numbers = parts.map(({ number }) => number).sort().join("");
    try {
      await drillWith(stands.reserve!, parts.map(({ drillShare }) => drillShare));
      await this.#tell({ passed: true, parts: numbers, note: "" });
      this.#end(words.passed(numbered(numbers)));
    } catch (error) {
      setText(find("[data-drill-fault]", this.#root), sayOf(error));
      this.#sheets?.clear();
    }
  }

  async #fail(): Promise<void> {
    const fault = find("[data-failed-fault]", this.#failed);
    const parts = [...this.#failed.querySelectorAll<HTMLInputElement>("input:checked")].map(({ value }) => value).join("");
    const note = find<HTMLInputElement>("[name=note]", this.#failed).value.trim();
    if (!parts || !note) return setText(fault, words.whichFailed);
    try {
      await this.#tell({ passed: false, parts, note });
      this.#end(words.noted);
    } catch (error) {
      setText(fault, sayOf(error));
    }
  }

  async #tell(how: { passed: boolean; parts: string; note: string }): Promise<void> {
    const { team, listed } = this.#stands!;
    await must(api.tellDrill({ team: team.group, set: listed!.set, ...how }));
  }

  #end(said: string | null): void {
    this.#sheets?.clear();
    find<HTMLDetailsElement>("details", this.#root).open = false;
    setText(find("[data-failed-fault]", this.#failed), "");
    show(this.#root, false);
    this.#done(said);
  }
}
