/** One conversation as this client knows it: acts, keys and messages, each checked, in whatever order they came. */

import * as v from "valibot";
import { boxKid } from "../../crypto/boxes.ts";
import { type Bytes, unb64 } from "../../crypto/encoding.ts";
import { acceptGroupKey, chooseKey, type GroupKey, openGroupKey } from "../../crypto/group_keys.ts";
import { acceptAct, type Act, type Membership, replay } from "../../crypto/membership.ts";
import { type Opened, openMessage } from "../../crypto/messages.ts";
import { decode } from "../../crypto/payloads.ts";
import { Rejected, type Reason } from "../../crypto/reasons.ts";
import { peek } from "../../crypto/statements.ts";
import { TYP } from "../account.ts";
import type { FeedEvent, MessageEvent, StatedEvent } from "../api.ts";
import type { Directory } from "./directory.ts";

const SEEN_MOST = 16;

/** A message at its place: opened, or why not. `no-key`: it may still come, or was never meant for us. */
export type Placed = { place: number; at: string; event: MessageEvent } & (
  | { opened: Opened; fault?: never }
  | { opened?: never; fault: Reason | "no-key" }
);

interface KeyStated {
  stated: StatedEvent;
  form: GroupKey | null;
}

const personOf = (member: string): string => member.slice("person:".length);
/** Who an act names, read before anybody vouches for it: only to learn whose keys to fetch. */
const Named = v.object({
  by: v.string(),
  member: v.optional(v.string()),
  members: v.optional(v.array(v.object({ member: v.string() }))),
  to: v.optional(v.array(v.object({ member: v.string() }))),
});

export class Conversation {
  readonly group: string;
  readonly #acts = new Map<string, { stated: StatedEvent; act: Act | null }>();
  readonly #keyStatements = new Map<string, KeyStated>();
  readonly #keys = new Map<string, Bytes>();
  readonly #messages = new Map<number, { event: MessageEvent; at: string }>();
  readonly #placed = new Map<number, Placed>();
  #lastFeed = 0;
  /** Keys that the server takes no more, whatever the statements say. */
  readonly #retired = new Set<string>();
  membership: Membership = { kind: null, members: new Map(), heads: [], pending: [], refused: [], void: [] };

  constructor(group: string) {
    this.group = group;
  }

  take({ feed, statement, message, received_at }: FeedEvent): void {
    if (message) this.#lastFeed = Math.max(this.#lastFeed, feed);
    if (message) this.#messages.set(message.place, { event: message, at: received_at });
    if (statement?.typ === TYP.act && !this.#acts.has(statement.name)) {
      this.#acts.set(statement.name, { stated: statement, act: null });
    }
    if (statement?.typ === TYP.groupKey && !this.#keyStatements.has(statement.name)) {
      this.#keyStatements.set(statement.name, { stated: statement, form: null });
    }
  }

  /** Everybody who plays a part, whether or not they belong now. */
  persons(): Set<string> {
    const named = [...this.#acts.values(), ...this.#keyStatements.values()].flatMap(({ stated }) => {
      const { by, member, members = [], to = [] } = decode(peek(stated.signed), Named);
      return [`person:${by}`, member ?? "", ...[...members, ...to].map((each) => each.member)];
    });
    const authors = [...this.#messages.values()].map(({ event }) => event.person);
    return new Set([...named.filter((each) => each.startsWith("person:")).map(personOf), ...authors]);
  }

  /** Who belongs, other than oneself. */
  others(me: string): string[] {
    return [...this.membership.members.keys()].filter((each) => each.startsWith("person:")).map(personOf).filter((each) => each !== me);
  }

  /** Judge what came in; everybody in `persons()` must have been met. `seeds`: one's own, by the name of the KEM key. */
  async settle(directory: Directory, me: string, seeds: ReadonlyMap<string, Bytes>): Promise<void> {
    const known = directory.signers(this.persons());
    for (const each of this.#acts.values()) each.act ??= await acceptAct(each.stated.signed, known).catch(rejected);
    const acts = [...this.#acts.values()].flatMap(({ act }) => act ?? []);
    this.membership = replay(this.group, acts);
    for (const each of this.#keyStatements.values()) {
      each.form ??= await acceptGroupKey(each.stated.signed, "conversation", known).catch(rejected);
      await this.#openKey(each, `person:${me}`, seeds);
    }
    await this.#openMessages(directory);
  }

  async #openKey({ stated, form }: KeyStated, member: string, seeds: ReadonlyMap<string, Bytes>): Promise<void> {
    const copy = stated.sealed?.[member];
    const seed = seeds.get(form?.to.find((each) => each.member === member)?.kem ?? "");
    if (!form || !seed || copy === undefined || this.#keys.has(form.key)) return;
    const key = await openGroupKey("conversation", this.group, form.key, member, seed, unb64(copy)).catch(rejected);
    if (key) this.#keys.set(form.key, key);
  }

  async #openMessages(directory: Directory): Promise<void> {
    const writers = new Map([...this.#everMembers()].map((member) => [member, [personOf(member)]]));
    for (const [place, { event, at }] of this.#messages) {
      if (this.#placed.get(place)?.opened) continue;
      this.#placed.set(place, { place, at, event, ...(await this.#openOne(event, writers, directory)) });
    }
  }

  async #openOne(
    event: MessageEvent,
    writers: ReadonlyMap<string, string[]>,
    directory: Directory,
  ): Promise<{ opened: Opened } | { fault: Reason | "no-key" }> {
    const key = this.#keys.get(keyNamed(event.envelope) ?? "");
    if (!key) return { fault: "no-key" };
    const devices = directory.get(event.person)?.keys?.devices ?? [];
    try {
      return { opened: await openMessage(event.envelope, event.id, { conversation: this.group, key, devices, writers }) };
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
      return { fault: error.reason };
    }
  }

  /** Whoever is or was a member, by acts that hold. */
  #everMembers(): Set<string> {
    const ever = [...this.#acts.values()].flatMap(({ act }) => {
      if (!act) return [];
      return act.form.act === "create" ? act.form.members.map(({ member }) => member) : [act.form.member];
    });
    return new Set(ever.filter((member) => member.startsWith("person:")));
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
    return Math.max(0, ...this.#messages.keys());
  }

  /** Messages that we have and that nothing we have follows. */
  seen(): string[] {
    const opened = this.placed().flatMap((each) => each.opened ?? []);
    const followed = new Set(opened.flatMap(({ message }) => message.seen));
    return opened.map(({ name }) => name).filter((name) => !followed.has(name)).slice(-SEEN_MOST).sort();
  }

  /** The key to send under, by its name; null: one must be made. */
  sendingKey(directory: Directory): { name: string; key: Bytes } | null {
    const stated = [...this.#keyStatements.values()].flatMap(({ form }) => form ?? []);
    const usable = stated.filter(({ key }) => this.#keys.has(key) && !this.#retired.has(key));
    const name = chooseKey(this.group, this.membership, usable, this.#current(directory));
    return name === null ? null : { name, key: this.#keys.get(name)! };
  }

  #current(directory: Directory): Map<string, string> {
    const members = [...this.membership.members.keys()];
    return new Map(members.map((member) => [member, directory.get(personOf(member))?.kem ?? ""]));
  }

  retire(key: string): void {
    this.#retired.add(key);
  }
}

const rejected = (error: unknown): null => {
  if (error instanceof Rejected) return null;
  throw error;
};

function keyNamed(envelope: string): string | null {
  try {
    return boxKid(envelope);
  } catch (error) {
    return rejected(error);
  }
}
