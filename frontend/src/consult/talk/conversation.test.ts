/** What one believes of a conversation, from what a server gives: in any order, and with things in it that are not right. */

import { beforeEach, expect, it, vi } from "vitest";
import { certifyDevice, type Stating } from "../../crypto/devices.ts";
import { b64, type Bytes } from "../../crypto/encoding.ts";
import { groupKeyName, sealGroupKey, stateGroupKey } from "../../crypto/group_keys.ts";
import { stateAct } from "../../crypto/membership.ts";
import { sealMessage } from "../../crypto/messages.ts";
import { statePersonKey } from "../../crypto/persons.ts";
import { peek, type Signer, signerOf, type Statement, statementName } from "../../crypto/statements.ts";
import { publicName, publicOf } from "../../crypto/suite.ts";
import { TYP } from "../account.ts";
import type { FeedEvent } from "../api.ts";
import { Circle } from "./circle.ts";
import { Conversation } from "./conversation.ts";

const random = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length));
const AT = "2027-10-12T10:00:00Z";

class Actor {
  readonly id = b64(random(16));
  readonly device = b64(random(16));
  readonly member = `person:${this.id}`;
  readonly seed = random(32);
  events: FeedEvent[] = [];
  signer!: Signer;
  deviceSigner!: Signer;
  kem!: Bytes;

  static async make(): Promise<Actor> {
    const actor = new Actor();
    [actor.signer, actor.deviceSigner] = await Promise.all([signerOf(random(32)), signerOf(random(32))]);
    actor.kem = await publicOf(actor.seed);
    const { id: person, signer } = actor;
    const own = { person, generation: 1, kemSeed: actor.seed, signer, previous: null, at: 1 };
    const by: Stating = { person, generation: 1, at: 1, signer };
    const stated = [await statePersonKey(own), await certifyDevice(by, actor.device, actor.deviceSigner.publicKey)];
    actor.events = await Promise.all(stated.map((each, at) => event([TYP.personKey, TYP.device][at]!, each, person)));
    return actor;
  }
}

let feed = 0;
async function event(typ: string, signed: Statement, person: string, group: string | null = null, sealed?: Record<string, string>) {
  const name = await statementName(typ, peek(signed));
  return { feed: ++feed, received_at: AT, statement: { typ, name, person, group, signed, ...(sealed && { sealed }) } };
}

let anna: Actor;
let bilal: Actor;
let chris: Actor;
let group: string;
let created: FeedEvent;

beforeEach(async () => {
  [anna, bilal, chris] = [await Actor.make(), await Actor.make(), await Actor.make()];
  const everybody = new Map([anna, bilal, chris].map((each) => [each.id, each]));
  vi.stubGlobal("fetch", async (address: string) => {
    const wanted = new URL(address, "https://balie.example").searchParams.get("persons")!.split(",");
    return Response.json({ people: wanted.map((each) => ({ person: each, name: "?", events: everybody.get(each)!.events })) });
  });
  const members = [anna.member, bilal.member].sort().map((member) => ({ member, role: "member" as const }));
  const create = { v: 1 as const, act: "create" as const, kind: "conversation" as const, members, keepers: [], nonce: b64(random(16)) };
  const signed = await stateAct({ ...create, by: anna.id, as: anna.member, at: 1 }, anna.signer);
  group = await statementName(TYP.act, peek(signed));
  created = await event(TYP.act, signed, anna.id, group);
});

/** A key that `by` makes for these; `tamper` is what `bilal` gets instead. */
async function keyFor(by: Actor, members: Actor[], at = 1) {
  const key = random(32);
  const name = await groupKeyName("conversation", group, key);
  const sorted = [...members].sort((one, other) => (one.member < other.member ? -1 : 1));
  const to = await Promise.all(sorted.map(async ({ member, kem }) => ({ member, kem: await publicName(kem) })));
  const copy = async ({ member, kem }: Actor) => [member, b64(await sealGroupKey(group, name, key, member, { suite: 1, key: kem }))];
  const sealed: Record<string, string> = Object.fromEntries(await Promise.all(sorted.map(copy)));
  const stated = { v: 1 as const, suite: 1, group, key: name, kem: null, heads: [group], to, by: by.id, as: by.member, at };
  return { key, name, stated: await event(TYP.groupKey, await stateGroupKey(stated, by.signer), by.id, group, sealed) };
}

async function said(by: Actor, text: string, place: number, { key, name }: { key: Bytes; name: string }, signer = by.deviceSigner) {
  const id = b64(random(16));
  const content = { kind: "text", text, to: null, attachments: [] };
  const message = { v: 1 as const, conversation: group, id, person: by.id, device: by.device, as: by.member, key: name, seen: [], heads: [group], at: 1, content };
  const envelope = await sealMessage(message, signer, key);
  return { feed: ++feed, received_at: AT, message: { conversation: group, place, id, person: by.id, device: by.device, envelope } };
}

/** As Bilal sees it. */
async function seen(...events: FeedEvent[]) {
  const circle = new Circle(bilal.id, new Map([[await publicName(bilal.kem), bilal.seed]]), null);
  const conversation = new Conversation(group);
  const take = async (...more: FeedEvent[]): Promise<void> => {
    for (const each of more) conversation.take(each);
    await circle.meet([...conversation.named(), ...[...conversation.authors()].map((each) => `person:${each}`)]);
    await conversation.settle(circle);
  };
  await take(...events);
  return { conversation, circle, take };
}

const texts = ({ conversation }: Awaited<ReturnType<typeof seen>>) =>
  conversation.placed().map(({ opened, fault }) => opened?.message.content.text ?? fault);

it("opens what was said, in whatever order it came", async () => {
  const key = await keyFor(anna, [anna, bilal]);
  const [one, two] = [await said(anna, "een", 1, key), await said(bilal, "twee", 2, key)];
  expect(texts(await seen(two, one, key.stated, created))).toEqual(["een", "twee"]);
});

it("opens what came before its key as soon as the key comes", async () => {
  const key = await keyFor(anna, [anna, bilal]);
  const found = await seen(created, await said(anna, "een", 1, key));
  expect(texts(found)).toEqual(["no-key"]);
  await found.take(key.stated);
  expect(texts(found)).toEqual(["een"]);
});

it("shows nothing that another device signed in somebody's name", async () => {
  const key = await keyFor(anna, [anna, bilal]);
  expect(texts(await seen(created, key.stated, await said(anna, "vals", 1, key, chris.deviceSigner)))).toEqual(["unknown-signer"]);
});

it("shows nothing of somebody who was never a member, whatever key they have", async () => {
  const key = await keyFor(anna, [anna, bilal]);
  expect(texts(await seen(created, key.stated, await said(chris, "binnengedrongen", 1, key)))).toEqual(["not-allowed"]);
});

it("shows nothing that was moved here from another message", async () => {
  const key = await keyFor(anna, [anna, bilal]);
  const one = await said(anna, "een", 1, key);
  const moved = { ...one, message: { ...one.message, id: b64(random(16)), place: 2 } };
  expect(texts(await seen(created, key.stated, one, moved))).toEqual(["een", "wrong-message"]);
});

it("sends under a key that everybody has and nobody else, and never under one that has retired", async () => {
  const [wide, old, fresh] = [await keyFor(anna, [anna, bilal, chris], 3), await keyFor(anna, [anna, bilal], 1), await keyFor(anna, [anna, bilal], 2)];
  const { conversation, circle } = await seen(created, wide.stated, old.stated, fresh.stated);
  expect(conversation.sendingKey(circle)?.name).toBe(fresh.name);
  conversation.retire(fresh.name);
  expect(conversation.sendingKey(circle)?.name).toBe(old.name);
  conversation.retire(old.name);
  expect(conversation.sendingKey(circle)).toBeNull();
});

it("makes a new key once somebody was removed", async () => {
  const key = await keyFor(anna, [anna, bilal]);
  const change = { v: 1 as const, act: "remove" as const, group, member: anna.member, by: anna.id, as: anna.member, after: [group], at: 2 };
  const removal = await event(TYP.act, await stateAct(change, anna.signer), anna.id, group);
  const { conversation, circle } = await seen(created, key.stated, removal);
  expect([...conversation.membership.members.keys()]).toEqual([bilal.member]);
  expect(conversation.sendingKey(circle)).toBeNull();
});

it("takes no key from somebody who does not belong", async () => {
  const key = await keyFor(chris, [anna, bilal]);
  const { conversation, circle } = await seen(created, key.stated);
  expect(conversation.sendingKey(circle)).toBeNull();
});
