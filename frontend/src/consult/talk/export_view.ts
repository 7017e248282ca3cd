/** Taking a conversation out: one file, and the words that open it. */

import { find, show } from "../../lib/dom.ts";
import { page } from "../world.ts";
import type { Conversation } from "./conversation.ts";
import type { OpenFile } from "./export.ts";
import { ExportBox } from "./export_box.ts";
import { personOf } from "./group.ts";
import type { Talk } from "./talk.ts";

export class ExportView {
  readonly #root = find<HTMLDetailsElement>("[data-export]");
  readonly #reason = find<HTMLInputElement>("[data-export-reason]", this.#root);
  readonly #talk: Talk;
  readonly #box: ExportBox;
  #conversation: Conversation | null = null;

  constructor(talk: Talk, open: OpenFile) {
    this.#talk = talk;
    this.#box = new ExportBox(this.#root, "gesprek", async (code) => {
      const conversation = this.#conversation;
      if (!conversation) return null;
      const { takeOut } = await import("./export.ts");
      return takeOut(talk, conversation, open, code, this.#reason.value.trim());
    });
    this.#root.ontoggle = () => this.#fit();
  }

  /** Another conversation: nobody sees the words of the last. */
  turnTo(conversation: Conversation | null): void {
    if (conversation === this.#conversation) return;
    this.#conversation = conversation;
    this.#root.open = false;
    this.#reason.value = "";
    this.#box.clear();
  }

  /** A BSN can go with it where there is a patient, and one works for a practice. */
  #fit(): void {
    const members = [...(this.#conversation?.membership.members.keys() ?? [])].map(personOf);
    const patient = members.some((each) => this.#talk.circle.directory.isPatient(each));
    show(find("[data-export-number]", this.#root), patient && !page.patient);
  }
}
