/**
 * A post closed while somebody waits there, and another takes over: this browser, which alone can read the question, seals it
 * for that one (`docs/spec/consult/econsults.md`, "Posts that close").
 */

import type { EconsultListed } from "../api.ts";
import type { Conversation } from "../talk/conversation.ts";
import type { Talk } from "../talk/talk.ts";
import type { Queue } from "./queue.ts";

export class Mover {
  readonly #talk: Talk;
  readonly #queue: Queue;
  #busy = false;

  constructor(talk: Talk, queue: Queue) {
    this.#talk = talk;
    this.#queue = queue;
  }

  /** What is to go on elsewhere, goes; what was refused meanwhile leaves nothing behind. Again and again, until all is done. */
  async tend(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (const each of this.#refused()) await this.#talk.leave(each);
      for (const each of this.#queue.open) if (each.shut?.takes_over && each.patient === this.#talk.me) await this.#alone(each);
    } catch {
      // the next look tries again
    } finally {
      this.#busy = false;
    }
  }

  /** Picked up at the last moment, or the post opened again: it stays where it was. */
  #refused(): Conversation[] {
    const { outbox, conversations } = this.#talk;
    const gone = ({ group }: Conversation): boolean => outbox.of(group).some(({ id, instead }) => instead !== undefined && outbox.refused(id) !== undefined);
    return [...conversations.values()].filter(gone);
  }

  /** One tab does it. */
  #alone(found: EconsultListed): Promise<void> {
    return navigator.locks.request(`balie-econsult-${found.id}`, { ifAvailable: true }, async (lock) => {
      if (lock && !this.#talk.outbox.brings(found.id)) await this.#move(found);
    });
  }

  async #move(found: EconsultListed): Promise<void> {
    const from = this.#talk.conversations.get(found.conversation);
    const line = from && this.#talk.lines(from).find(({ intake, place }) => intake !== undefined && place !== null);
    if (!from || !line) return;
    const group = this.#begun(found) ?? (await this.#talk.create("conversation", [`team:${found.shut!.takes_over!.team}`]));
    await this.#talk.sendOn(from, line, group, found.id);
    if (location.hash === `#${found.conversation}`) location.hash = `#${group}`;
  }

  /** A try before this one may have come so far. */
  #begun(found: EconsultListed): string | null {
    const wanted = [this.#talk.circle.self, `team:${found.shut!.takes_over!.team}`].sort().join();
    const empty = [...this.#talk.conversations.values()].filter((each) => this.#talk.lines(each).length === 0);
    return empty.find(({ membership }) => [...membership.members.keys()].sort().join() === wanted)?.group ?? null;
  }
}
