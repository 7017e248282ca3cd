/** One conversation: its messages, and what may be done with each. */

import { create, find, icon, setText, show } from "../../lib/dom.ts";
import { capitalise, dayOf, formatDay, formatMinutes } from "../../lib/format.ts";
import { words as econsultWords } from "../econsults/texts.ts";
import { texts } from "../texts.ts";
import type { Conversation } from "./conversation.ts";
import type { FilesView } from "./files_view.ts";
import { briefly, othersIn, textOf, titleOf } from "./inbox_view.ts";
import { linked } from "./links.ts";
import type { Marks } from "./marks.ts";
import { type Note, notes } from "./notes.ts";
import { stateOf } from "./states.ts";
import type { Talk } from "./talk.ts";
import type { Line } from "./thread.ts";

const words = texts.talk;
const SHORT = 60;
/** In pixels. */
const NEAR_END = 80;

/** What somebody wants to do with a message. */
export interface MessageActs {
  reply: (line: Line) => void;
  edit: (line: Line) => void;
  recall: (line: Line) => void;
  /** Of what was refused: once more, or never. */
  retry: (line: Line) => void;
  discard: (line: Line) => void;
}

/** What stands around a message: which it answers, whether one may write, and whether it is about an e-consult. */
interface Around {
  answered: Line | undefined;
  belongs: boolean;
  econsult: boolean;
}

export class ThreadView {
  readonly #talk: Talk;
  readonly #marks: Marks;
  readonly #files: FilesView;
  readonly #acts: MessageActs;
  readonly #lines = find("[data-lines]");
  /** Elements stay as long as what they show does: a log is read aloud as it grows. */
  #shown = new Map<string, { print: string; element: HTMLElement }>();
  #group: string | null = null;

  constructor(talk: Talk, marks: Marks, files: FilesView, acts: MessageActs) {
    this.#talk = talk;
    this.#marks = marks;
    this.#files = files;
    this.#acts = acts;
  }

  show(conversation: Conversation): void {
    const other = this.#group !== conversation.group;
    if (other) {
      this.#group = conversation.group;
      this.#shown = new Map();
      this.#lines.replaceChildren();
    }
    this.#head(conversation);
    this.grow(() => this.#update(conversation));
    if (other) this.toEnd();
  }

  /** What was last shown is gone for everybody: nothing of it stays on the page, hidden or not. */
  forget(): void {
    if (this.#group === null || this.#talk.conversations.has(this.#group)) return;
    this.#group = null;
    this.#shown = new Map();
    this.#lines.replaceChildren();
    for (const each of ["[data-title]", "[data-members]", "[data-readers]"]) setText(find(each), "");
  }

  /** Whoever looks at the end goes on looking at it. */
  grow(act: () => void): void {
    const atEnd = this.#lines.scrollHeight - this.#lines.scrollTop - this.#lines.clientHeight < NEAR_END;
    act();
    if (atEnd) this.toEnd();
  }

  /** To this message, as a search or an answer points to it; false where it is not. */
  goTo(id: string): boolean {
    const element = this.#shown.get(id)?.element;
    if (!element) return false;
    this.#lines.querySelector(".balie-msg--found")?.classList.remove("balie-msg--found");
    element.classList.add("balie-msg--found");
    element.tabIndex = -1;
    element.focus({ preventScroll: true });
    element.scrollIntoView({ block: "center" });
    return true;
  }

  toEnd(): void {
    this.#lines.scrollTop = this.#lines.scrollHeight;
  }

  /** Where a message stands, without a word: it would be read aloud again and again. */
  progress(id: string, share: number): void {
    const bar = this.#shown.get(id)?.element.querySelector("progress");
    if (bar) bar.value = share;
  }

  #head(conversation: Conversation): void {
    const { members } = conversation.membership;
    setText(find("[data-title]"), titleOf(this.#talk, conversation));
    const { circle } = this.#talk;
    const names = othersIn(this.#talk, conversation).map((member) => circle.name(member));
    setText(find("[data-members]"), words.members(names.join(", ")));
    const readers = [...members.keys()].map((member) => circle.readers(member));
    const known = readers.every((people) => people.length > 0);
    setText(find("[data-readers]"), known ? words.readers(new Set(readers.flat()).size) : words.readersOfTeam);
    find("[data-flag]").setAttribute("aria-pressed", String(this.#marks.flagged(conversation)));
    setText(find("[data-archive-say]"), this.#marks.archived(conversation) ? words.unarchive : words.archive);
    const belongs = circle.actsAs(conversation) !== null;
    show(find("[data-write]"), belongs);
    setText(find("[data-left]"), conversation.over ? words.over : words.gone);
    show(find("[data-left]"), !belongs);
  }

  #update(conversation: Conversation): void {
    const lines = this.#talk.lines(conversation);
    const byId = new Map(lines.map((line) => [line.id, line]));
    const wanted = new Map<string, { print: string; make: () => HTMLElement }>();
    let day = "";
    const told = notes(this.#talk, conversation);
    const belongs = this.#talk.circle.actsAs(conversation) !== null;
    const econsult = lines.some(({ kind }) => kind === "econsult");
    const note = ({ id, text }: Note): void => void wanted.set(id, { print: text, make: () => noteLine(text) });
    for (const line of lines) {
      while (told[0] && told[0].at < line.at) note(told.shift()!);
      if (dayOf(line.at) !== day) {
        day = dayOf(line.at);
        const named = day;
        wanted.set(`day ${day}`, { print: day, make: () => dayMark(named) });
      }
      const state = stateOf(this.#talk, conversation, line);
      const answered = line.replyTo === null ? undefined : byId.get(line.replyTo);
      const print = JSON.stringify([line, state, answered && textOf(answered), belongs]);
      wanted.set(line.id, { print, make: () => this.#message(conversation.group, line, state, { answered, belongs, econsult }) });
    }
    for (const each of told) note(each);
    for (const [id, { element }] of this.#shown) if (!wanted.has(id)) element.remove();
    let before: Element | null = null;
    const shown = new Map<string, { print: string; element: HTMLElement }>();
    for (const [id, { print, make }] of wanted) {
      const old = this.#shown.get(id);
      const element = old?.print === print ? old.element : make();
      if (old && old.element !== element) old.element.replaceWith(element);
      const next: Element | null = before ? before.nextElementSibling : this.#lines.firstElementChild;
      if (next !== element) this.#lines.insertBefore(element, next);
      before = element;
      shown.set(id, { print, element });
    }
    this.#shown = shown;
  }

  #message(group: string, line: Line, told: string, { answered, belongs, econsult }: Around): HTMLElement {
    const mine = line.person === this.#talk.me;
    const who = mine ? words.me : this.#talk.circle.directory.name(line.person);
    const marks = [line.edited ? words.edited : "", line.revoked ? words.revokedDevice : ""].filter(Boolean);
    const head = create("p", { class: "balie-msg__who" }, [`${who} · ${formatMinutes(line.at)}`, ...marks].join(" · "));
    const text = create("div", { class: "balie-msg__text" });
    if (answered) text.append(create("p", { class: "balie-msg__about small soft" }, create("a", { href: `#${group}/${answered.id}` }, words.about(short(briefly(answered))))));
    const quiet = line.recalled || line.fault !== null || line.newer;
    const said = textOf(line);
    if (line.kind === "conclusion" && !quiet) text.append(create("p", { class: "balie-msg__kind" }, create("strong", {}, econsult ? econsultWords.summary : texts.consultations.conclusion)));
    if (line.question && !quiet) text.append(...filledIn(line.question, line.intake ? econsultWords.title : texts.consultations.question));
    else if (said) text.append(create("p", { class: quiet ? "balie-msg__said soft" : "balie-msg__said" }, ...(quiet ? [said] : linked(said))));
    for (const each of line.attachments) text.append(this.#files.show(group, each));
    const element = create("article", { class: `balie-msg${mine ? " balie-msg--mine" : ""}` }, head, text);
    const foot = create("div", { class: "balie-msg__foot" });
    if (told) foot.append(create("p", { class: "balie-msg__who" }, icon(line.place === null ? "clock" : "check"), ` ${told}`));
    const refused = this.#talk.outbox.refused(line.id) !== undefined;
    if (line.place === null && line.attachments.length > 0 && !refused) foot.append(create("progress", { max: 1, value: 0, "aria-label": words.sending }));
    if (!quiet && belongs && (line.place !== null || refused)) foot.append(this.#more(line, this.#actsOn(line.kind, mine, refused)));
    if (foot.childElementCount > 0) element.append(foot);
    return element;
  }

  #actsOn(kind: string, mine: boolean, refused: boolean): [string, (line: Line) => void][] {
    const { reply, edit, recall, retry, discard } = this.#acts;
    if (refused) return [[words.retry, retry], [words.discard, discard]];
    return mine && kind === "text" ? [[words.reply, reply], [words.edit, edit], [words.recall, recall]] : [[words.reply, reply]];
  }

  #more(line: Line, acts: [string, (line: Line) => void][]): HTMLElement {
    const buttons = acts.map(([name, act]) => {
      const button = create("button", { type: "button", class: "balie-choice__other" }, name, create("span", { class: "sr" }, `: ${short(line.text || words.files(line.attachments.length))}`));
      button.onclick = () => act(line);
      return button;
    });
    return create("p", { class: "balie-msg__acts" }, ...buttons);
  }
}

/** A structured question: what was asked, and what was filled in. */
const filledIn = ({ answers }: NonNullable<Line["question"]>, title: string): HTMLElement[] => [
  create("p", { class: "balie-msg__kind" }, create("strong", {}, title)),
  create("dl", { class: "balie-answers" }, ...answers.flatMap(({ label, value }) => [create("dt", {}, label), create("dd", { class: "balie-msg__said" }, value)])),
];

const dayMark = (day: string): HTMLElement =>
  create("p", { class: "balie-day-mark" }, day === dayOf(Date.now()) ? words.today : capitalise(formatDay(day)));

const noteLine = (text: string): HTMLElement => create("p", { class: "balie-note-line small soft" }, text);

export const short = (text: string): string => (text.length > SHORT ? `${text.slice(0, SHORT - 1)}…` : text);
