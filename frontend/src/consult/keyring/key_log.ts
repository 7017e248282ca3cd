/**
 * The key log as this browser follows it (`docs/spec/consult/keylog.md`): which key statements are in it, and that it goes
 * on from what this browser saw before. What was found in it once counts on, also while the log is down.
 */

import * as v from "valibot";
import { b64, unb64 } from "../../crypto/encoding.ts";
import { acceptCheckpoint, checkEntry, checkFollows, type Checkpoint, type Cosigner } from "../../crypto/keylog.ts";
import { type Frontier } from "../../crypto/trees.ts";
import { type Reason, Rejected } from "../../crypto/reasons.ts";
import { api } from "../api.ts";

const PLACE = "balie-key-log";
const PERSONS_MOST = 100;

const Kept = v.object({ origin: v.string(), size: v.number(), root: v.string(), included: v.array(v.string()) });

export class KeyLog {
  readonly origin: string;
  readonly #cosigners: Cosigner[];
  readonly #included = new Set<string>();
  #seen: Checkpoint | null = null;
  /** One question after the other: each answer goes on from the one before. */
  #turn: Promise<unknown> = Promise.resolve();
  /** Why the last answer was not accepted; null when it was, or none came. */
  trouble: Reason | null = null;

  constructor(origin: string, cosigners: Cosigner[]) {
    this.origin = origin;
    this.#cosigners = cosigners;
    this.#recall();
  }

  has(statement: string): boolean {
    return this.#included.has(statement);
  }

  /** Which key statements of these people are in the log now. Nothing that does not hold is believed. */
  async learn(persons: string[]): Promise<void> {
    for (let at = 0; at < persons.length; at += PERSONS_MOST) {
      const asked = this.#turn.then(() => this.#ask(persons.slice(at, at + PERSONS_MOST)));
      this.#turn = asked.catch(() => {});
      await asked;
    }
  }

  async #ask(persons: string[]): Promise<void> {
    this.#recall(); // another tab may have seen a newer one
    const answer = await api.keyLog(this.#seen?.size ?? 0, persons);
    if (!answer.ok || answer.value.checkpoint === null) return;
    try {
      const { checkpoint: note, consistency, entries } = answer.value;
      const checkpoint = await acceptCheckpoint(note, this.origin, this.#cosigners);
      if (this.#seen) await checkFollows(checkpoint, this.#seen, consistency.map((each) => unb64(each)));
      this.#seen = checkpoint;
      for (const person of persons) {
        for (const { statement, index, proof } of entries[person] ?? []) {
          await checkEntry(checkpoint, { person, statement, index, proof: proof.map((each) => unb64(each)) });
          this.#included.add(statement);
        }
      }
      this.trouble = null;
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
      this.trouble = error.reason;
    }
    this.#keep();
  }

  /** That what was read is the log of this checkpoint, and of the one seen last if that is as long. */
  async isAs(note: string, read: Frontier): Promise<void> {
    const { size, root } = await acceptCheckpoint(note, this.origin, this.#cosigners);
    if (this.#seen && size < this.#seen.size) throw new Rejected("stale", "checkpoint");
    const found = b64(await read.root());
    const fine = size === read.size && b64(root) === found && (this.#seen?.size !== size || b64(this.#seen.root) === found);
    if (!fine) throw new Rejected("forked", "entries");
  }

  /** What this browser saw, in this tab or another. */
  #recall(): void {
    const kept = v.safeParse(Kept, parsed(localStorage.getItem(PLACE)));
    if (!kept.success || kept.output.origin !== this.origin) return;
    const { origin, size, root, included } = kept.output;
    for (const each of included) this.#included.add(each);
    if (this.#seen === null || size > this.#seen.size) this.#seen = { origin, size, root: unb64(root) };
  }

  #keep(): void {
    if (this.#seen === null) return;
    const { origin, size, root } = this.#seen;
    localStorage.setItem(PLACE, JSON.stringify({ origin, size, root: b64(root), included: [...this.#included] }));
  }
}

/** What was kept in this browser; null where that is nothing. */
export function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return null;
  }
}
