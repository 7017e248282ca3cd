/** Files that will go with what is written: chosen, dropped or pasted, each made ready at once. */

import { ATTACHMENTS_MAX, type Attachment, openAttachment } from "../../crypto/attachments.ts";
import { create, find, icon, setText, show } from "../../lib/dom.ts";
import { formatSize } from "../../lib/format.ts";
import { editPhoto } from "../photo/editor.ts";
import { texts } from "../texts.ts";
import { prepare, Refused } from "./files.ts";
import type { LocalStore } from "./local_store.ts";

const words = texts.talk;

export class Uploads {
  readonly #local: LocalStore;
  readonly #changed: () => void;
  readonly #input = find<HTMLInputElement>("[data-file-input]");
  readonly #list = find("[data-chosen]");
  readonly #fault = find("[data-file-fault]");
  readonly #busy = find("[data-file-busy]");
  #chosen: Attachment[] = [];
  /** Of which message these are: what comes ready after it has gone is thrown away. */
  #round = 0;
  #allowed = true;
  #working: Promise<void> = Promise.resolve();

  constructor(local: LocalStore, changed: () => void) {
    this.#local = local;
    this.#changed = changed;
    find("[data-file-add]").onclick = () => this.#input.click();
    this.#input.onchange = () => {
      this.#take([...(this.#input.files ?? [])]);
      this.#input.value = "";
    };
    find("[data-write]").addEventListener("paste", (event) => {
      const files = [...((event as ClipboardEvent).clipboardData?.files ?? [])];
      if (files.length === 0) return;
      event.preventDefault();
      this.#take(files);
    });
    this.#acceptDrops(find("[data-thread]"));
  }

  get chosen(): Attachment[] {
    return this.#chosen;
  }

  /** Nothing is being made ready any more. */
  ready(): Promise<void> {
    return this.#working;
  }

  put(chosen: Attachment[]): void {
    this.#round += 1;
    this.#chosen = chosen;
    setText(this.#fault, "");
    this.#show();
  }

  /** Files can be added, or not: an edit changes words alone. */
  allow(yes: boolean): void {
    this.#allowed = yes;
    show(find("[data-file-add]"), yes);
    show(this.#list, yes && this.#chosen.length > 0);
  }

  #acceptDrops(area: HTMLElement): void {
    const over = (yes: boolean): void => void area.classList.toggle("balie-thread-page--drop", yes && this.#allowed);
    area.addEventListener("dragover", (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      over(true);
    });
    area.addEventListener("dragleave", (event) => over(area.contains(event.relatedTarget as Node | null)));
    area.addEventListener("drop", (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      over(false);
      this.#take([...event.dataTransfer.files]);
    });
  }

  #take(files: File[]): void {
    if (!this.#allowed || find("[data-write]").hidden) return;
    setText(this.#fault, "");
    const round = this.#round;
    for (const file of files) this.#working = this.#working.then(() => this.#add(file, round));
  }

  /** Its key is in the draft, so the file is kept first: a draft never mentions what is not there. */
  async #add(file: File, round: number): Promise<void> {
    if (round !== this.#round) return;
    if (this.#chosen.length >= ATTACHMENTS_MAX) return this.#say(words.tooManyFiles(ATTACHMENTS_MAX));
    setText(this.#busy, words.preparing(file.name));
    try {
      const sealed = await prepare(file);
      await this.#local.keepFile(sealed.attachment.hash, sealed.file);
      if (round !== this.#round) return;
      this.#chosen = [...this.#chosen, sealed.attachment];
      this.#changed();
      this.#show();
    } catch (error) {
      if (round === this.#round) this.#say(error instanceof Refused ? words.refusedFile[error.why](file.name) : texts.fault);
    } finally {
      setText(this.#busy, "");
    }
  }

  /** Of several that are refused, each is named. */
  #say(fault: string): void {
    const before = this.#fault.textContent;
    setText(this.#fault, before ? `${before} ${fault}` : fault);
  }

  #show(): void {
    const items = this.#chosen.map((attachment) => {
      const name = create("span", { class: "balie-chosen__name" }, attachment.name);
      const remove = create("button", { type: "button", class: "balie-choice__other" }, words.removeFile, create("span", { class: "sr" }, `: ${attachment.name}`));
      remove.onclick = () => this.#remove(attachment);
      const size = create("span", { class: "soft small" }, formatSize(attachment.size));
      return create("li", { class: "balie-chosen" }, icon("paperclip"), name, size, ...this.#editing(attachment), remove);
    });
    this.#list.replaceChildren(...items);
    show(this.#list, this.#allowed && items.length > 0);
  }

  /** Of a photo parts can be made unreadable. */
  #editing(attachment: Attachment): HTMLElement[] {
    if (attachment.type === "application/pdf") return [];
    const edit = create("button", { type: "button", class: "balie-choice__other" }, words.hideParts, create("span", { class: "sr" }, `: ${attachment.name}`));
    edit.onclick = () => void this.#edit(attachment).catch(() => this.#say(texts.fault));
    return [edit];
  }

  async #edit(attachment: Attachment): Promise<void> {
    const round = this.#round;
    const kept = await this.#local.file(attachment.hash);
    if (!kept) return;
    const edited = await editPhoto(new File([await openAttachment(kept, attachment)], attachment.name, { type: attachment.type }));
    if (edited === null || round !== this.#round) return;
    const sealed = await prepare(edited);
    await this.#local.keepFile(sealed.attachment.hash, sealed.file);
    if (round !== this.#round) return;
    this.#chosen = this.#chosen.map((each) => (each === attachment ? sealed.attachment : each));
    void this.#local.dropFile(attachment.hash);
    this.#changed();
    this.#show();
    find("#schrijf").focus();
  }

  #remove({ hash }: Attachment): void {
    this.#chosen = this.#chosen.filter((each) => each.hash !== hash);
    setText(this.#fault, "");
    void this.#local.dropFile(hash);
    this.#changed();
    this.#show();
    find("#schrijf").focus();
  }
}
