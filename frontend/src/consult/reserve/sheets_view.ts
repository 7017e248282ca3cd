/** Reading sheets one after the other, for a drill or to come back: typed, or from a photo of the code. */

import type { Part } from "../../crypto/reserve.ts";
import { create, find, icon, setText, show } from "../../lib/dom.ts";
import { readSheet, scan } from "./reading.ts";
import type { Stands } from "./teams.ts";
import { words } from "./texts.ts";

const NEEDED = 2;

/** Two different parts of the same reserve, each as it was handed out. */
export interface Sheets {
  stands: Stands;
  parts: Part[];
}

export class SheetsView {
  readonly #root: HTMLElement;
  readonly #field: HTMLTextAreaElement;
  readonly #fault: HTMLElement;
  readonly #among: Stands[];
  readonly #keep: (part: Part) => Part;
  readonly #read: (sheets: Sheets) => Promise<void>;
  #stands: Stands | null = null;
  #parts: Part[] = [];

  /** `keep`: what is remembered of a part once it was checked. `read` is called with two; what it throws is for the caller. */
  constructor(root: HTMLElement, among: Stands[], keep: (part: Part) => Part, read: (sheets: Sheets) => Promise<void>) {
    this.#root = root;
    this.#among = among;
    this.#keep = keep;
    this.#read = read;
    this.#field = find<HTMLTextAreaElement>("textarea", root);
    this.#fault = find("[data-sheet-fault]", root);
    find<HTMLFormElement>("form[data-sheet]", root).onsubmit = (event) => {
      event.preventDefault();
      void this.#take(this.#field.value);
    };
    const photo = find<HTMLInputElement>("input[type=file]", root);
    find("[data-photo]", root).onclick = () => photo.click();
    photo.onchange = () => void this.#scan(photo);
    this.#draw();
  }

  /** Nothing of what was read stays. */
  clear(): void {
    for (const { data, keyShare, drillShare } of this.#parts) for (const each of [data, keyShare, drillShare]) each.fill(0);
    this.#parts = [];
    this.#stands = null;
    this.#field.value = "";
    setText(this.#fault, "");
    this.#draw();
  }

  async #scan(photo: HTMLInputElement): Promise<void> {
    const [file] = photo.files ?? [];
    if (!file) return;
    const text = await scan(file);
    photo.value = "";
    if (text === null) return setText(this.#fault, words.noCode);
    await this.#take(text);
  }

  async #take(text: string): Promise<void> {
    if (this.#parts.length >= NEEDED) return;
    const fault = await this.#judge(text);
    setText(this.#fault, fault ?? "");
    this.#draw();
    if (fault !== null) return this.#field.focus();
    this.#field.value = "";
    if (this.#parts.length < NEEDED) return this.#field.focus();
    await this.#read({ stands: this.#stands!, parts: this.#parts });
  }

  /** What is wrong with it; null when it was taken. */
  async #judge(text: string): Promise<string | null> {
    const read = await readSheet(text, this.#among);
    if ("fault" in read) return read.fault;
    const { part, stands } = read;
    if (this.#stands && this.#stands.team !== stands.team) return words.otherTeam(part.number);
    if (this.#parts.some(({ number }) => number === part.number)) return words.twice(part.number);
    this.#stands = stands;
    this.#parts.push(this.#keep(part));
    return null;
  }

  #draw(): void {
    const holders = this.#stands?.listed?.holders ?? [];
    const lines = this.#parts.map(({ number }) => {
      const name = holders.find((each) => each.number === number)?.name ?? "";
      return create("li", {}, icon("circle-check"), ` ${words.readWell(number, name)}`);
    });
    find("[data-sheets-read]", this.#root).replaceChildren(...lines);
    setText(find("[data-sheet-label]", this.#root), this.#parts.length === 0 ? words.first : words.second);
    show(find("form[data-sheet]", this.#root), this.#parts.length < NEEDED);
  }
}
