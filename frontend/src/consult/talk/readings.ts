/** How far everybody is in conversations, and telling the server how far one is oneself. */

import { api, type Reading } from "../api.ts";
import { must } from "../unanswered.ts";
import type { Conversation } from "./conversation.ts";

const READS_MOST = 100;

export class Readings {
  readonly #me: string;
  /** By conversation and person; of who has said nothing, nothing. */
  readonly #by = new Map<string, Map<string, Reading>>();
  /** By conversation, up to which place the server was told that it reached us. */
  readonly #told = new Map<string, number>();

  constructor(me: string) {
    this.#me = me;
  }

  of(group: string, person: string): Reading | undefined {
    return this.#by.get(group)?.get(person);
  }

  /** How far one has read, on any device. */
  own(group: string): number {
    return this.of(group, this.#me)?.read ?? 0;
  }

  /** What the server says of how far people are. */
  hear(group: string, reads: Reading[]): void {
    const known = this.#by.get(group) ?? new Map<string, Reading>();
    for (const each of reads) if ((known.get(each.person)?.read ?? -1) <= each.read) known.set(each.person, each);
    this.#by.set(group, known);
  }

  /** What one has read has reached one: the server need not be told again. */
  hearOwn(group: string, read: number): void {
    this.hear(group, [{ person: this.#me, delivered: read, read, read_at: null }]);
    this.#told.set(group, Math.max(read, this.#told.get(group) ?? 0));
  }

  /** Throws Unanswered. */
  async ask({ group, over }: Conversation): Promise<void> {
    if (over) return;
    this.hear(group, (await must(api.reads(group))).reads);
  }

  async mark({ group, last }: Conversation): Promise<void> {
    if (this.own(group) >= last) return;
    this.hear(group, [{ person: this.#me, delivered: last, read: last, read_at: null }]);
    await api.tellRead([{ conversation: group, read: last }]);
  }

  /** If it is not heard now, the next message says it. */
  tellDelivered(conversations: Iterable<Conversation>): void {
    const news = [...conversations].filter(({ group, last }) => last > (this.#told.get(group) ?? 0));
    for (const { group, last } of news) this.#told.set(group, last);
    const reads = news.slice(0, READS_MOST).map(({ group, last }) => ({ conversation: group, delivered: last }));
    if (reads.length > 0) void api.tellRead(reads);
  }
}
