/** Taking a conversation out: one file, and the words that open it. */

import { create, find, setText, show } from "../../lib/dom.ts";
import { dayOf } from "../../lib/format.ts";
import { newCode, wordList } from "../keyring/recovery_code.ts";
import { texts } from "../texts.ts";
import { sayIn, sayOf } from "../world.ts";
import type { Conversation } from "./conversation.ts";
import type { OpenFile } from "./export.ts";
import type { Talk } from "./talk.ts";

const words = texts.export;

export class ExportView {
  readonly #root = find<HTMLDetailsElement>("[data-export]");
  readonly #talk: Talk;
  readonly #open: OpenFile;
  #conversation: Conversation | null = null;

  constructor(talk: Talk, open: OpenFile) {
    this.#talk = talk;
    this.#open = open;
    find("[data-export-act]", this.#root).onclick = () => void this.#takeOut();
  }

  /** Another conversation: nobody sees the words of the last. */
  turnTo(conversation: Conversation | null): void {
    if (conversation === this.#conversation) return;
    this.#conversation = conversation;
    this.#root.open = false;
    this.#say("");
  }

  async #takeOut(): Promise<void> {
    const conversation = this.#conversation;
    if (!conversation) return;
    const button = find<HTMLButtonElement>("[data-export-act]", this.#root);
    button.disabled = true;
    this.#say("");
    setText(find("[data-export-say]", this.#root), words.busy);
    try {
      const code = newCode(await wordList());
      const { takeOut } = await import("./export.ts");
      const file = await takeOut(this.#talk, conversation, this.#open, code);
      if (conversation !== this.#conversation) return;
      keep(new Blob([file], { type: "application/octet-stream" }));
      this.#say(code);
    } catch (error) {
      if (conversation !== this.#conversation) return;
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

function keep(file: Blob): void {
  const address = URL.createObjectURL(file);
  create("a", { href: address, download: `gesprek-${dayOf(Date.now())}.zip.age` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
