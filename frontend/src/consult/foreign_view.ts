/** Says loudly what somebody else stated in one's name, or that the key log is not what it was. */

import { Rejected } from "../crypto/reasons.ts";
import { create, icon } from "../lib/dom.ts";
import { foreignEntries } from "./keyring/own_entries.ts";
import type { Session } from "./session.ts";
import { texts } from "./texts.ts";
import { Unanswered } from "./unanswered.ts";

const words = texts.keyLog;

/** Looks in the background; where there is something to tell, it stands before `place`. */
export async function tellForeign(session: Session, place: Element): Promise<void> {
  try {
    const found = await foreignEntries(session);
    if (found.length > 0) place.before(alarm(words.foreign, words.foreignBody));
  } catch (error) {
    if (error instanceof Unanswered) return; // the next visit looks again
    if (!(error instanceof Rejected)) throw error;
    place.before(alarm(words.forked, words.forkedBody));
  }
}

function alarm(title: string, body: string): HTMLElement {
  const alert = create(
    "div",
    { class: "utrecht-alert utrecht-alert--error balie-no-print", role: "alert" },
    icon("circle-x"),
    create(
      "div",
      { class: "utrecht-alert__content" },
      create("p", { class: "utrecht-paragraph balie-alert__title" }, title),
      create("p", { class: "utrecht-paragraph" }, body),
    ),
  );
  return create("div", { class: "balie-messages" }, alert);
}
