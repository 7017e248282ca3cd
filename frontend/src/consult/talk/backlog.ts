/** Conversations that one belongs to and has not read yet: the newest come before the first screen, the rest after it. */

import type { GroupListed } from "../api.ts";

/** So many are read before anything is shown: more than a screen has room for. */
export const FIRST = 30;
/** So many at once after that; whatever happens meanwhile waits for no more than these. */
export const THEN = 30;

const newest = (one: GroupListed, other: GroupListed): number => other.last - one.last;
/** Those with something unread come first, so that what is counted is soon right. */
const unreadFirst = (one: GroupListed, other: GroupListed): number =>
  Number(other.place > other.read) - Number(one.place > one.read) || newest(one, other);

export class Backlog {
  readonly #waiting = new Map<string, GroupListed>();

  get size(): number {
    return this.#waiting.size;
  }

  has(group: string): boolean {
    return this.#waiting.has(group);
  }

  put(listed: GroupListed): void {
    this.#waiting.set(listed.group, listed);
  }

  /** As the server lists them now; what it does not list any more is not read. */
  renew(listed: GroupListed[]): void {
    const now = new Map(listed.map((each) => [each.group, each]));
    for (const group of [...this.#waiting.keys()]) {
      const found = now.get(group);
      if (found) this.#waiting.set(group, found);
      else this.#waiting.delete(group);
    }
  }

  /** Once they have been read. */
  done(listed: GroupListed[]): void {
    for (const { group } of listed) this.#waiting.delete(group);
  }

  first(): GroupListed[] {
    return [...this.#waiting.values()].sort(newest).slice(0, FIRST);
  }

  next(): GroupListed[] {
    return [...this.#waiting.values()].sort(unreadFirst).slice(0, THEN);
  }

  /** Of these groups those that have not been read. */
  among(groups: Iterable<string>): GroupListed[] {
    return [...new Set(groups)].flatMap((group) => this.#waiting.get(group) ?? []);
  }
}
