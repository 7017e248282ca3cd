/** One team or conversation as this client knows it: acts and keys, each checked, in whatever order they came. */

import * as v from "valibot";
import { type Bytes, unb64 } from "../../crypto/encoding.ts";
import { acceptGroupKey, chooseKey, type GroupKey, openGroupKey } from "../../crypto/group_keys.ts";
import { acceptAct, type Act, isTooMany, type Kind, type Membership, replay } from "../../crypto/membership.ts";
import { decode } from "../../crypto/payloads.ts";
import type { KnownKey } from "../../crypto/persons.ts";
import { Rejected } from "../../crypto/reasons.ts";
import { acceptReserve, type Reserve } from "../../crypto/reserve.ts";
import type { Kem } from "../../crypto/suite.ts";
import { peek } from "../../crypto/statements.ts";
import { TYP } from "../account.ts";
import type { FeedEvent, StatedEvent } from "../api.ts";

/** What a group must know of others to judge what came in. */
export interface Company {
  /** Signing keys of these people that counted when the server took something, and the teams each may act for. */
  signers(persons: Iterable<string>, feed: number): KnownKey[];
  /** One's own seed, or that of a team, for what was sealed to this member under this KEM key. */
  seed(member: string, kem: string): Bytes | undefined;
  /** The name of a member's current KEM key; null when there is none. */
  kem(member: string): string | null;
}

interface KeyStated {
  feed: number;
  stated: StatedEvent;
  form: GroupKey | null;
}

/** An act that holds, when the server had it, and under which number of the feed. */
export interface TakenAct extends Act {
  at: string;
  feed: number;
}

export const PERSON = "person:";
export const personOf = (member: string): string => member.slice(PERSON.length);
export const isPerson = (member: string): boolean => member.startsWith(PERSON);

/** Who a statement names, read before anybody vouches for it: only to learn whose keys to fetch. */
const Named = v.object({
  by: v.string(),
  as: v.string(),
  member: v.optional(v.string()),
  members: v.optional(v.array(v.object({ member: v.string() }))),
  to: v.optional(v.array(v.object({ member: v.string() }))),
});

export class Group {
  readonly group: string;
  readonly kind: Kind;
  /** Since which number of the feed one belongs to it. */
  since = 0;
  /** One reads what was said, and nothing that comes: one's treatment ended. */
  over = false;
  /** Patients whose treatment ended, whom nobody may have stated yet to be out. */
  untreated: string[] = [];
  readonly #acts = new Map<string, { feed: number; stated: StatedEvent; act: Act | null; at: string }>();
  readonly #keyStatements = new Map<string, KeyStated>();
  readonly #keys = new Map<string, Bytes>();
  /** Keys that the server takes no more, whatever the statements say. */
  readonly #retired = new Set<string>();
  membership: Membership = { kind: null, members: new Map(), heads: [], pending: [], refused: [], void: [] };

  constructor(group: string, kind: Kind) {
    this.group = group;
    this.kind = kind;
  }

  take({ feed, statement, received_at }: FeedEvent): void {
    if (statement?.typ === TYP.act && !this.#acts.has(statement.name)) {
      this.#acts.set(statement.name, { feed, stated: statement, act: null, at: received_at });
    }
    if (statement?.typ !== TYP.groupKey) return;
    const known = this.#keyStatements.get(statement.name);
    // Copies for a team that one has joined since come with a later reading.
    const sealed = { ...statement.sealed, ...known?.stated.sealed };
    this.#keyStatements.set(statement.name, { feed, stated: { ...statement, sealed }, form: known?.form ?? null });
  }

  /** Every member that plays a part, people and teams, whether or not they belong now. */
  named(): Set<string> {
    const stated = [...this.#acts.values(), ...this.#keyStatements.values()];
    return new Set(
      stated.flatMap(({ stated: { signed } }) => {
        const { by, as, member, members = [], to = [] } = decode(peek(signed), Named);
        return [`${PERSON}${by}`, as, ...(member ? [member] : []), ...[...members, ...to].map((each) => each.member)];
      }),
    );
  }

  persons(): Set<string> {
    return new Set([...this.named()].filter(isPerson).map(personOf));
  }

  /** Judge what came in; everybody in `named()` must have been met. */
  async judge(company: Company): Promise<void> {
    const persons = this.persons();
    const known = (feed: number): KnownKey[] => company.signers(persons, feed);
    for (const each of this.#acts.values()) each.act ??= await acceptAct(each.stated.signed, known(each.feed)).catch(rejected);
    this.membership = replay(this.group, this.acts());
    for (const each of this.#keyStatements.values()) {
      each.form ??= await acceptGroupKey(each.stated.signed, this.kind, known(each.feed)).catch(rejected);
      if (each.form) await this.#openKey(each.form, each.stated, company);
    }
  }

  /** In the order in which the server gave them, as many as a group takes. */
  acts(): TakenAct[] {
    const taken: TakenAct[] = [];
    for (const { act, at, feed } of this.#acts.values()) if (act && !isTooMany(act.form, taken)) taken.push({ ...act, at, feed });
    return taken;
  }

  /** Whoever is or was a member, by acts that hold. */
  ever(): Set<string> {
    return new Set(
      this.acts().flatMap(({ form }) => (form.act === "create" ? form.members.map(({ member }) => member) : [form.member])),
    );
  }

  async #openKey(form: GroupKey, { sealed = {} }: StatedEvent, company: Company): Promise<void> {
    for (const { member, kem } of form.to) {
      const [copy, seed] = [sealed[member], company.seed(member, kem)];
      if (this.#keys.has(form.key) || copy === undefined || !seed) continue;
      const key = await openGroupKey(this.kind, this.group, form.key, member, seed, unb64(copy)).catch(rejected);
      if (key) this.#keys.set(form.key, key);
    }
  }

  /** Every key that one has, by its name. */
  get keys(): ReadonlyMap<string, Bytes> {
    return this.#keys;
  }

  /** Keys that one has oneself, and that a member has not under their current KEM key. */
  missing(company: Company, member: string): Bytes[] {
    const kem = company.kem(member);
    const has = new Set(this.#forms().filter(({ to }) => to.some((each) => each.member === member && each.kem === kem)).map(({ key }) => key));
    return kem === null ? [] : [...this.#keys].filter(([name]) => !has.has(name)).map(([, key]) => key);
  }

  /** The key that all members have now and nobody else, and that one has oneself; null: one must be made. */
  sendingKey(company: Company): { name: string; key: Bytes } | null {
    const name = this.currentKey(company, ({ key }) => this.#keys.has(key));
    return name === null ? null : { name, key: this.#keys.get(name)! };
  }

  /** Its name, whether or not one has it oneself. */
  currentKey(company: Company, usable: (stated: GroupKey) => boolean = () => true): string | null {
    const current = new Map([...this.membership.members.keys()].map((member) => [member, company.kem(member) ?? ""]));
    const counting = this.#forms().filter((each) => !this.#retired.has(each.key) && usable(each));
    return chooseKey(this.group, this.membership, counting, current);
  }

  /** Of a team's key: what is sealed to the team is sealed to this. */
  publicKey(name: string): Kem | null {
    const found = this.#forms().find(({ key, kem }) => key === name && kem !== null);
    return found?.kem ? { suite: found.suite, key: unb64(found.kem) } : null;
  }

  /** Of which suite a key of a team is, one that one has. */
  suiteOf(key: Bytes): number | undefined {
    const name = [...this.#keys].find(([, known]) => known === key)?.[0];
    return name === undefined ? undefined : this.publicKey(name)?.suite;
  }

  /** Later than whenever a key of it was stated, by whatever clock; in seconds since 1970. */
  after(at: number): number {
    return Math.max(at, ...this.#forms().map((form) => form.at + 1));
  }

  /** Of keys that one has: members who got them from somebody who had them, and not under their current KEM key. */
  behind(company: Company): Map<string, string[]> {
    const found = new Map<string, string[]>();
    for (const key of this.#keys.keys()) {
      const had = this.#had(key);
      const lacks = (member: string): boolean => {
        const kem = company.kem(member);
        return kem !== null && had.has(member) && !had.get(member)!.has(kem);
      };
      const members = [...this.membership.members.keys()].filter(lacks);
      if (members.length > 0) found.set(key, members);
    }
    return found;
  }

  /** Who got a key, and under which KEM keys: from who made it, or from who had got it before. */
  #had(key: string): Map<string, Set<string>> {
    const had = new Map<string, Set<string>>();
    const stated = [...this.#keyStatements.values()].filter(({ form }) => form?.key === key);
    for (const { form } of stated.sort((one, other) => one.feed - other.feed)) {
      if (had.size > 0 && !had.has(form!.as)) continue;
      for (const { member, kem } of form!.to) had.set(member, new Set([...(had.get(member) ?? []), kem]));
    }
    return had;
  }

  #forms(): GroupKey[] {
    return [...this.#keyStatements.values()].flatMap(({ form }) => form ?? []);
  }

  /** A key that one got another way than by a copy for oneself. */
  regain(name: string, key: Bytes): void {
    this.#keys.set(name, key);
  }

  retire(key: string): void {
    this.#retired.add(key);
  }
}

/** A reserve as an administrator stated it, and since which number of the feed it counts. */
interface TakenReserve {
  feed: number;
  stated: StatedEvent;
  form: Reserve | null;
}

/** A team; what it is called, if it has a name. */
export class Team extends Group {
  readonly #reserves = new Map<string, TakenReserve>();
  name: string | null = null;
  practice: string | null = null;
  /** Patients of that practice may write to it. */
  forPatients = false;
  /** Of an outsider: up to which number of the feed the server told. */
  told = 0;

  constructor(group: string) {
    super(group, "team");
  }

  get member(): string {
    return `team:${this.group}`;
  }

  override take(event: FeedEvent): void {
    super.take(event);
    const { feed, statement } = event;
    if (statement?.typ !== TYP.reserve || this.#reserves.has(statement.name)) return;
    this.#reserves.set(statement.name, { feed, stated: statement, form: null });
  }

  override async judge(company: Company): Promise<void> {
    await super.judge(company);
    for (const each of this.#reserves.values()) each.form ??= await this.#accept(each, company);
  }

  /** It holds when its author administered the team by what the server had before. */
  async #accept({ feed, stated: { signed } }: TakenReserve, company: Company): Promise<Reserve | null> {
    const form = await acceptReserve(signed, company.signers(this.persons(), feed)).catch(rejected);
    const { members } = replay(this.group, this.acts().filter((act) => act.feed < feed));
    return form?.team === this.group && members.get(form.as) === "admin" ? form : null;
  }

  /** Every reserve that it has or had, oldest first, each with when it began to count. */
  reserves(): { feed: number; form: Reserve }[] {
    const taken = [...this.#reserves.values()].flatMap(({ feed, form }) => (form ? [{ feed, form }] : []));
    return taken.sort((one, other) => one.feed - other.feed);
  }

  /** The one that counts now. */
  get reserve(): Reserve | null {
    return this.reserves().at(-1)?.form ?? null;
  }

  /** With which keys its reserves vouch for its members, and for how long each did. */
  vouching(): { sign: Bytes; since: number; until: number }[] {
    const all = this.reserves();
    return all.map(({ feed, form }, at) => ({ sign: unb64(form.sign), since: feed, until: all[at + 1]?.feed ?? Infinity }));
  }
}

export const rejected = (error: unknown): null => {
  if (error instanceof Rejected) return null;
  throw error;
};
