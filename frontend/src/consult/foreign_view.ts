/** Says loudly what somebody else stated in one's name, until somebody looked into it; or that the key log is not what it was. */

import { Rejected } from "../crypto/reasons.ts";
import { create, icon, setText } from "../lib/dom.ts";
import { clearEntries, foreignEntries } from "./keyring/own_entries.ts";
import type { Session } from "./session.ts";
import { texts } from "./texts.ts";
import { Unanswered } from "./unanswered.ts";
import { sayOf } from "./world.ts";

const words = texts.keyLog;
/** As much as the log takes. */
const NOTE_MOST = 200;

/** Looks in the background; where there is something to tell, it stands before `place`. */
export async function tellForeign(session: Session, place: Element): Promise<void> {
  try {
    const found = await foreignEntries(session);
    if (found.length > 0) place.before(foreignAlarm(session, found));
  } catch (error) {
    if (error instanceof Unanswered) return; // the next visit looks again
    if (!(error instanceof Rejected)) throw error;
    place.before(alarm(words.forked, words.forkedBody));
  }
}

/** Goes once somebody wrote down what it was. */
function foreignAlarm(session: Session, found: string[]): HTMLElement {
  const form = clearing(async (note) => {
    await clearEntries(session, found, note);
    shown.replaceChildren(create("p", { class: "utrecht-paragraph", role: "status", tabindex: -1 }, words.cleared));
    shown.querySelector("p")!.focus();
  });
  const shown = alarm(words.foreign, words.foreignBody, form);
  return shown;
}

function clearing(clear: (note: string) => Promise<void>): HTMLElement {
  const field = create("textarea", { class: "utrecht-textarea utrecht-textarea--html-textarea", id: "uitgezocht", rows: 2, maxlength: NOTE_MOST, "aria-required": "true", "aria-describedby": "uitgezochtfout" });
  const fault = create("p", { class: "utrecht-form-field-error-message", id: "uitgezochtfout", role: "alert" });
  const button = create("button", { type: "submit", class: "utrecht-button utrecht-button--secondary-action" }, words.clear);
  const say = (wrong: string): void => setText(fault, wrong);
  const form = create("form", { class: "stack stack--3", novalidate: "" }, create("p", { class: "small" }, words.clearBody), create("label", { class: "utrecht-form-label", for: "uitgezocht" }, words.found), field, fault, create("div", { class: "balie-actions" }, button));
  form.onsubmit = (event) => {
    event.preventDefault();
    const note = field.value.trim();
    if (note === "") {
      field.focus();
      return say(words.needsFound);
    }
    button.disabled = true;
    void clear(note).catch((error: unknown) => say(sayOf(error))).finally(() => (button.disabled = false));
  };
  return create("details", { class: "balie-ask" }, create("summary", { class: "utrecht-button utrecht-button--secondary-action" }, words.lookedInto), form);
}

function alarm(title: string, body: string, ...more: HTMLElement[]): HTMLElement {
  const alert = create(
    "div",
    { class: "utrecht-alert utrecht-alert--error balie-no-print" },
    icon("circle-x"),
    create(
      "div",
      { class: "utrecht-alert__content" },
      create("div", { role: "alert" }, create("p", { class: "utrecht-paragraph balie-alert__title" }, title), create("p", { class: "utrecht-paragraph" }, body)),
      ...more,
    ),
  );
  return create("div", { class: "balie-messages" }, alert);
}
