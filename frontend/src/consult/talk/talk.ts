/** All conversations of somebody at work: they catch up with the feed, and send what was written. */

import * as v from "valibot";
import { b64, type Bytes, unb64 } from "../../crypto/encoding.ts";
import type { Kind, Role } from "../../crypto/membership.ts";
import { sealMessage } from "../../crypto/messages.ts";
import { decode } from "../../crypto/payloads.ts";
import { peek } from "../../crypto/statements.ts";
import { publicName, publicOf } from "../../crypto/suite.ts";
import { type Failure, pause, spread } from "../../lib/live.ts";
import { TYP } from "../account.ts";
import { api, type FeedEvent, type GroupListed } from "../api.ts";
import { must, type Session, Unanswered } from "../session.ts";
import { Backlog } from "./backlog.ts";
import { Circle } from "./circle.ts";
import { Conversation } from "./conversation.ts";
import { groupOf, historiesOf } from "./feed.ts";
import { type Group, isPerson, PERSON, Team } from "./group.ts";
import { GroupActs } from "./group_acts.ts";
import type { LocalStore, Outgoing } from "./local_store.ts";
import { WHOLE } from "./log.ts";
import { Outbox, unsaid } from "./outbox.ts";
import { Readings } from "./readings.ts";
import { type Line, thread } from "./thread.ts";
import { fetchFile, sendFile } from "./transfer.ts";

const ID_BYTES = 16;
/** So many of the latest conversations show what became of one's last message. */
const STATES_MOST = 20;
/** Others change keys too; who loses so many times in a row waits a moment. */
const ATTEMPTS = 5;
/** Colleagues see that a key is due at the same moment; most of them find it made. */
const RENEW_MS = 1500;
/** How soon one looks again for keys that were not in the log. */
const LOOK_AGAIN_MS = 2000;
/** While older conversations come in, what is on the screen is made anew no more often than this. */
const TELL_MS = 500;
const READ_AGAIN_MS = 2000;
/** Whom an act names, before anybody vouches for it. */
const Named = v.object({ act: v.string(), member: v.optional(v.string()) });

export interface TalkListener {
  /** Something of any conversation is other than it was. */
  changed: () => void;
  /** What was written does not go out now, and why; null when it does again. */
  stuck: (why: Failure | null) => void;
  /** So much of a message's files has left, from 0 to 1. */
  progress: (id: string, share: number) => void;
  /** We made new keys, here or on another device: what is open here does not open what is said from now on. */
  renewed: () => void;
}

/** As the stream sends it (`docs/spec/consult/server.md`, "GET /stream/consult"). */
export interface News {
  after: number;
  feed: number;
  events?: FeedEvent[];
}

/** A message as it is written: a text, an edit or a recall, a question or its conclusion, an e-consult. */
export type Written = Pick<Outgoing, "kind" | "text" | "to" | "attachments" | "question" | "intake" | "instead">;

export class Talk {
  readonly session: Session;
  readonly circle: Circle;
  readonly conversations = new Map<string, Conversation>();
  readonly #local: LocalStore;
  readonly #on: TalkListener;
  readonly #seeds = new Map<string, Bytes>();
  readonly #acts: GroupActs;
  readonly readings: Readings;
  readonly #lines = new WeakMap<Conversation, { at: string; lines: Line[] }>();
  readonly outbox: Outbox;
  readonly #backlog = new Backlog();
  #begun = false;
  #cursor = 0;
  #renewing = false;
  #looking = false;
  /** One thing after the other: what came in is judged before the next is looked at. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(session: Session, local: LocalStore, on: TalkListener) {
    this.session = session;
    this.#local = local;
    this.#on = on;
    this.readings = new Readings(session.account.person.person);
    this.circle = new Circle(session.account.person.person, this.#seeds, session.log);
    this.#acts = new GroupActs(session, this.circle);
    this.outbox = new Outbox(local, (outgoing) => this.#send(outgoing), on);
  }

  get me(): string {
    return this.circle.me;
  }

  /** The newest conversations; the rest comes in afterwards, by itself. Throws Unanswered. */
  async begin(): Promise<void> {
    for (const { kem } of this.session.open.keyset.generations) {
      const seed = unb64(kem);
      this.#seeds.set(await publicName(await publicOf(seed)), seed);
    }
    await this.outbox.load();
    await this.circle.meet([this.circle.self]);
    this.#cursor = await this.#inTurn(() => this.#enter());
    this.#on.changed();
    this.outbox.flush();
    void this.#local.tidy();
    void this.#readOn();
  }

  /** How many conversations have not been read yet. */
  get ahead(): number {
    return this.#backlog.size;
  }

  /** Conversations that are wanted now come before their turn. Throws Unanswered. */
  async reach(groups: string[]): Promise<void> {
    if (this.#backlog.among(groups).length === 0) return;
    await this.#inTurn(() => this.#read(this.#backlog.among(groups)));
    this.#on.changed();
  }

  async #readOn(): Promise<void> {
    for (let told = performance.now(); this.ahead > 0; ) {
      try {
        await this.#inTurn(() => this.#read(this.#backlog.next()));
      } catch (error) {
        if (!(error instanceof Unanswered)) throw error;
        await pause(spread(READ_AGAIN_MS));
      }
      if (this.ahead > 0 && performance.now() < told + TELL_MS) continue;
      told = performance.now();
      this.#on.changed();
    }
  }

  /** What one belongs to, and did not or not since then; gives what the feed has counted in. */
  async #enter(): Promise<number> {
    const { groups, feed } = await must(api.groups());
    this.#backlog.renew(groups);
    for (const { group, kind, name = null, practice = null, for_patients: forPatients = false } of groups) {
      if (kind === "team") this.#nameTeam(group, { name, practice, forPatients });
    }
    const entered = groups.filter(({ group, since }) => !this.#backlog.has(group) && this.#group(group)?.since !== since);
    if (!this.#begun) for (const each of entered) if (each.kind === "conversation") this.#backlog.put(each);
    for (const each of groups) this.#note(each);
    const teams = entered.filter(({ kind }) => kind === "team");
    await this.#read(this.#begun ? entered : [...teams, ...this.#backlog.first()]);
    this.#begun = true;
    return feed;
  }

  /** From their beginning. What is not heard or judged now is read again. */
  async #read(listed: GroupListed[]): Promise<void> {
    const events = await historiesOf(listed.map(({ group }) => group));
    const given = new Set(events.map(groupOf));
    const read = listed.filter(({ group }) => given.has(group)); // of the rest one was taken out meanwhile
    for (const each of read) {
      const { group, kind } = each;
      if (kind === "conversation") {
        if (!this.conversations.has(group)) this.conversations.set(group, new Conversation(group));
        this.readings.hearOwn(group, each.read);
      }
      this.#note(each);
    }
    await this.#take(events);
    for (const { group, since } of read) this.#group(group)!.since = since;
    this.#backlog.done(listed);
  }

  #note({ group, until, ended = [] }: GroupListed): void {
    const found = this.#group(group);
    if (found) Object.assign(found, { over: until !== undefined, untreated: ended });
  }

  #nameTeam(group: string, called: Pick<Team, "name" | "practice" | "forPatients">): void {
    const team = this.circle.teams.get(group) ?? new Team(group);
    this.circle.teams.set(group, Object.assign(team, called));
  }

  #group(group: string): Group | undefined {
    return this.conversations.get(group) ?? this.circle.teams.get(group);
  }

  /** What the stream told. Throws Unanswered. */
  async news({ after, feed, events }: News): Promise<void> {
    await this.#inTurn(async () => {
      if (feed <= this.#cursor) return;
      if (events === undefined || this.#cursor < after) return this.#follow();
      await this.#hear(events.filter((event) => event.feed > this.#cursor));
      this.#cursor = feed;
    });
    this.#on.changed();
  }

  /** What came since. Throws Unanswered. */
  async catchUp(): Promise<void> {
    await this.#inTurn(() => this.#follow());
    this.#on.changed();
  }

  async #follow(): Promise<void> {
    for (let more = true; more; ) {
      const page = await must(api.feed(this.#cursor));
      await this.#hear(page.events);
      this.#cursor = page.after;
      more = page.more;
    }
  }

  async #hear(events: FeedEvent[]): Promise<void> {
    const early = this.#backlog.among(events.flatMap((event) => groupOf(event) ?? []));
    if (early.length > 0) await this.#read(early);
    if (events.some((event) => this.#letsIn(event))) await this.#enter();
    await this.#take(events);
  }

  /** Whether by this one may belong to something, or to something again. */
  #letsIn(event: FeedEvent): boolean {
    const { statement } = event;
    const group = groupOf(event);
    if (group !== null && !this.#group(group)) return true;
    if (statement?.typ !== TYP.act) return false;
    const { act, member } = decode(peek(statement.signed), Named);
    return act === "add" && (member === this.circle.self || this.circle.own().some((team) => team.member === member));
  }

  /** Statements about people and teams make all judge again that they are in; the rest concerns its group alone. */
  async #take(events: FeedEvent[]): Promise<void> {
    const touched = new Set<Group>();
    const stated = new Set<string>();
    for (const event of events) {
      const { statement } = event;
      const found = this.#group(groupOf(event) ?? "");
      found?.take(event);
      if (found) touched.add(found);
      if (!statement || ![TYP.personKey, TYP.device, TYP.deviceRevoked].includes(statement.typ)) continue;
      this.circle.directory.outdate(statement.person);
      if (statement.typ === TYP.personKey && statement.person === this.me) this.#on.renewed();
      stated.add(statement.person);
    }
    if (stated.size > 0) for (const each of this.#groups()) if ([...each.persons()].some((person) => stated.has(person))) touched.add(each);
    await this.#judge(touched);
  }

  async #judge(touched: ReadonlySet<Group>): Promise<void> {
    await this.circle.meet([...touched].flatMap((each) => [...each.named()]));
    const teams = [...touched].filter((each) => each instanceof Team);
    for (const team of teams) await team.judge(this.circle);
    const people = [...touched].flatMap((each) => [...each.persons()]);
    if (people.some((each) => this.circle.directory.unvouched(each))) {
      await this.circle.vouch(people);
      for (const team of teams) await team.judge(this.circle);
    }
    const moved = [...this.conversations.values()].filter((each) => teams.some(({ member }) => each.named().has(member)));
    const conversations = [...new Set([...touched, ...moved])].filter((each) => each instanceof Conversation);
    for (const each of conversations) await this.#settle(each);
    this.readings.tellDelivered(conversations);
    this.#renewSoon();
    this.#lookAgainSoon();
  }

  /** What somebody said whose key is not in the log yet counts once it is. */
  #lookAgainSoon(): void {
    if (this.#looking || this.circle.directory.absent.size === 0) return;
    this.#looking = true;
    setTimeout(() => {
      this.#looking = false;
      const { absent } = this.circle.directory;
      const touched = [...this.#groups()].filter((each) => [...each.persons()].some((person) => absent.has(person)));
      void this.#inTurn(() => this.#judge(new Set(touched))).then(this.#on.changed, () => this.#lookAgainSoon());
    }, LOOK_AGAIN_MS);
  }

  async #settle(conversation: Conversation): Promise<void> {
    await this.circle.meet([...conversation.authors()].map((each) => PERSON + each));
    await conversation.settle(this.circle);
    await this.circle.meetAuthors(conversation, conversation.authors());
    if (conversation.placed().some(({ fault }) => fault === "not-allowed")) await conversation.settle(this.circle);
  }

  *#groups(): Iterable<Group> {
    yield* this.circle.teams.values();
    yield* this.conversations.values();
  }

  /** Teams of ours that nobody can write to: somebody left, or has new keys. Whoever sees it first makes a key. */
  #due(): Team[] {
    return this.circle.own().filter((team) => team.sendingKey(this.circle) === null);
  }

  /** Members of teams of ours whose keys colleagues admitted, and who have not the keys of the team again. */
  #poor(): [Team, string][] {
    const mine = this.circle.own();
    const admitted = (team: Team): string[] => [...team.membership.members.keys()].filter((each) => each !== this.circle.self && this.circle.isAdmitted(each));
    return mine.flatMap((team) => admitted(team).filter((each) => team.missing(this.circle, each).length > 0).map((each): [Team, string] => [team, each]));
  }

  /** Patients whose treatment ended and whom nobody stated yet to be out, with the conversations they were in. */
  #parting(): [Conversation, string][] {
    const ours = [...this.conversations.values()].filter((each) => this.circle.actsAs(each) !== null);
    return ours.flatMap((each) => each.untreated.map((person): [Conversation, string] => [each, PERSON + person])).filter(([{ membership }, member]) => membership.members.has(member));
  }

  #renewSoon(): void {
    if (this.#renewing || this.#due().length + this.#poor().length + this.#parting().length === 0) return;
    this.#renewing = true;
    void pause(spread(RENEW_MS))
      .then(() => this.#renew())
      .catch(() => {}) // whoever writes to it tries again
      .finally(() => (this.#renewing = false));
  }

  async #renew(): Promise<void> {
    for (const team of this.#due()) await this.#acts.makeKey(team);
    await this.catchUp();
    for (const [conversation, member] of this.#parting()) await this.#acts.remove(conversation, member);
    for (const [team, member] of this.#poor()) await this.#acts.giveBack(team, member);
    await this.catchUp();
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const next = this.#turn.then(act, act);
    this.#turn = next.catch(() => {});
    return next;
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
    await api.tellLog([{ what: "opened", group, device: this.session.own.device, note: "" }]);
  }

  /** A file was taken out of the conversation; the log says so (NEN 7513). */
  async tellExported(group: string, hash: string): Promise<void> {
    await api.tellLog([{ what: "exported", group, device: this.session.own.device, note: hash }]);
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
    await this.#inTurn(() => this.#enter());
    this.#on.changed();
  }

  /** Null when the server has it and we have it back. Under another key as often as the one we know has retired. */
  async #send(outgoing: Outgoing): Promise<Failure | null> {
    await this.reach([outgoing.conversation]);
    const conversation = this.conversations.get(outgoing.conversation);
    if (conversation?.has(outgoing.id)) return null;
    let failure: Failure | null = conversation ? await this.#sendFiles(outgoing) : unsaid("not_found");
    if (failure || !conversation) return failure;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const key = conversation.sendingKey(this.circle);
      if (key) {
        failure = await this.#post(outgoing, conversation, key);
        if (failure?.code === "not_found") await this.#inTurn(() => this.#enter());
        if (failure?.code !== "key_retired") return failure;
        conversation.retire(key.name);
      } else {
        failure = await this.#makeKey(conversation);
        if (failure && failure.code !== "behind") return failure;
        // Somebody's treatment may have ended: that is no event.
        if (failure) await this.#inTurn(() => this.#enter());
      }
      await this.catchUp();
      await this.#inTurn(() => this.circle.meet(conversation.membership.members.keys(), true));
    }
    return failure ?? unsaid("behind");
  }

  async #makeKey(conversation: Conversation): Promise<Failure | null> {
    try {
      if (this.#due().length + this.#parting().length > 0) await this.#renew();
      if (conversation.sendingKey(this.circle)) return null;
      await this.#acts.makeKey(conversation);
      return null;
    } catch (error) {
      if (error instanceof Unanswered) return error.failure;
      throw error;
    }
  }

  /** Before the message that has their keys. Null when the server has them all; what it had before it keeps once. */
  async #sendFiles({ id, conversation, attachments }: Outgoing): Promise<Failure | null> {
    for (const [at, { hash }] of attachments.entries()) {
      const file = await this.#local.file(hash);
      if (!file) return unsaid("not_found");
      const answer = await sendFile(conversation, file, (share) => this.#on.progress(id, (at + share) / attachments.length));
      if (!answer.ok) return answer;
    }
    return null;
  }

  async #post(outgoing: Outgoing, conversation: Conversation, key: { name: string; key: Bytes }): Promise<Failure | null> {
    const { device, sign } = this.session.own;
    const envelope = await sealMessage(this.#message(outgoing, conversation, key.name), sign, key.key);
    const { id, intake, instead = null } = outgoing;
    const sent = { conversation: conversation.group, device, envelope };
    const answer = intake
      ? await api.sendEconsult({ ...sent, id, message: id, questionnaire: intake.form, version: intake.version, urgency: intake.urgency, instead })
      : await api.send({ ...sent, id });
    if (!answer.ok) return answer;
    await this.catchUp();
    return null;
  }

  #message({ id, at, kind, text, to, attachments, question, intake }: Outgoing, conversation: Conversation, key: string) {
    return {
      v: 1 as const,
      conversation: conversation.group,
      id,
      person: this.me,
      device: this.session.own.device,
      as: this.circle.actsAs(conversation) ?? this.circle.self,
      key,
      seen: conversation.seen(),
      heads: conversation.membership.heads,
      at: Math.floor(at / 1000),
      content: { kind, text, to, attachments, ...(question ? { question } : {}), ...(intake ? { intake } : {}) },
    };
  }
}
