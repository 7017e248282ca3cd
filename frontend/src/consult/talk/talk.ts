/** All conversations of somebody at work: they catch up with the feed, and send what was written. */

import { b64, type Bytes, unb64 } from "../../crypto/encoding.ts";
import type { Kind, Role } from "../../crypto/membership.ts";
import { seedsByName } from "../../crypto/suite.ts";
import type { Failure } from "../../lib/live.ts";
import { api } from "../api.ts";
import { completeReserves } from "../reserve/copies.ts";
import type { Session } from "../session.ts";
import { must, Unanswered } from "../unanswered.ts";
import { tell } from "../untold.ts";
import { Circle } from "./circle.ts";
import type { Conversation } from "./conversation.ts";
import { type Group, isPerson, type Team } from "./group.ts";
import { GroupActs } from "./group_acts.ts";
import { Hearing, type News } from "./hearing.ts";
import type { LocalStore, Outgoing } from "./local_store.ts";
import { WHOLE } from "./log.ts";
import { Outbox } from "./outbox.ts";
import { Readings } from "./readings.ts";
import { Renewal } from "./renewal.ts";
import { Resealing } from "./resealing.ts";
import { ATTEMPTS, Sending } from "./sending.ts";
import { type Line, thread } from "./thread.ts";
import { fetchFile } from "./transfer.ts";

const ID_BYTES = 16;
/** So many of the latest conversations show what became of one's last message. */
const STATES_MOST = 20;

export interface TalkListener {
  /** Something of any conversation is other than it was. */
  changed: () => void;
  /** What was written does not go out now, and why; null when it does again. */
  stuck: (why: Failure | null) => void;
  /** So much of a message's files has left, from 0 to 1. */
  progress: (id: string, share: number) => void;
  /** Conversations are gone for everybody, among them perhaps one that is shown. */
  destroyed: () => void;
  /** We made new keys, here or on another device: what is open here does not open what is said from now on. */
  renewed: () => void;
}

/** A message as it is written: a text, an edit or a recall, a question or its conclusion, an e-consult. */
export type Written = Pick<Outgoing, "kind" | "text" | "to" | "attachments" | "question" | "intake" | "instead">;

export class Talk {
  readonly session: Session;
  readonly circle: Circle;
  readonly readings: Readings;
  readonly outbox: Outbox;
  readonly #local: LocalStore;
  readonly #on: TalkListener;
  readonly #seeds = new Map<string, Bytes>();
  readonly #acts: GroupActs;
  readonly #hearing: Hearing;
  readonly #resealing: Resealing;
  readonly #lines = new WeakMap<Conversation, { at: string; lines: Line[] }>();

  constructor(session: Session, local: LocalStore, on: TalkListener) {
    this.session = session;
    this.#local = local;
    this.#on = on;
    this.readings = new Readings(session.account.person.person);
    const circle = new Circle(session.account.person.person, this.#seeds, session.log);
    const acts = new GroupActs(session, circle);
    const destroyed = (groups: string[]): void => void this.#forget(groups);
    const hearing = new Hearing(circle, this.readings, { ...on, judged: () => renewal.soon(), destroyed });
    const renewal = new Renewal(circle, hearing.conversations, acts, () => hearing.catchUp());
    const sending = new Sending({ session, circle, local, acts, hearing, renewal, progress: on.progress });
    this.circle = circle;
    this.#acts = acts;
    this.#hearing = hearing;
    this.#resealing = new Resealing(circle, hearing, acts, renewal);
    this.outbox = new Outbox(local, (outgoing) => sending.send(outgoing), on);
  }

  get me(): string {
    return this.circle.me;
  }

  /** Those that have been read, by name. */
  get conversations(): ReadonlyMap<string, Conversation> {
    return this.#hearing.conversations;
  }

  /** How many conversations have not been read yet. */
  get ahead(): number {
    return this.#hearing.ahead;
  }

  /** The newest conversations; the rest comes in afterwards, by itself. Throws Unanswered. */
  async begin(): Promise<void> {
    const seeds = this.session.open.keyset.generations.map(({ kem }) => unb64(kem));
    for (const [name, seed] of await seedsByName(seeds)) this.#seeds.set(name, seed);
    await this.outbox.load();
    await this.circle.meet([this.circle.self]);
    await this.#hearing.begin();
    this.#on.changed();
    this.outbox.flush();
    void this.#local.tidy();
    void this.#hearing.readOn();
    void this.#resealing.run().catch(() => {}); // what is left is left to the next time
    void completeReserves(this.circle);
  }

  /** Conversations that are wanted now come before their turn. Throws Unanswered. */
  async reach(groups: string[]): Promise<void> {
    await this.#hearing.reach(groups);
  }

  /** What the stream told. Throws Unanswered. */
  async news(news: News): Promise<void> {
    await this.#hearing.news(news);
  }

  /** What came since. Throws Unanswered. */
  async catchUp(): Promise<void> {
    await this.#hearing.catchUp();
  }

  /** Made anew only when something changed: an inbox asks for those of every conversation, again and again. */
  lines(conversation: Conversation): Line[] {
    const outgoing = this.outbox.of(conversation.group);
    const at = `${conversation.version} ${outgoing.length > 0 ? this.outbox.version : ""}`;
    const known = this.#lines.get(conversation);
    if (known?.at === at) return known.lines;
    const lines = thread(conversation.placed(), outgoing, this.me);
    this.#lines.set(conversation, { at, lines });
    return lines;
  }

  /** How many messages of others came after what one has read, on any device. */
  unread(conversation: Conversation): number {
    const read = this.readings.own(conversation.group);
    return this.lines(conversation).filter(({ place, person }) => (place ?? 0) > read && person !== this.me).length;
  }

  /** How far others are with what we said last, where that was the last that was said. Throws Unanswered. */
  async askReadsOfOwn(): Promise<void> {
    const own = [...this.conversations.values()].filter((each) => this.lines(each).at(-1)?.person === this.me);
    own.sort((one, other) => other.lastFeed - one.lastFeed);
    for (const each of own.slice(0, STATES_MOST)) await this.readings.ask(each);
  }

  /** Somebody looks into the conversation; the log says so (NEN 7513). */
  async tellOpened(group: string): Promise<void> {
    await tell(this.me, { what: "opened", group, device: this.session.own.device, note: "" });
  }

  /** A file was taken out of the conversation; the log says so (NEN 7513). */
  async tellExported(group: string, hash: string): Promise<void> {
    await tell(this.me, { what: "exported", group, device: this.session.own.device, note: hash });
  }

  /** All of it is about to be. Throws Unanswered. */
  async tellTakenOut(group: string): Promise<void> {
    await must(api.tellLog([{ what: "exported", group, device: this.session.own.device, note: WHOLE }]));
  }

  /** Written: from here on it survives a reload, and goes out as soon as it can. */
  async write(conversation: Conversation, written: Written): Promise<void> {
    const id = b64(crypto.getRandomValues(new Uint8Array(ID_BYTES)));
    await this.outbox.add({ conversation: conversation.group, id, at: Date.now(), ...written });
  }

  /** The same question to others, with its files: it goes on there instead of as this e-consult. Throws Unanswered. */
  async sendOn(from: Conversation, { intake, attachments }: Line, to: string, instead: string): Promise<void> {
    for (const { hash } of attachments) {
      if (!(await this.#local.file(hash))) await this.#local.keepFile(hash, await must(fetchFile(from.group, hash)));
    }
    const conversation = this.conversations.get(to)!;
    await this.write(conversation, { kind: "econsult", text: "", to: null, attachments, intake, instead });
  }

  /** A team or a conversation with these members; its name. Throws Unanswered. */
  async create(kind: Kind, members: string[]): Promise<string> {
    await this.circle.meet(members, true);
    const group = await this.#acts.begin(kind, members);
    await this.catchUp();
    return group;
  }

  /** Out of a conversation in which nothing was said; who was in it does not see it any more. Throws Unanswered. */
  async leave(conversation: Conversation): Promise<void> {
    for (const { id } of this.outbox.of(conversation.group)) await this.outbox.drop(id);
    await this.remove(conversation, this.circle.self);
  }

  /** What was begun in conversations that are gone, and never sent. */
  async #forget(groups: string[]): Promise<void> {
    this.#on.destroyed();
    for (const group of groups) {
      for (const { id } of this.outbox.of(group)) await this.outbox.drop(id);
      await this.#local.forget(group);
    }
  }

  /** Whether anybody said anything here, or may yet. */
  lives(conversation: Conversation): boolean {
    if (this.lines(conversation).length > 0) return true;
    const people = [...conversation.membership.members.keys()].filter(isPerson);
    return people.length > 0 && this.circle.actsAs(conversation) !== null;
  }

  /** Throws Unanswered. */
  async add(group: Group, member: string, how: { history: boolean; role?: Role }): Promise<void> {
    await this.#change(group, member, () => this.#acts.add(group, member, how));
  }

  /** Let somebody read again what they could before their keys were lost. Throws Unanswered. */
  async giveBack(group: Group, member: string): Promise<void> {
    await this.#change(group, member, () => this.#acts.giveBack(group, member));
  }

  /** Throws Unanswered. */
  async remove(group: Group, member: string): Promise<void> {
    await this.#change(group, member, () => this.#acts.remove(group, member));
  }

  /** Others change things too: catch up, and do it once more. */
  async #change(group: Group, member: string, act: () => Promise<void>): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      await this.circle.meet([...group.membership.members.keys(), member], attempt > 1);
      try {
        await act();
        break;
      } catch (error) {
        if (!(error instanceof Unanswered) || error.failure.code !== "behind" || attempt === ATTEMPTS) throw error;
      }
      await this.catchUp();
    }
    await this.catchUp();
  }

  /** What a team of ours is called from now on, and whether patients may write to it. Throws Unanswered. */
  async name(team: Team, name: string, patients?: boolean): Promise<void> {
    await must(api.nameTeam(team.group, name, patients));
    await this.#hearing.askGroups();
    this.#on.changed();
  }
}
