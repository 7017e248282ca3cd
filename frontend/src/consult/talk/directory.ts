/** Everybody whose keys play a part: names, keys and devices, as the server has them and as this client accepts them. */

import type { KnownKey } from "../../crypto/persons.ts";
import { Rejected } from "../../crypto/reasons.ts";
import { peek, type Statement, statementName } from "../../crypto/statements.ts";
import { publicName } from "../../crypto/suite.ts";
import { pause } from "../../lib/live.ts";
import { type Keys, readKeys, TYP, type Vouching } from "../account.ts";
import { api, type FeedEvent } from "../api.ts";
import { called } from "../care.ts";
import type { KeyLog } from "../keyring/key_log.ts";
import { Unanswered } from "../unanswered.ts";
import { inParts } from "./feed.ts";

export interface Acquaintance {
  name: string;
  /** As far as one may know it: of patients of one's own practice. */
  patient: boolean;
  /** Null when none of their statements holds. */
  keys: Keys | null;
  /** The name of their current KEM key. */
  kem: string | null;
}

/** What a key statement is called; nothing where it says nothing. */
async function keyName(signed: Statement): Promise<string> {
  try {
    return await statementName(TYP.personKey, peek(signed));
  } catch (error) {
    if (error instanceof Rejected) return "";
    throw error;
  }
}

const NOBODY: Acquaintance = { name: "?", patient: false, keys: null, kem: null };

/** How long a key that is new gets to come into the log, the first time one meets it. */
const LOGGED_WITHIN_MS = [300, 700, 1500];

export class Directory {
  readonly #me: string;
  readonly #log: KeyLog | null;
  /** Who stated a key that is not in the log: it does not count. */
  readonly absent = new Set<string>();
  readonly #waitedFor = new Set<string>();
  readonly #found = new Map<string, Acquaintance>();
  readonly #events = new Map<string, FeedEvent[]>();
  readonly #stale = new Set<string>();

  constructor(me: string, log: KeyLog | null) {
    this.#me = me;
    this.#log = log;
  }

  get(person: string): Acquaintance | undefined {
    return this.#found.get(person);
  }

  name(person: string): string {
    return this.#found.get(person)?.name ?? "?";
  }

  isPatient(person: string): boolean {
    return this.#found.get(person)?.patient ?? false;
  }

  /** Something was stated by this person: read them again before they are needed. */
  outdate(person: string): void {
    this.#stale.add(person);
  }

  /** Reads whoever is not known, or not as they are now. */
  async meet(persons: Iterable<string>): Promise<void> {
    const wanted = [...new Set(persons)].filter((each) => !this.#found.has(each) || this.#stale.has(each));
    const known = (await Promise.all(inParts(wanted).map((part) => this.#ask(part)))).flat();
    await this.#look(known.map(({ person }) => person));
    await Promise.all(known.map(({ person, name, patient }) => this.#keep(person, { name, patient })));
  }

  /** Throws Unanswered. */
  async #ask(persons: string[]): Promise<{ person: string; name: string; patient: boolean }[]> {
    for (const each of persons) this.#stale.delete(each);
    const answer = await api.persons(persons);
    if (!answer.ok) {
      for (const each of persons) this.#stale.add(each);
      throw new Unanswered(answer);
    }
    const { people } = answer.value;
    const there = new Set(people.map(({ person }) => person));
    for (const each of persons) if (!there.has(each)) this.#found.set(each, NOBODY);
    for (const { person, events } of people) this.#events.set(person, events);
    return people.map((each) => ({ person: each.person, name: called(each), patient: (each.care ?? []).length > 0 }));
  }

  /** Looks in the log for what these people stated; those whose keys are not all in it are read again when next met. */
  async #look(persons: string[]): Promise<void> {
    if (this.#log === null) return;
    const others = persons.filter((each) => each !== this.#me);
    for (const pause_ms of [...LOGGED_WITHIN_MS, null]) {
      const lacking = await this.#lacking(others);
      if (lacking.length === 0) break;
      await this.#log.learn(lacking);
      const unmet = (await this.#lacking(lacking)).some((each) => !this.#waitedFor.has(each));
      if (!unmet || pause_ms === null) break;
      await pause(pause_ms);
    }
    const lacking = new Set(await this.#lacking(others));
    for (const each of others) {
      if (!lacking.has(each)) this.absent.delete(each);
      else for (const set of [this.absent, this.#waitedFor, this.#stale]) set.add(each);
    }
  }

  async #lacking(persons: string[]): Promise<string[]> {
    const whole = await Promise.all(persons.map(async (each) => (await this.#logged(each)).length === this.#events.get(each)?.length));
    return persons.filter((_, at) => !whole[at]);
  }

  /** What they stated, without keys that are not in the log; each by the name that it has by itself, whatever the server says. */
  async #logged(person: string): Promise<FeedEvent[]> {
    const events = this.#events.get(person) ?? [];
    if (this.#log === null || person === this.#me) return events;
    const names = await Promise.all(
      events.map(({ statement }) => (statement?.typ === TYP.personKey ? keyName(statement.signed) : null)),
    );
    return events.filter((_, at) => names[at] === null || this.#log!.has(names[at]!));
  }

  async #keep(person: string, who: Pick<Acquaintance, "name" | "patient">, vouching?: Vouching): Promise<void> {
    const keys = await readKeys(person, await this.#logged(person), vouching);
    this.#found.set(person, { ...who, keys, kem: keys && (await publicName(keys.person.kem, keys.person.suite)) });
  }

  /** Whether they stated a key for which nobody vouches whom one knows. */
  unvouched(person: string): boolean {
    return this.#found.get(person)?.keys?.unvouched ?? false;
  }

  /** Judge again what they stated: these may vouch for a key of theirs. */
  async vouch(person: string, vouching: Vouching): Promise<void> {
    if (vouching.admitters.length + vouching.reserves.length === 0) return;
    await this.#keep(person, { name: this.name(person), patient: this.isPatient(person) }, vouching);
  }

  /** Every signing key that may have signed what the server has under this number. Acts stay when keys are replaced. */
  signers(persons: Iterable<string>, feed: number): KnownKey[] {
    return [...persons].flatMap((person) => {
      const signers = this.#found.get(person)?.keys?.signers ?? [];
      return signers.filter(({ until }) => feed < until).map(({ sign }) => ({ person, sign }));
    });
  }
}
