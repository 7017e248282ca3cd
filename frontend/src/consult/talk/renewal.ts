/** Keys that are due: whoever of a team sees it first makes them, and states who is out. */

import { suites } from "../../crypto/suite.ts";
import { pause, spread } from "../../lib/live.ts";
import type { Circle } from "./circle.ts";
import type { Conversation } from "./conversation.ts";
import { PERSON, type Team } from "./group.ts";
import type { GroupActs } from "./group_acts.ts";

/** Colleagues see that a key is due at the same moment; most of them find it made. */
const RENEW_MS = 1500;

export class Renewal {
  readonly #circle: Circle;
  readonly #conversations: ReadonlyMap<string, Conversation>;
  readonly #acts: GroupActs;
  readonly #catchUp: () => Promise<void>;
  #renewing = false;

  /** `catchUp` hears what came since. */
  constructor(circle: Circle, conversations: ReadonlyMap<string, Conversation>, acts: GroupActs, catchUp: () => Promise<void>) {
    this.#circle = circle;
    this.#conversations = conversations;
    this.#acts = acts;
    this.#catchUp = catchUp;
  }

  /** What keeps others from writing now. Throws Unanswered. */
  async hasten(): Promise<void> {
    if (this.#due().length + this.#parting().length > 0) await this.#renew();
  }

  /**
   * Teams of ours that nobody can write to (somebody left, or has new keys), or whose key is of a suite of before. Whoever
   * sees it first makes a key.
   */
  #due(): Team[] {
    return this.#circle.own().filter((team) => {
      const key = team.sendingKey(this.#circle);
      return key === null || team.publicKey(key.name)!.suite < suites.current;
    });
  }

  /** Members of teams of ours whose keys colleagues admitted, and who have not the keys of the team again. */
  #poor(): [Team, string][] {
    const mine = this.#circle.own();
    const admitted = (team: Team): string[] => [...team.membership.members.keys()].filter((each) => each !== this.#circle.self && this.#circle.isAdmitted(each));
    return mine.flatMap((team) => admitted(team).filter((each) => team.missing(this.#circle, each).length > 0).map((each): [Team, string] => [team, each]));
  }

  /** Patients whose treatment ended and whom nobody stated yet to be out, with the conversations they were in. */
  #parting(): [Conversation, string][] {
    const ours = [...this.#conversations.values()].filter((each) => this.#circle.actsAs(each) !== null);
    return ours.flatMap((each) => each.untreated.map((person): [Conversation, string] => [each, PERSON + person])).filter(([{ membership }, member]) => membership.members.has(member));
  }

  /** If anything is due and nobody else made it in a moment. */
  soon(): void {
    if (this.#renewing || this.#due().length + this.#poor().length + this.#parting().length === 0) return;
    this.#renewing = true;
    void pause(spread(RENEW_MS))
      .then(() => this.#renew())
      .catch(() => {}) // whoever writes to it tries again
      .finally(() => (this.#renewing = false));
  }

  async #renew(): Promise<void> {
    for (const team of this.#due()) await this.#acts.makeKey(team);
    await this.#catchUp();
    for (const [conversation, member] of this.#parting()) await this.#acts.remove(conversation, member);
    for (const [team, member] of this.#poor()) await this.#acts.giveBack(team, member);
    await this.#catchUp();
  }
}
