/** The ceremony: three names, three sheets on paper, each seen there, and only then does the reserve count. */

import { encode } from "uqr";
import type { Holder } from "../api.ts";
import { create, createSvg, find, setText, show } from "../../lib/dom.ts";
import { dayOf, formatDate } from "../../lib/format.ts";
import type { Session } from "../session.ts";
import type { Circle } from "../talk/circle.ts";
import type { Team } from "../talk/group.ts";
import { page, sayOf } from "../world.ts";
import { type Draft, draft, keep } from "./making.ts";
import { words } from "./texts.ts";

const QUIET = 4;

/** What somebody types of a sheet to show that it is on paper. */
interface Asked {
  line: number;
  group: number;
  letters: string;
  field: HTMLInputElement;
  fault: HTMLElement;
}

export class MakeView {
  readonly #root = find("[data-making]");
  readonly #names = find<HTMLFormElement>("[data-holders]", this.#root);
  readonly #check = find<HTMLFormElement>("[data-check-sheets]", this.#root);
  readonly #session: Session;
  readonly #circle: Circle;
  readonly #done: (said: string | null) => void;
  #team: Team | null = null;
  #draft: Draft | null = null;
  #holders: Holder[] = [];
  #asked: Asked[] = [];

  /** `done`: what to say once it counts; null when somebody stopped. */
  constructor(session: Session, circle: Circle, done: (said: string | null) => void) {
    this.#session = session;
    this.#circle = circle;
    this.#done = done;
    this.#names.onsubmit = (event) => {
      event.preventDefault();
      void this.#make();
    };
    this.#check.onsubmit = (event) => {
      event.preventDefault();
      void this.#keep();
    };
    find("[data-print]", this.#root).onclick = () => print();
    for (const button of this.#root.querySelectorAll<HTMLElement>("[data-stop]")) {
      button.onclick = () => {
        this.#forget();
        this.#done(null);
      };
    }
  }

  begin(team: Team): void {
    this.#forget();
    this.#team = team;
    this.#names.reset();
    setText(find("[data-holders-fault]", this.#names), "");
    setText(find("[data-making-team]", this.#root), team.name ?? words.nameless);
    show(this.#names, true);
    show(this.#root, true);
    find<HTMLElement>("h2", this.#root).focus();
  }

  async #make(): Promise<void> {
    const fault = find("[data-holders-fault]", this.#names);
    const typed = (name: string): string[] => [...this.#names.querySelectorAll<HTMLInputElement>(`[name=${name}]`)].map(({ value }) => value.trim());
    const roles = typed("role");
    this.#holders = typed("holder").map((name, at) => ({ name, role: roles[at]! }));
    if (this.#holders.some(({ name, role }) => !name || !role)) return setText(fault, words.fillHolders);
    if (new Set(this.#holders.map(({ name }) => name)).size < this.#holders.length) return setText(fault, words.sameHolders);
    setText(fault, "");
    this.#draft = await draft(this.#team!);
    this.#drawSheets(this.#draft);
    show(this.#names, false);
    show(find("[data-sheets]", this.#root), true);
    find<HTMLElement>("[data-sheets] h3", this.#root).focus();
  }

  #drawSheets({ sheets }: Draft): void {
    const called = this.#team!.name ?? words.nameless;
    const made = words.sheetMade(`${formatDate(dayOf(new Date()))} ${new Date().getFullYear()}`, `${location.origin}${page.reserve}`);
    const papers = [...this.#root.querySelectorAll<HTMLElement>("[data-paper]")];
    const checks = [...this.#check.querySelectorAll<HTMLElement>("[data-typed]")];
    this.#asked = sheets.map((text, at) => {
      const [paper, holder, number] = [papers[at]!, this.#holders[at]!, at + 1];
      setText(find("[data-paper-title]", paper), words.sheetOf(number, called));
      setText(find("[data-paper-for]", paper), words.sheetFor(holder.name, holder.role));
      setText(find("[data-paper-made]", paper), made);
      find("[data-paper-code]", paper).replaceChildren(drawn(text.replace(/\s/g, "")));
      find("[data-paper-lines]", paper).replaceChildren(...text.split("\n").map((line) => create("li", {}, line)));
      return ask(checks[at]!, number, text);
    });
  }

  async #keep(): Promise<void> {
    const wrong = this.#asked.filter((each, at) => !isRight(each, at + 1));
    if (wrong.length > 0) return wrong[0]!.field.focus();
    const button = find<HTMLButtonElement>("[type=submit]", this.#check);
    const fault = find("[data-keep-fault]", this.#check);
    button.disabled = true;
    setText(fault, "");
    try {
      await keep(this.#session, this.#circle, this.#team!, this.#draft!, this.#holders);
      const said = words.kept(this.#team!.name ?? words.nameless);
      this.#forget();
      this.#done(said);
    } catch (error) {
      setText(fault, sayOf(error));
    } finally {
      button.disabled = false;
    }
  }

  /** The sheets are on paper or nowhere. */
  #forget(): void {
    this.#draft = null;
    this.#holders = [];
    for (const { field } of this.#asked) field.value = "";
    this.#asked = [];
    for (const each of this.#root.querySelectorAll("[data-paper-lines], [data-paper-code]")) each.replaceChildren();
    show(find("[data-sheets]", this.#root), false);
    show(this.#root, false);
  }
}

/** One group of four letters, drawn by lot: not of the first line, which tells nothing secret. */
function ask(root: HTMLElement, number: number, text: string): Asked {
  const lines = text.split("\n").map((line) => line.split(" "));
  const [one, other] = crypto.getRandomValues(new Uint32Array(2)) as unknown as [number, number];
  const line = 2 + (one % (lines.length - 1));
  const group = 1 + (other % lines[0]!.length);
  const [field, fault] = [find<HTMLInputElement>("input", root), find("[data-typed-fault]", root)];
  field.value = "";
  setText(fault, "");
  setText(find("label", root), words.typeBack(number, line, group));
  return { line, group, letters: lines[line - 1]![group - 1]!, field, fault };
}

function isRight({ line, group, letters, field, fault }: Asked, number: number): boolean {
  const right = field.value.trim().toUpperCase() === letters;
  setText(fault, right ? "" : words.typedWrong(number, line, group));
  return right;
}

/** A QR code as one path: black on white, whatever the theme. */
function drawn(text: string): SVGSVGElement {
  const { data, size } = encode(text, { ecc: "Q", border: QUIET });
  const path = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join("");
  return createSvg(
    "svg",
    { viewBox: `0 0 ${size} ${size}`, class: "balie-qr", "aria-hidden": "true" },
    createSvg("rect", { width: size, height: size, class: "balie-qr__ground" }),
    createSvg("path", { d: path, class: "balie-qr__ink" }),
  );
}
