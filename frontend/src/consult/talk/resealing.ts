/**
 * Sealing again since there is a newer suite (`docs/spec/consult/teams.md`, "Sealing again"). What is left is what the
 * server's copies say, so it goes on wherever it stopped.
 */

import { FIRST, suites } from "../../crypto/suite.ts";
import { api } from "../api.ts";
import { must, Unanswered } from "../unanswered.ts";
import type { Circle } from "./circle.ts";
import type { GroupActs } from "./group_acts.ts";
import type { Hearing } from "./hearing.ts";
import type { Renewal } from "./renewal.ts";

export class Resealing {
  readonly #circle: Circle;
  readonly #hearing: Hearing;
  readonly #acts: GroupActs;
  readonly #renewal: Renewal;

  constructor(circle: Circle, hearing: Hearing, acts: GroupActs, renewal: Renewal) {
    this.#circle = circle;
    this.#hearing = hearing;
    this.#acts = acts;
    this.#renewal = renewal;
  }

  /** All that can be sealed again now; keys of one's teams first. Throws Unanswered. */
  async run(): Promise<void> {
    if (suites.current === FIRST) return;
    await this.#renewal.hasten();
    const { groups } = await must(api.resealing());
    // Colleagues begin elsewhere, and find done what we did.
    for (const group of shuffled(groups)) await this.#again(group);
  }

  /** What cannot be done now is left to the next time. */
  async #again(name: string): Promise<void> {
    await this.#hearing.reach([name]);
    await this.#hearing.catchUp();
    const group = this.#hearing.conversations.get(name) ?? this.#circle.teams.get(name);
    if (!group || this.#circle.actsAs(group) === null) return;
    try {
      await this.#acts.sealAgain(group);
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
    }
  }
}

function shuffled<T>(all: readonly T[]): T[] {
  return all.map((each) => ({ each, at: Math.random() })).sort((one, other) => one.at - other.at).map(({ each }) => each);
}
