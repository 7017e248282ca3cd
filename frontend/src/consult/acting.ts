/** How one acts on what is shown: by a small button, or by a form in a dialog that says itself what was refused. */

import { create, find, icon, setText } from "../lib/dom.ts";
import { sayOf } from "./world.ts";

/** `main`: of several beside each other, what one most likely wants. */
export function actButton(name: string, mark: string, main: boolean, act: () => void): HTMLElement {
  const made = create("button", { type: "button", class: `utrecht-button utrecht-button--${main ? "primary" : "secondary"}-action balie-small-button` }, icon(mark), name);
  made.onclick = act;
  return made;
}

/**
 * `act` gives what is wrong, null when all is done, and nothing ("") when the dialog stays. `changed` is called after each
 * attempt: also what was refused may be other than what is shown.
 */
export function openForm(dialog: HTMLDialogElement, act: () => Promise<string | null>, changed: () => void): void {
  const form = find<HTMLFormElement>("form", dialog);
  const [fault, button] = [find("[data-fault-say]", dialog), find<HTMLButtonElement>("button[type=submit]", form)];
  setText(fault, "");
  form.onsubmit = (event) => {
    event.preventDefault();
    button.disabled = true;
    void act()
      .catch((error: unknown) => sayOf(error))
      .then((wrong) => {
        setText(fault, wrong ?? "");
        if (wrong === null) dialog.close();
      })
      .finally(() => {
        button.disabled = false;
        changed();
      });
  };
  dialog.showModal();
}
