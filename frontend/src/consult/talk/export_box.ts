/** Where one makes a file that ten words open: a button, the words once it is there, or why it is not. */

import { create, find, setText, show } from "../../lib/dom.ts";
import type { Bytes } from "../../crypto/encoding.ts";
import { dayOf } from "../../lib/format.ts";
import { newCode, wordList } from "../keyring/recovery_code.ts";
import { texts } from "../texts.ts";
import { sayIn, sayOf } from "../world.ts";

const words = texts.export;

export class ExportBox {
  readonly #root: HTMLElement;
  /** Grows when what is shown is about something else: nobody sees the words of what was before. */
  #turn = 0;

  /** `make` gives the file, locked with this code, and `name` what it is called before its date; null: nothing to make. */
  constructor(root: HTMLElement, name: string, make: (code: string) => Promise<Bytes | null>) {
    this.#root = root;
    find("[data-export-act]", root).onclick = () => void this.#act(name, make);
  }

  clear(): void {
    this.#turn += 1;
    this.#say("");
  }

  async #act(name: string, make: (code: string) => Promise<Bytes | null>): Promise<void> {
    const button = find<HTMLButtonElement>("[data-export-act]", this.#root);
    const turn = this.#turn;
    button.disabled = true;
    this.#say("");
    setText(find("[data-export-say]", this.#root), words.busy);
    try {
      const code = newCode(await wordList());
      const file = await make(code);
      if (turn !== this.#turn || file === null) return;
      keep(new Blob([file], { type: "application/octet-stream" }), name);
      this.#say(code);
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#say("");
      sayIn(find("[data-export-fault]", this.#root), sayOf(error));
    } finally {
      button.disabled = false;
    }
  }

  /** Empty while there are none. */
  #say(code: string): void {
    sayIn(find("[data-export-fault]", this.#root), null);
    setText(find("[data-export-say]", this.#root), code && words.done);
    const shown = find("[data-export-code]", this.#root);
    setText(shown, code);
    show(shown, code !== "");
  }
}

function keep(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  create("a", { href: address, download: `${name}-${dayOf(Date.now())}.zip.age` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
