/** The photos that go with a question: each is edited in this browser first, and kept here encrypted until it is sent. */

import type { Attachment } from "../../crypto/attachments.ts";
import { create, find, icon, setText, show } from "../../lib/dom.ts";
import { formatSize } from "../../lib/format.ts";
import { editPhoto } from "../photo/editor.ts";
import { words } from "../photo/texts.ts";
import { prepare, Refused } from "../talk/files.ts";
import type { LocalStore } from "../talk/local_store.ts";

const MOST = 3;

export class Photos {
  readonly #local: LocalStore;
  readonly #input = find<HTMLInputElement>("[data-intake-photo-input]");
  readonly #add = find<HTMLButtonElement>("[data-intake-photo-add]");
  readonly #list = find("[data-intake-photos]");
  #chosen: Attachment[] = [];

  constructor(local: LocalStore) {
    this.#local = local;
    this.#add.onclick = () => this.#input.click();
    this.#input.onchange = () => {
      const [photo] = this.#input.files ?? [];
      if (photo) void this.#take(photo);
      this.#input.value = "";
    };
  }

  /** What goes with the question; with it they are somebody else's to keep. */
  get chosen(): Attachment[] {
    return this.#chosen;
  }

  clear(): void {
    this.#chosen = [];
    this.#show();
  }

  async #take(photo: File): Promise<void> {
    const fault = find("[data-intake-photo-fault]");
    setText(fault, "");
    try {
      const edited = await editPhoto(photo);
      if (edited === null) return;
      const { file, attachment } = await prepare(edited);
      await this.#local.keepFile(attachment.hash, file);
      this.#chosen = [...this.#chosen, attachment];
      this.#show();
      setText(find("[data-intake-photo-say]"), words.added(attachment.name));
    } catch (error) {
      const large = error instanceof Refused && error.why === "too-large";
      setText(fault, large ? words.tooLarge(photo.name) : words.unreadable(photo.name));
    } finally {
      this.#add.focus();
    }
  }

  #show(): void {
    const items = this.#chosen.map((attachment) => {
      const remove = create("button", { type: "button", class: "balie-choice__other" }, words.remove, create("span", { class: "sr" }, `: ${attachment.name}`));
      remove.onclick = () => this.#remove(attachment);
      return create("li", { class: "balie-chosen" }, icon("image"), create("span", { class: "balie-chosen__name" }, attachment.name), create("span", { class: "soft small" }, formatSize(attachment.size)), remove);
    });
    this.#list.replaceChildren(...items);
    show(this.#list, items.length > 0);
    show(this.#add, items.length < MOST);
  }

  #remove({ hash }: Attachment): void {
    this.#chosen = this.#chosen.filter((each) => each.hash !== hash);
    void this.#local.dropFile(hash);
    this.#show();
    this.#add.focus();
  }
}
