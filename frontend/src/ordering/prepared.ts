/**
 * Sends the form of the prepared order in the background, and puts the form that comes back in its place.
 *
 * The server does all the work, as it does without script: a button that moves a date sends the whole form. Nothing
 * typed is ever lost: what changes while an answer is underway is put back and sent again, and when no answer comes the
 * form stays as it is.
 */

import { find, setText, show } from "../lib/dom.ts";
import { formatMinutes } from "../lib/format.ts";
import { texts as shared } from "../lib/texts.ts";
import { nextStep } from "./steps.ts";
import { texts } from "./texts.ts";

const TYPING_MS = 900;
const TIMEOUT_MS = 15_000;

interface Reply {
  status: number;
  url: string;
  page: Document;
}

export class PreparedForm {
  readonly #form: HTMLFormElement;
  readonly #said = find("[data-said]");
  readonly #trouble = find("[data-trouble]");
  /** What was typed since the last request left, by field. */
  readonly #typed = new Map<string, string>();
  #timer = 0;
  #underway = false;
  #waiting: HTMLButtonElement | "typed" | null = null;

  constructor(form: HTMLFormElement) {
    this.#form = form;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#send((event.submitter as HTMLButtonElement | null) ?? "typed");
    });
    form.addEventListener("click", (event) => this.#step(event));
    form.addEventListener("input", ({ target }) => this.#changed(target as HTMLInputElement, TYPING_MS));
    form.addEventListener("change", ({ target }) => this.#changed(target as HTMLInputElement, 0));
    window.addEventListener("beforeunload", (event) => {
      if (this.#timer !== 0 || this.#underway || !this.#trouble.hidden) event.preventDefault();
    });
  }

  /** The buttons beside a number work at once; several clicks are sent as one change. */
  #step(event: MouseEvent): void {
    const button = (event.target as Element).closest<HTMLButtonElement>("button[data-step]");
    const field = button?.parentElement?.querySelector("input");
    if (!button || !field || !/^\d{0,6}$/.test(field.value.trim())) return;
    event.preventDefault();
    field.value = String(nextStep(Number(field.value), Number(button.dataset["step"])));
    setText(this.#said, field.value);
    this.#changed(field, TYPING_MS);
  }

  #changed(field: HTMLInputElement, after: number): void {
    this.#typed.set(field.name, field.value);
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#send("typed"), after);
  }

  async #send(what: HTMLButtonElement | "typed"): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = 0;
    if (this.#underway) {
      this.#waiting = what;
      return;
    }
    const button = what === "typed" ? null : what;
    this.#underway = true;
    this.#typed.clear();
    const answer = await post(this.#form, button);
    this.#underway = false;
    if (answer === null) return this.#explain(texts.prepare.noConnection);
    this.#take(answer, button);
    const next = this.#waiting ?? (this.#typed.size > 0 ? "typed" : null);
    this.#waiting = null;
    if (next !== null) await this.#send(next);
  }

  #take(answer: Reply, button: HTMLButtonElement | null): void {
    const fresh = answer.page.querySelector("[data-prepare]");
    if (answer.status === 409) return this.#explain(shared.otherPractice);
    const isOver = answer.status === 422 || answer.page.querySelector("[data-mails]") !== null;
    if (!fresh && isOver) return location.assign(answer.url); // closed, or ordered meanwhile
    if (!fresh && answer.url.includes("/login/")) return this.#explain(shared.signedOut);
    if (!fresh) return this.#explain(texts.prepare.ourFault(answer.page.querySelector("[data-request]")?.textContent ?? null));
    show(this.#trouble, false);
    const back = placeOfFocus(button);
    const opened = [...this.#form.querySelectorAll<HTMLDetailsElement>("details[open]")].map((each) => each.dataset["keep"]);
    this.#form.replaceChildren(...fresh.childNodes);
    for (const each of this.#form.querySelectorAll("details")) each.open ||= opened.includes(each.dataset["keep"]);
    for (const [name, value] of this.#typed) {
      const field = this.#form.elements.namedItem(name);
      if (field instanceof HTMLInputElement || field instanceof RadioNodeList) field.value = value;
    }
    back(this.#form);
    setText(this.#said, answer.status === 422 ? texts.prepare.refused : this.#saying(button));
  }

  #saying(button: HTMLButtonElement | null): string {
    const [verb = "", day = ""] = (button?.value ?? "").split(":");
    const list = [...this.#form.querySelectorAll<HTMLInputElement>("input[name=day]")].map((each) => each.value);
    if (["up", "down", "add"].includes(verb)) return texts.prepare.nowChoice(day, list.indexOf(day) + 1);
    if (verb === "drop") return texts.prepare.dropped(day);
    return texts.prepare.saved(formatMinutes(Date.now()));
  }

  #explain(words: string): void {
    setText(find("[data-trouble-words]", this.#trouble), words);
    find("[data-save]", this.#form).before(this.#trouble);
    show(this.#trouble, true);
    setText(this.#said, words);
  }
}

async function post(form: HTMLFormElement, button: HTMLButtonElement | null): Promise<Reply | null> {
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form)) body.append(name, String(value));
  body.append("do", button?.value ?? "");
  try {
    const response = await fetch(form.action, { method: "POST", body, signal: AbortSignal.timeout(TIMEOUT_MS) });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    return { status: response.status, url: response.url, page };
  } catch {
    return null;
  }
}

/** Remembers where one is, and goes back there in the new form: the same field or button, else the nearest of its kind. */
function placeOfFocus(button: HTMLButtonElement | null): (form: HTMLFormElement) => void {
  const active = document.activeElement;
  const field = active instanceof HTMLInputElement && active.id ? active : null;
  const selection = field && field.type === "text" ? ([field.selectionStart, field.selectionEnd] as const) : null;
  const wanted = field ? [`#${CSS.escape(field.id)}`] : active instanceof HTMLButtonElement ? likeButton(button ?? active) : [];
  return (form) => {
    const found = wanted.map((selector) => form.querySelector<HTMLElement>(selector)).find((each) => each !== null);
    found?.focus({ preventScroll: true });
    if (selection && found instanceof HTMLInputElement) found.setSelectionRange(...selection);
  };
}

/** At the top of the list "higher" is no longer possible: then "lower" of the same date is nearest, and so on. */
function likeButton({ value }: HTMLButtonElement): string[] {
  if (!value) return ["[data-save]"];
  const [verb = "", rest = ""] = value.split(":");
  const enabled = (selector: string): string => `button[value${selector}]:not(:disabled)`;
  return [
    enabled(`="${CSS.escape(value)}"`),
    ...(verb === "up" || verb === "down" ? [enabled(`$=":${CSS.escape(rest)}"`)] : []),
    ...(verb === "set" ? [`#${CSS.escape(rest.split("=")[0]!)}`] : []),
    enabled(`^="${verb}:"`),
    "summary",
    "[data-save]",
  ];
}
