/** One conversation as this client knows it: acts, keys and messages, each checked, in whatever order they came. */

import { boxKid } from "../../crypto/boxes.ts";
import { type Opened, openMessage } from "../../crypto/messages.ts";
import { Rejected, type Reason } from "../../crypto/reasons.ts";
import type { FeedEvent, MessageEvent } from "../api.ts";
import type { Circle } from "./circle.ts";
import type { Directory } from "./directory.ts";
import { Group, rejected } from "./group.ts";

const SEEN_MOST = 16;

/** A message at its place: opened, or why not. `no-key`: it may still come, or was never meant for us. */
export type Placed = { place: number; at: string; event: MessageEvent } & (
  | { opened: Opened; fault?: never }
  | { opened?: never; fault: Reason | "no-key" }
);

export class Conversation extends Group {
  readonly #messages = new Map<number, { event: MessageEvent; at: string }>();
  readonly #placed = new Map<number, Placed>();
  #lastFeed = 0;
  /** Grows whenever messages may read otherwise than before. */
  version = 0;

  constructor(group: string) {
    super(group, "conversation");
  }

  override take(event: FeedEvent): void {
    super.take(event);
    const { feed, message, received_at } = event;
    if (message) this.#lastFeed = Math.max(this.#lastFeed, feed);
    if (message) this.#messages.set(message.place, { event: message, at: received_at });
  }

  authors(): Set<string> {
    return new Set([...this.#messages.values()].map(({ event }) => event.person));
  }

  override persons(): Set<string> {
    return new Set([...super.persons(), ...this.authors()]);
  }

  /** Judge what came in; everybody in `named()` and `authors()` must have been met. */
  async settle(circle: Circle): Promise<void> {
    await this.judge(circle);
    await this.#openMessages(circle);
  }

  async #openMessages(circle: Circle): Promise<void> {
    const ever = [...this.ever()];
    this.version += 1;
    for (const [place, { event, at }] of this.#messages) {
      if (this.#placed.get(place)?.opened) continue;
      const writers = new Map(ever.map((member) => [member, circle.writers(member, event.person)]));
      this.#placed.set(place, { place, at, event, ...(await this.#openOne(event, writers, circle.directory)) });
    }
  }

  async #openOne(
    event: MessageEvent,
    writers: ReadonlyMap<string, string[]>,
    directory: Directory,
  ): Promise<{ opened: Opened } | { fault: Reason | "no-key" }> {
    const key = this.keys.get(keyNamed(event.envelope) ?? "");
    if (!key) return { fault: "no-key" };
    const devices = directory.get(event.person)?.keys?.devices ?? [];
    try {
      return { opened: await openMessage(event.envelope, event.id, { conversation: this.group, key, devices, writers }) };
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
      return { fault: error.reason };
    }
  }

  /** By place. */
  placed(): Placed[] {
    return [...this.#placed.values()].sort((one, other) => one.place - other.place);
  }

  /** Whether the server gave us this message: it was sent. */
  has(id: string): boolean {
    return [...this.#messages.values()].some(({ event }) => event.id === id);
  }

  /** In the feed: of the latest message. */
  get lastFeed(): number {
    return this.#lastFeed;
  }

  get last(): number {
    return [...this.#messages.keys()].reduce((last, sequence) => Math.max(last, sequence), 0);
  }

  /** Messages that we have and that nothing we have follows. */
  seen(): string[] {
    const opened = this.placed().flatMap((each) => each.opened ?? []);
    const followed = new Set(opened.flatMap(({ message }) => message.seen));
    return opened.map(({ name }) => name).filter((name) => !followed.has(name)).slice(-SEEN_MOST).sort();
  }
}

function keyNamed(envelope: string): string | null {
  try {
    return boxKid(envelope);
  } catch (error) {
    return rejected(error);
  }
}
