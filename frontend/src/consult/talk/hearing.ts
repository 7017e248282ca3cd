/** What comes in: it is read, judged, and counts from then on. One thing comes after the other. */

import * as v from "valibot";
import { decode } from "../../crypto/payloads.ts";
import { peek } from "../../crypto/statements.ts";
import { pause, spread } from "../../lib/live.ts";
import { TYP } from "../account.ts";
import { api, type FeedEvent, type GroupListed } from "../api.ts";
import { must, Unanswered } from "../unanswered.ts";
import { Backlog } from "./backlog.ts";
import type { Circle } from "./circle.ts";
import { Conversation } from "./conversation.ts";
import { groupOf, historiesOf } from "./feed.ts";
import { type Group, PERSON, Team } from "./group.ts";
import type { Readings } from "./readings.ts";

/** How soon one looks again for keys that were not in the log. */
const LOOK_AGAIN_MS = 2000;
/** While older conversations come in, what is on the screen is made anew no more often than this. */
const TELL_MS = 500;
const READ_AGAIN_MS = 2000;
/** Whom an act names, before anybody vouches for it. */
const Named = v.object({ act: v.string(), member: v.optional(v.string()) });

/** As the stream sends it (`docs/spec/consult/server.md`, "GET /stream/consult"). */
export interface News {
  after: number;
  feed: number;
  events?: FeedEvent[];
}

export interface HearingListener {
  /** Something of any conversation is other than it was. */
  changed: () => void;
  /** We made new keys, here or on another device: what is open here does not open what is said from now on. */
  renewed: () => void;
  /** Who belongs where, and by which keys, may be other than it was. */
  judged: () => void;
  /** These conversations are gone for everybody; what else this browser has of them must go too. */
  destroyed: (groups: string[]) => void;
}

export class Hearing {
  readonly conversations = new Map<string, Conversation>();
  readonly #circle: Circle;
  readonly #readings: Readings;
  readonly #on: HearingListener;
  readonly #backlog = new Backlog();
  #begun = false;
  #cursor = 0;
  #looking = false;
  /** What came in is judged before the next is looked at. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(circle: Circle, readings: Readings, on: HearingListener) {
    this.#circle = circle;
    this.#readings = readings;
    this.#on = on;
  }

  /** The newest conversations; `readOn` reads the rest. Throws Unanswered. */
  async begin(): Promise<void> {
    await this.#inTurn(() => this.#forget());
    this.#cursor = await this.#inTurn(() => this.#enter());
  }

  /** What one belongs to is asked again. Throws Unanswered. */
  async askGroups(): Promise<void> {
    await this.#inTurn(() => this.#enter());
  }

  /** What these people stated is asked again. Throws Unanswered. */
  async askPeople(members: Iterable<string>): Promise<void> {
    await this.#inTurn(() => this.#circle.meet(members, true));
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

  /** The rest, in parts; whatever happens meanwhile comes between them. */
  async readOn(): Promise<void> {
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
        this.#readings.hearOwn(group, each.read);
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
    const team = this.#circle.teams.get(group) ?? new Team(group);
    this.#circle.teams.set(group, Object.assign(team, called));
  }

  #group(group: string): Group | undefined {
    return this.conversations.get(group) ?? this.#circle.teams.get(group);
  }

  /** What the stream told. Throws Unanswered. */
  async news({ after, feed, events }: News): Promise<void> {
    await this.#inTurn(async () => {
      if (events === undefined) await this.#forget();
      if (feed <= this.#cursor) return;
      if (events === undefined || this.#cursor < after) return this.#follow();
      await this.#hear(events.filter((event) => event.feed > this.#cursor));
      this.#cursor = feed;
    });
    this.#on.changed();
  }

  async #forget(): Promise<void> {
    const { destroyed } = await must(api.destroyed());
    const groups = destroyed.map(({ conversation }) => conversation);
    this.#backlog.done(this.#backlog.among(groups));
    for (const group of groups) this.conversations.delete(group);
    this.#on.destroyed(groups);
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
    return act === "add" && (member === this.#circle.self || this.#circle.own().some((team) => team.member === member));
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
      this.#circle.directory.outdate(statement.person);
      if (statement.typ === TYP.personKey && statement.person === this.#circle.me) this.#on.renewed();
      stated.add(statement.person);
    }
    if (stated.size > 0) for (const each of this.#groups()) if ([...each.persons()].some((person) => stated.has(person))) touched.add(each);
    await this.#judge(touched);
  }

  async #judge(touched: ReadonlySet<Group>): Promise<void> {
    await this.#circle.meet([...touched].flatMap((each) => [...each.named()]));
    const teams = [...touched].filter((each) => each instanceof Team);
    for (const team of teams) await team.judge(this.#circle);
    const people = [...touched].flatMap((each) => [...each.persons()]);
    if (people.some((each) => this.#circle.directory.unvouched(each))) {
      await this.#circle.vouch(people);
      for (const team of teams) await team.judge(this.#circle);
    }
    const moved = [...this.conversations.values()].filter((each) => teams.some(({ member }) => each.named().has(member)));
    const conversations = [...new Set([...touched, ...moved])].filter((each) => each instanceof Conversation);
    for (const each of conversations) await this.#settle(each);
    this.#readings.tellDelivered(conversations);
    this.#on.judged();
    this.#lookAgainSoon();
  }

  /** What somebody said whose key is not in the log yet counts once it is. */
  #lookAgainSoon(): void {
    if (this.#looking || this.#circle.directory.absent.size === 0) return;
    this.#looking = true;
    setTimeout(() => {
      this.#looking = false;
      const { absent } = this.#circle.directory;
      const touched = [...this.#groups()].filter((each) => [...each.persons()].some((person) => absent.has(person)));
      void this.#inTurn(() => this.#judge(new Set(touched))).then(this.#on.changed, () => this.#lookAgainSoon());
    }, LOOK_AGAIN_MS);
  }

  async #settle(conversation: Conversation): Promise<void> {
    await this.#circle.meet([...conversation.authors()].map((each) => PERSON + each));
    await conversation.settle(this.#circle);
    await this.#circle.meetAuthors(conversation, conversation.authors());
    if (conversation.placed().some(({ fault }) => fault === "not-allowed")) await conversation.settle(this.#circle);
  }

  *#groups(): Iterable<Group> {
    yield* this.#circle.teams.values();
    yield* this.conversations.values();
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const next = this.#turn.then(act, act);
    this.#turn = next.catch(() => {});
    return next;
  }
}
