/** What is being written: a text, a draft that survives, the files with it, and what it answers or changes. */

import { find, setText, show } from "../../lib/dom.ts";
import type { ClosedEvent } from "../../shell/closed.ts";
import { texts } from "../texts.ts";
import { page } from "../world.ts";
import { briefly } from "./inbox_view.ts";
import type { LocalStore } from "./local_store.ts";
import type { Written } from "./talk.ts";
import { short } from "./thread_view.ts";
import type { Line } from "./thread.ts";
import { Uploads } from "./uploads_view.ts";

const words = texts.talk;
const DRAFT_MS = 400;

export class ComposeView {
  readonly #local: LocalStore;
  readonly #send: (conversation: string, written: Written) => Promise<void>;
  readonly #field = find<HTMLTextAreaElement>("#schrijf");
  readonly #uploads: Uploads;
  /** The message that is answered or edited by what is written now. */
  #about: { kind: "text" | "edit"; line: Line } | null = null;
  #conversation: string | null = null;
  #drafting: ReturnType<typeof setTimeout> | null = null;

  constructor(local: LocalStore, send: (conversation: string, written: Written) => Promise<void>) {
    this.#local = local;
    this.#send = send;
    this.#uploads = new Uploads(local, () => void this.keep());
    find("[data-write]").onsubmit = (event) => {
      event.preventDefault();
      void this.#submit();
    };
    addEventListener("balie-closed", (event) => this.#close((event as ClosedEvent).detail.all));
    find("[data-about-none]").onclick = () => void this.#drop();
    this.#field.oninput = () => this.#keepSoon();
    this.#field.onkeydown = (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      void this.#submit();
    };
  }

  /** Write in this conversation from now on; what was begun in the one before is kept. */
  async turnTo(conversation: string | null): Promise<void> {
    await this.keep();
    this.#conversation = conversation;
    this.#leave();
    if (conversation !== null) await this.#resume(conversation);
  }

  /** The conversation is gone: what was begun in it is not kept. */
  forget(): void {
    if (this.#drafting) clearTimeout(this.#drafting);
    this.#drafting = null;
    this.#conversation = null;
    this.#field.value = "";
    this.#uploads.put([]);
  }

  /** Answer a message, or change it. What was begun before an edit stands there again after it. */
  async begin(kind: "text" | "edit", line: Line): Promise<void> {
    await this.keep();
    this.#about = { kind, line };
    const say = short(briefly(line));
    setText(find("[data-about-say]"), kind === "edit" ? words.editing(say) : words.replying(say));
    show(find("[data-about]"), true);
    this.#uploads.allow(kind !== "edit");
    if (kind === "edit") this.#field.value = line.text;
    this.#field.focus();
  }

  focus(): void {
    this.#field.focus();
  }

  /** What one edits is no draft: it stands in the conversation. */
  async keep(): Promise<void> {
    if (this.#drafting) clearTimeout(this.#drafting);
    this.#drafting = null;
    if (this.#conversation === null || this.#about?.kind === "edit") return;
    await this.#local.keepDraft(this.#conversation, { text: this.#field.value, attachments: this.#uploads.chosen });
  }

  #keepSoon(): void {
    if (this.#drafting) clearTimeout(this.#drafting);
    this.#drafting = setTimeout(() => void this.keep(), DRAFT_MS);
  }

  async #resume(conversation: string): Promise<void> {
    const { text, attachments } = await this.#local.draft(conversation);
    if (this.#conversation !== conversation) return;
    this.#field.value = text;
    this.#uploads.put(attachments);
  }

  #leave(): void {
    this.#about = null;
    show(find("[data-about]"), false);
    this.#uploads.allow(true);
  }

  async #drop(): Promise<void> {
    const edited = this.#about?.kind === "edit";
    this.#leave();
    if (edited && this.#conversation !== null) await this.#resume(this.#conversation);
    this.#field.focus();
  }

  /** Nothing is sent to a practice that is closed; what is written stays. Who works there goes on. */
  #close(closed: boolean): void {
    find<HTMLButtonElement>("[data-write] button[type=submit]").disabled = closed && page.patient;
  }

  async #submit(): Promise<void> {
    if (find<HTMLButtonElement>("[data-write] button[type=submit]").disabled) return;
    const conversation = this.#conversation;
    await this.#uploads.ready();
    const kind = this.#about?.kind ?? "text";
    const text = this.#field.value.trim();
    const attachments = kind === "edit" ? [] : this.#uploads.chosen;
    if (conversation === null || conversation !== this.#conversation || (text === "" && attachments.length === 0)) return this.#field.focus();
    const written: Written = { kind, text, to: this.#about?.line.id ?? null, attachments };
    this.#field.value = "";
    if (kind !== "edit") this.#uploads.put([]);
    this.#leave();
    await this.#send(conversation, written);
    if (kind === "edit") await this.#resume(conversation);
    else await this.keep();
    this.#field.focus();
  }
}
