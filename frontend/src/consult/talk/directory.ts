/** Everybody whose keys play a part: names, keys and devices, as the server has them and as this client accepts them. */

import type { KnownKey } from "../../crypto/persons.ts";
import { publicName } from "../../crypto/suite.ts";
import { type Keys, readKeys } from "../account.ts";
import { api, type FeedEvent } from "../api.ts";
import { called } from "../care.ts";
import { Unanswered } from "../session.ts";

export interface Acquaintance {
  name: string;
  /** As far as one may know it: of patients of one's own practice. */
  patient: boolean;
  /** Null when none of their statements holds. */
  keys: Keys | null;
  /** The name of their current KEM key. */
  kem: string | null;
}

const NOBODY: Acquaintance = { name: "?", patient: false, keys: null, kem: null };

export class Directory {
  readonly #found = new Map<string, Acquaintance>();
  readonly #events = new Map<string, FeedEvent[]>();
  readonly #stale = new Set<string>();

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
    await Promise.all(
      wanted.map(async (person) => {
        this.#stale.delete(person);
        const answer = await api.person(person);
        if (!answer.ok && answer.code === "not_found") return this.#found.set(person, NOBODY);
        if (!answer.ok) {
          this.#stale.add(person);
          throw new Unanswered(answer);
        }
        this.#events.set(person, answer.value.events);
        return this.#keep(person, { name: called(answer.value), patient: (answer.value.care ?? []).length > 0 }, []);
      }),
    );
  }

  async #keep(person: string, who: Pick<Acquaintance, "name" | "patient">, admitters: KnownKey[]): Promise<void> {
    const keys = await readKeys(person, this.#events.get(person) ?? [], admitters);
    this.#found.set(person, { ...who, keys, kem: keys && (await publicName(keys.person.kem)) });
  }

  /** Whether they stated a key for which nobody vouches whom one knows. */
  unvouched(person: string): boolean {
    return this.#found.get(person)?.keys?.unvouched ?? false;
  }

  /** Judge again what they stated: these may vouch for a key of theirs. */
  async vouch(person: string, admitters: KnownKey[]): Promise<void> {
    if (admitters.length > 0) await this.#keep(person, { name: this.name(person), patient: this.isPatient(person) }, admitters);
  }

  /** Every signing key that may have signed what the server has under this number. Acts stay when keys are replaced. */
  signers(persons: Iterable<string>, feed: number): KnownKey[] {
    return [...persons].flatMap((person) => {
      const signers = this.#found.get(person)?.keys?.signers ?? [];
      return signers.filter(({ until }) => feed < until).map(({ sign }) => ({ person, sign }));
    });
  }
}
