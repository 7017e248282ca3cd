/** Asking colleagues to vouch for new keys, and vouching for a colleague's. */

import { create, find, setText, show } from "../lib/dom.ts";
import { pause } from "../lib/live.ts";
import { admit, askAdmission, askedCode, type AskedAdmission, readAdmissions, takeUp, vouchedFor } from "./admission.ts";
import type { Known } from "./session.ts";
import type { Talk } from "./talk/talk.ts";
import { texts } from "./texts.ts";
import { page, sayIn, sayOf } from "./world.ts";

const words = texts.admission;
const EVERY_MS = 3000;
const LOOK_MS = 15_000;
const grouped = (code: string): string => code.replace(/(\d{5})(?=\d)/g, "$1 ");

/** On the page of the lock: all ways are lost. */
export function offerAdmission(known: Known): void {
  const root = find("[data-lost]");
  show(root, !page.patient);
  const button = find<HTMLButtonElement>("[data-lost-ask]", root);
  button.onclick = () => {
    button.disabled = true;
    ask(known, root).catch((error: unknown) => {
      sayIn(find("[data-unlock-fault]"), sayOf(error));
      button.disabled = false;
    });
  };
}

async function ask(known: Known, root: HTMLElement): Promise<void> {
  const made = await askAdmission(known);
  setText(find("[data-lost-code]", root), grouped(made.code));
  show(find("[data-lost-asked]", root), true);
  for (;;) {
    await pause(EVERY_MS);
    const vouched = await vouchedFor(known, made).catch(() => null);
    if (!vouched) continue;
    setText(find("[data-lost-say]", root), words.taking);
    await takeUp(known, made, vouched);
    location.href = page.own_keys;
    return;
  }
}

/** On the page of conversations: a colleague asks; looked for as long as the page lives. */
export async function watchAdmissions(talk: Talk): Promise<never> {
  for (;;) {
    const { asked } = await readAdmissions().catch(() => ({ asked: [] }));
    await showAsked(talk, asked);
    await pause(LOOK_MS);
  }
}

async function showAsked(talk: Talk, asked: AskedAdmission[]): Promise<void> {
  const rows: HTMLElement[] = [];
  for (const each of asked) {
    const code = await askedCode(talk.circle, each);
    if (code !== null && !admitted.has(each.signed.payload)) rows.push(row(talk, each, code));
  }
  const place = find("[data-admissions]");
  const print = rows.map(({ textContent }) => textContent).join();
  if (place.dataset["print"] === print) return;
  place.dataset["print"] = print;
  place.replaceChildren(...rows);
}

/** For which one vouched already: two must, so it may be asked for a while yet. */
const admitted = new Set<string>();

function row(talk: Talk, asked: AskedAdmission, code: string): HTMLElement {
  const fault = create("p", { class: "utrecht-form-field-error-message", role: "alert" });
  const button = create("button", { type: "button", class: "utrecht-button utrecht-button--primary-action" }, words.admit(asked.name));
  const box = create(
    "div",
    { class: "utrecht-alert utrecht-alert--warning" },
    create(
      "div",
      { class: "utrecht-alert__content stack stack--2" },
      create("p", { class: "utrecht-paragraph balie-alert__title" }, words.asks(asked.name)),
      create("p", { class: "utrecht-paragraph" }, words.compare(asked.name)),
      create("p", { class: "num" }, create("strong", {}, grouped(code))),
      button,
      fault,
    ),
  );
  button.onclick = () => {
    button.disabled = true;
    admit(talk.session, asked).then(
      () => {
        admitted.add(asked.signed.payload);
        box.replaceChildren(create("div", { class: "utrecht-alert__content", role: "status" }, words.done(asked.name)));
      },
      (error: unknown) => {
        setText(fault, sayOf(error));
        button.disabled = false;
      },
    );
  };
  return box;
}
