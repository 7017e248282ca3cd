/** The page of conversations, once the keyset is open: the list, one conversation, a new one, and what is written. */

import { create, find, setText, show } from "../../lib/dom.ts";
import { formatMinutes } from "../../lib/format.ts";
import type { Failure } from "../../lib/live.ts";
import { api } from "../api.ts";
import { must } from "../session.ts";
import { texts } from "../texts.ts";
import { sayIn, sayOf } from "../world.ts";
import type { Conversation } from "./conversation.ts";
import { follow } from "./follow.ts";
import { showInbox } from "./inbox_view.ts";
import type { LocalStore } from "./local_store.ts";
import { Talk, type Written } from "./talk.ts";
import type { Line } from "./thread.ts";
import { short, ThreadView } from "./thread_view.ts";

const words = texts.talk;
const DRAFT_MS = 400;
const NEW = "#nieuw";

export class TalkView {
  readonly #talk: Talk;
  readonly #local: LocalStore;
  readonly #thread: ThreadView;
  readonly #field = find<HTMLTextAreaElement>("#schrijf");
  /** The message that is answered or edited by what is written now. */
  #about: { kind: "text" | "edit"; line: Line } | null = null;
  #current: Conversation | null = null;
  #drafting: ReturnType<typeof setTimeout> | null = null;

  constructor(session: Talk["session"], local: LocalStore) {
    this.#local = local;
    this.#talk = new Talk(session, local, {
      changed: () => this.#show(),
      stuck: (why) => this.#stuck(why),
      renewed: () => void this.#keepDraft().finally(() => location.reload()),
    });
    this.#thread = new ThreadView(this.#talk, {
      reply: (line) => this.#begin("text", line),
      edit: (line) => this.#begin("edit", line),
      recall: (line) => void this.#recall(line),
    });
    this.#listen();
    setText(find("[data-until]"), words.openUntil(formatMinutes(session.until * 1000)));
  }

  async begin(): Promise<void> {
    await this.#talk.begin();
    show(find("[data-new]"), true);
    await this.#route();
    follow(this.#talk, {
      reads: () => this.#show(),
      connected: (yes) => {
        const say = find("[data-connection]");
        setText(say, yes ? "" : texts.noConnection);
        show(say, !yes);
      },
    });
  }

  #listen(): void {
    addEventListener("hashchange", () => void this.#route());
    find("[data-new]").onclick = () => {
      location.hash = NEW;
    };
    find("[data-new-form]").onsubmit = (event) => {
      event.preventDefault();
      void this.#create();
    };
    find("[data-write]").onsubmit = (event) => {
      event.preventDefault();
      void this.#send();
    };
    find("[data-about-none]").onclick = () => this.#drop();
    find("[data-lock-now]").onclick = () => void this.#lock();
    this.#field.oninput = () => this.#keepDraftSoon();
    this.#field.onkeydown = (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      void this.#send();
    };
    addEventListener("visibilitychange", () => this.#show());
  }

  /** By what stands behind the `#`: nothing, a conversation, or a new one. */
  async #route(): Promise<void> {
    await this.#keepDraft();
    const group = location.hash.slice(1);
    const making = location.hash === NEW;
    this.#current = this.#talk.conversations.get(group) ?? null;
    this.#drop();
    find("[data-talk]").setAttribute("data-view", this.#current || making ? "thread" : "list");
    show(find("[data-thread]"), this.#current !== null);
    show(find("[data-new-form]"), making);
    show(find("[data-choose]"), this.#current === null && !making);
    this.#show();
    if (making) return this.#offer();
    if (!this.#current) return;
    this.#field.value = await this.#local.draft(this.#current.group);
    find<HTMLElement>("[data-title]").focus();
    await this.#talk.askReads(this.#current).catch(() => {});
    this.#show();
  }

  #show(): void {
    const current = this.#current;
    if (current) {
      if (document.visibilityState === "visible") void this.#talk.markRead(current);
      this.#thread.show(current);
    }
    showInbox(this.#talk, current?.group ?? null);
  }

  #begin(kind: "text" | "edit", line: Line): void {
    this.#about = { kind, line };
    setText(find("[data-about-say]"), kind === "edit" ? words.editing(short(line.text)) : words.replying(short(line.text)));
    show(find("[data-about]"), true);
    if (kind === "edit") this.#field.value = line.text;
    this.#field.focus();
  }

  #drop(): void {
    if (this.#about?.kind === "edit") this.#field.value = "";
    this.#about = null;
    show(find("[data-about]"), false);
  }

  async #recall({ id }: Line): Promise<void> {
    if (this.#current) await this.#talk.write(this.#current, { kind: "recall", text: "", to: id });
    this.#field.focus();
  }

  async #send(): Promise<void> {
    const text = this.#field.value.trim();
    if (!this.#current || text === "") return this.#field.focus();
    const written: Written = { kind: this.#about?.kind ?? "text", text, to: this.#about?.line.id ?? null };
    await this.#talk.write(this.#current, written);
    this.#about = null;
    show(find("[data-about]"), false);
    this.#field.value = "";
    await this.#keepDraft();
    this.#field.focus();
    const lines = find("[data-lines]");
    lines.scrollTop = lines.scrollHeight;
  }

  #keepDraftSoon(): void {
    if (this.#drafting) clearTimeout(this.#drafting);
    this.#drafting = setTimeout(() => void this.#keepDraft(), DRAFT_MS);
  }

  /** What one edits is no draft: it stands in the conversation. */
  async #keepDraft(): Promise<void> {
    if (this.#drafting) clearTimeout(this.#drafting);
    this.#drafting = null;
    if (this.#current && this.#about?.kind !== "edit") await this.#local.keepDraft(this.#current.group, this.#field.value);
  }

  async #offer(): Promise<void> {
    const { people, you } = await must(api.people());
    const others = people.filter(({ person }) => person !== you);
    const lines = others.map(({ person, name }) => {
      const box = create("input", { type: "checkbox", name: "person", value: person });
      return create("li", {}, create("label", { class: "balie-person" }, box, create("span", {}, name)));
    });
    find("[data-people]").replaceChildren(...lines);
    show(find("[data-nobody]"), others.length === 0);
    find<HTMLElement>("#nieuw").focus();
  }

  async #create(): Promise<void> {
    const form = find<HTMLFormElement>("[data-new-form]");
    const fault = find("[data-new-fault]", form);
    const persons = new FormData(form).getAll("person").map(String);
    if (persons.length === 0) return setText(fault, words.nobodyChosen);
    const button = find<HTMLButtonElement>("button[type=submit]", form);
    button.disabled = true;
    setText(fault, "");
    try {
      location.hash = `#${await this.#talk.create(persons)}`;
    } catch (error) {
      setText(fault, sayOf(error));
    } finally {
      button.disabled = false;
    }
  }

  async #lock(): Promise<void> {
    await this.#keepDraft();
    await this.#talk.session.store.forget(this.#talk.me);
    location.reload();
  }

  #stuck(why: Failure | null): void {
    const say = why && (why.code === "no_connection" ? words.waits : why.title || texts.fault);
    sayIn(find("[data-stuck]"), say);
  }
}
