/** The e-consult of the conversation that is shown: to the patient how long it takes, to the team what is to be done. */

import { b64 } from "../../crypto/encoding.ts";
import { badge, create, find, icon, show } from "../../lib/dom.ts";
import { dayOf, formatDate, formatMinutes } from "../../lib/format.ts";
import { actButton } from "../acting.ts";
import type { EconsultListed, IntakeListed } from "../api.ts";
import { timeLeft } from "../consultations/standing.ts";
import type { Conversation } from "../talk/conversation.ts";
import { PERSON } from "../talk/group.ts";
import { when } from "../talk/inbox_view.ts";
import type { Talk } from "../talk/talk.ts";
import { texts } from "../texts.ts";
import { page, sayIn, sayOf } from "../world.ts";
import { alert, callThem } from "./phone.ts";
import type { Queue } from "./queue.ts";
import { words } from "./texts.ts";

const ROOM_BYTES = 16;

export interface PanelActs {
  /** Of a patient's conversation. */
  practiceOf: (conversation: Conversation) => IntakeListed | undefined;
  handOver: (found: EconsultListed) => void;
  close: (found: EconsultListed) => void;
  changed: () => void;
}

export class PanelView {
  readonly #root = find("[data-econsult]");
  readonly #talk: Talk;
  readonly #queue: Queue;
  readonly #acts: PanelActs;
  #print = "";

  constructor(talk: Talk, queue: Queue, acts: PanelActs) {
    this.#talk = talk;
    this.#queue = queue;
    this.#acts = acts;
  }

  say(text: string | null): void {
    sayIn(find("[data-econsult-fault]"), text);
  }

  show(conversation: Conversation): void {
    const found = this.#queue.of(conversation.group);
    if (found && (over(found) || found.moved_to !== null)) show(find("[data-write]"), false);
    const said = found ? this.#say(found) : this.#unsent(conversation);
    show(this.#root, said.length > 0);
    const print = JSON.stringify([found, said.map(({ outerHTML }) => outerHTML)]);
    if (print === this.#print) return;
    this.#print = print;
    find("[data-econsult-say]").replaceChildren(...said);
    find("[data-econsult-acts]").replaceChildren(...(found ? this.#buttons(found) : []));
  }

  #say(found: EconsultListed): HTMLElement[] {
    if (page.patient) return this.#toPatient(found);
    const warned = warning(this.#talk, this.#queue, found);
    return [standing(this.#talk, found), ...(warned ? [warned] : [])];
  }

  /** What the server did not take: whom to phone. */
  #unsent(conversation: Conversation): HTMLElement[] {
    const intake = this.#acts.practiceOf(conversation);
    const refused = this.#talk.lines(conversation).some(({ id, kind }) => kind === "econsult" && this.#talk.outbox.refused(id));
    return intake && refused ? [alert("error", "phone", words.notSent, ...callThem(intake.practice, intake.phone))] : [];
  }

  #toPatient(found: EconsultListed): HTMLElement[] {
    const line = (text: string): HTMLElement => create("p", { class: "utrecht-paragraph" }, text);
    if (found.moved_to !== null) return [create("p", { class: "utrecht-paragraph" }, `${words.moved} `, create("a", { class: "utrecht-link", href: `#${found.moved_to}` }, words.goThere))];
    if (found.closed_at !== null) return [line(over(found) ? words.over : words.until(formatMinutes(found.accepts_until!)))];
    const call = alert("warning", "phone", words.worse, ...callThem(found.practice, found.phone));
    if (found.shut !== null) return shut(found);
    const away = found.away === null ? [] : [alert("info", "info", words.away(found.practice), found.away)];
    if (found.holder !== null) return [line(words.being(nameOf(this.#talk, found.holder))), ...away, call];
    const top = create("div", { class: "balie-ticket__top" }, create("p", { class: "balie-ticket__label" }, words.place), create("p", { class: "balie-ticket__number" }, String(found.place)));
    const stub = create("p", { class: "balie-ticket__stub" }, expected(found));
    return [create("div", { class: "balie-ticket balie-ticket--small" }, top, stub), ...away, call];
  }

  #buttons(found: EconsultListed): HTMLElement[] {
    if (page.patient || found.closed_at !== null || found.moved_to !== null || !found.of_own_team) return [];
    const mine = found.holder === this.#talk.me;
    return [
      ...(found.holder === null ? [actButton(words.pickUp, "check", true, () => void this.#pickUp(found))] : []),
      ...(mine ? [actButton(words.close, "check", true, () => this.#acts.close(found))] : []),
      ...(mine && page.video_link ? [actButton(words.video, "radio", false, () => void this.#inviteToVideo(found))] : []),
      ...(found.holder !== null ? [actButton(words.handOver, "arrow-right", false, () => this.#acts.handOver(found))] : []),
    ];
  }

  /** Each time to a room that nobody can guess. */
  async #inviteToVideo({ conversation }: EconsultListed): Promise<void> {
    const room = b64(crypto.getRandomValues(new Uint8Array(ROOM_BYTES)));
    const text = words.videoInvites(page.video_link!.replaceAll("{kamer}", room));
    await this.#talk.write(this.#talk.conversations.get(conversation)!, { kind: "text", text, to: null, attachments: [] });
  }

  async #pickUp(found: EconsultListed): Promise<void> {
    this.say(null);
    try {
      await this.#queue.pickUp(found);
    } catch (error) {
      this.say(sayOf(error));
      await this.#queue.load().catch(() => {});
    }
    this.#acts.changed();
    find<HTMLElement>("[data-title]").focus();
  }
}

/** By this device's clock: it only says; the server decides. */
const over = ({ accepts_until }: EconsultListed): boolean => accepts_until !== null && Date.parse(accepts_until) <= Date.now();

const nameOf = (talk: Talk, person: string): string => (person === talk.me ? texts.talk.me : talk.circle.name(PERSON + person));

/** `16.45`, and the day where that is another. */
const at = (moment: string): string => (dayOf(moment) === dayOf(Date.now()) ? formatMinutes(moment) : `${formatDate(dayOf(moment))} ${formatMinutes(moment)}`);

/** To who waits at a post that closed: where it goes on, or whom to phone. */
function shut({ practice, phone, shut: told }: EconsultListed): HTMLElement[] {
  const { closed, say, takes_over: other } = told!;
  if (other) return [alert("warning", "arrow-right", words.goesOn(other.practice), `${words.goesOnWhy(practice)} `, ...callThem(other.practice, other.phone))];
  return [alert("error", "phone", words.shut(practice), `${[closed.say, say].filter(Boolean).join(" ")} `, ...callThem(practice, closed.phone || phone))];
}

function expected(found: EconsultListed): string {
  if (!found.expected) return words.due(at(found.due_at));
  const { from, until } = found.expected;
  return Date.parse(until) < Date.now() ? `${words.longer} ${words.due(at(found.due_at))}` : words.expected(at(from), at(until));
}

function standing(talk: Talk, found: EconsultListed): HTMLElement {
  const { holder, closed_at } = found;
  if (found.moved_to !== null) return create("p", { class: "small row" }, mark(found), create("span", {}, words.movedOn));
  const who = holder === null ? words.waits : closed_at === null ? words.heldBy(nameOf(talk, holder)) : words.closedBy(nameOf(talk, holder));
  const time = closed_at === null ? timeLeft(found) : over(found) ? words.over : words.until(formatMinutes(found.accepts_until!));
  return create("p", { class: "small row" }, mark(found), create("span", {}, who), create("span", {}, time));
}

/** The more urgent, the louder. */
const mark = ({ urgency }: EconsultListed): HTMLElement => badge(urgency === "U3" ? "warning" : "neutral", words.urgency(urgency));

function warning(talk: Talk, queue: Queue, found: EconsultListed): HTMLElement | null {
  const conversation = talk.conversations.get(found.conversation);
  const outcome = conversation ? queue.differs(talk, conversation, found) : null;
  return outcome ? create("p", { class: "balie-econsult__differs" }, icon("triangle-alert"), " ", words.differs(outcome.urgency ?? words.phoning, found.urgency)) : null;
}

/** The row of the list: whose it is, how urgent, and the time against the norm. */
export function rowOf(talk: Talk, queue: Queue, found: EconsultListed): HTMLElement {
  const name = talk.circle.name(PERSON + found.patient);
  const who = create("span", { class: "balie-person__name" }, create("span", { class: "row" }, create("strong", {}, name), mark(found)));
  const held = found.holder === null ? [] : [words.heldBy(nameOf(talk, found.holder))];
  who.append(create("span", { class: "small soft" }, [words.arrived(when(found.arrived_at)), ...held, timeLeft(found)].join(" · ")));
  const warned = warning(talk, queue, found);
  if (warned) who.append(warned);
  return create("li", {}, who, create("a", { class: "utrecht-link", href: `#${found.conversation}` }, words.open, create("span", { class: "sr" }, `: ${name}`)));
}
