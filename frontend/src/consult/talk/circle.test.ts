/** Teams that one is not in: what is sealed to them, who may write for them, and what a server may not make of them. */

import { beforeEach, expect, it, vi } from "vitest";
import { b64, type Bytes } from "../../crypto/encoding.ts";
import { groupKeyName, stateGroupKey } from "../../crypto/group_keys.ts";
import { stateAct } from "../../crypto/membership.ts";
import { statePersonKey } from "../../crypto/persons.ts";
import { peek, type Signer, signerOf, type Statement, statementName } from "../../crypto/statements.ts";
import { publicName, publicOf } from "../../crypto/suite.ts";
import { TYP } from "../account.ts";
import type { FeedEvent } from "../api.ts";
import { Circle } from "./circle.ts";

const random = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length));

interface Actor {
  id: string;
  member: string;
  kem: Bytes;
  signer: Signer;
  events: FeedEvent[];
}

let feed = 0;
async function event(typ: string, signed: Statement, person: string, group: string | null): Promise<FeedEvent> {
  const name = await statementName(typ, peek(signed));
  return { feed: ++feed, received_at: "2027-10-12T10:00:00Z", statement: { typ, name, person, group, signed } };
}

async function actor(): Promise<Actor> {
  const [id, kemSeed, signer] = [b64(random(16)), random(32), await signerOf(random(32))];
  const signed = await statePersonKey({ person: id, generation: 1, kemSeed, signer, previous: null, at: 1 });
  return { id, member: `person:${id}`, kem: await publicOf(kemSeed), signer, events: [await event(TYP.personKey, signed, id, null)] };
}

let people: Actor[];
let answers: Record<string, { name: string | null; events: FeedEvent[] }>;
let asked: string[];
let circle: Circle;

beforeEach(async () => {
  people = [await actor(), await actor(), await actor()];
  answers = {};
  asked = [];
  vi.stubGlobal("fetch", async (address: string) => {
    const { searchParams } = new URL(address, "https://balie.example");
    asked.push(address);
    const team = searchParams.get("team");
    const found = answers[team ?? ""];
    const after = Number(searchParams.get("after"));
    if (team !== null && !found) return Response.json({ code: "not_found", title: "" }, { status: 404 });
    if (found) {
      const events = found.events.filter((each) => each.feed > after);
      return Response.json({ team, name: found.name, practice: null, events, after: feed, more: false });
    }
    const wanted = searchParams.get("persons")!.split(",");
    return Response.json({ people: people.filter(({ id }) => wanted.includes(id)).map(({ id, events }) => ({ person: id, name: "?", events })) });
  });
  circle = new Circle(people[0]!.id, new Map(), null);
});

async function keyOf(by: Actor, group: string, heads: string[], to: Actor[], at: number) {
  const key = random(32);
  const [kem, name] = [await publicOf(key), await groupKeyName("team", group, key)];
  const sorted = [...to].sort((one, other) => (one.member < other.member ? -1 : 1));
  const recipients = await Promise.all(sorted.map(async (each) => ({ member: each.member, kem: await publicName(each.kem) })));
  const form = { v: 1 as const, suite: 1, group, key: name, kem: b64(kem), heads, to: recipients, by: by.id, as: by.member, at };
  return { name, kem, stated: await event(TYP.groupKey, await stateGroupKey(form, by.signer), by.id, group) };
}

/** Of the second and the third; the first, whose circle it is, is outside. */
async function team() {
  const [, bilal, chris] = people as [Actor, Actor, Actor];
  const members = [bilal, chris].map(({ member }) => ({ member, role: member === bilal.member ? ("admin" as const) : ("member" as const) }));
  members.sort((one, other) => (one.member < other.member ? -1 : 1));
  const form = { v: 1 as const, act: "create" as const, kind: "team" as const, members, keepers: [], nonce: b64(random(16)) };
  const signed = await stateAct({ ...form, by: bilal.id, as: bilal.member, at: 1 }, bilal.signer);
  const group = await statementName(TYP.act, peek(signed));
  const created = await event(TYP.act, signed, bilal.id, group);
  const key = await keyOf(bilal, group, [group], [bilal, chris], 1);
  answers[group] = { name: "Vakgroep", events: [created, key.stated] };
  return { group, member: `team:${group}`, key };
}

it("seals to the key of a team that one is not in, and says who reads along", async () => {
  const { member, key } = await team();
  await circle.meet([member]);
  expect(circle.name(member)).toBe("Vakgroep");
  expect(circle.kem(member)).toBe(key.name);
  expect(circle.publicKey(member)).toEqual({ suite: 1, key: key.kem });
  expect(circle.readers(member).sort()).toEqual([people[1]!.id, people[2]!.id].sort());
});

it("seals to no key that somebody has who is not in the team", async () => {
  const [anna, bilal, chris] = people as [Actor, Actor, Actor];
  const { group, member, key } = await team();
  answers[group]!.events.push((await keyOf(bilal, group, [group], [anna, bilal, chris], 9)).stated);
  answers[group]!.events.push((await keyOf(anna, group, [group], [bilal, chris], 9)).stated);
  await circle.meet([member]);
  expect(circle.kem(member)).toBe(key.name);
});

it("asks again what is new, and has no key once somebody was removed until a colleague made one", async () => {
  const [, bilal, chris] = people as [Actor, Actor, Actor];
  const { group, member } = await team();
  await circle.meet([member]);
  const change = { v: 1 as const, act: "remove" as const, group, member: chris.member, by: bilal.id, as: bilal.member, after: [group], at: 2 };
  const removal = await event(TYP.act, await stateAct(change, bilal.signer), bilal.id, group);
  answers[group]!.events.push(removal);
  await circle.meet([member]);
  expect(circle.readers(member)).toHaveLength(2);
  await circle.meet([member], true);
  expect(circle.readers(member)).toEqual([bilal.id]);
  expect(circle.publicKey(member)).toBeNull();
  const fresh = await keyOf(bilal, group, [removal.statement!.name], [bilal], 3);
  answers[group]!.events.push(fresh.stated);
  await circle.meet([member], true);
  expect(circle.kem(member)).toBe(fresh.name);
});

it("lets people of a team write for it, and nobody else", async () => {
  const [anna, bilal] = people as [Actor, Actor, Actor];
  const { member } = await team();
  expect(circle.writers(member, anna.id)).toEqual([anna.id]); // as long as nothing is known of it
  await circle.meet([member]);
  expect(circle.writers(member, anna.id)).toContain(bilal.id);
  expect(circle.writers(member, anna.id)).not.toContain(anna.id);
  const [known] = circle.signers([bilal.id], feed);
  expect(known?.teams).toEqual([member]);
  expect(circle.signers([anna.id], feed).flatMap(({ teams }) => teams)).toEqual([]);
});

it("seals nothing to a team that one may not know", async () => {
  const unknown = `team:${b64(random(32))}`;
  await circle.meet([unknown]);
  expect([circle.kem(unknown), circle.publicKey(unknown)]).toEqual([null, null]);
  expect(asked).toHaveLength(1);
});

/** Chris lost all keys; these vouch for new ones. */
async function admittedBy(...vouching: Actor[]) {
  const chris = people[2]!;
  const [kemSeed, signer] = [random(32), await signerOf(random(32))];
  const previous = chris.events[0]!.statement!.name;
  const signed = await statePersonKey({ person: chris.id, generation: 2, kemSeed, signer, previous, at: 2 }, vouching.map((each) => each.signer));
  chris.events.push(await event(TYP.personKey, signed, chris.id, null));
  return publicName(await publicOf(kemSeed));
}

it("takes a new key when two administrators of a team vouch for it, and says so", async () => {
  const [anna, bilal, chris] = people as [Actor, Actor, Actor];
  const { group, member } = await team();
  const add = { v: 1 as const, act: "add" as const, group, member: anna.member, role: "admin" as const, by: bilal.id, as: bilal.member, after: [group], at: 2 };
  answers[group]!.events.push(await event(TYP.act, await stateAct(add, bilal.signer), bilal.id, group));
  const kem = await admittedBy(anna, bilal);
  await circle.meet([member, chris.member]);
  expect(circle.kem(chris.member)).toBe(kem);
  expect([circle.isAdmitted(chris.member), circle.isAdmitted(bilal.member)]).toEqual([true, false]);
});

it("keeps the former key when one of them does not administer the team", async () => {
  const [anna, bilal, chris] = people as [Actor, Actor, Actor];
  const { member } = await team();
  const kem = await admittedBy(anna, bilal);
  await circle.meet([member, chris.member]);
  expect(circle.kem(chris.member)).not.toBe(kem);
  expect(circle.isAdmitted(chris.member)).toBe(false);
});

it("takes nothing new that is signed with a key that was lost, and keeps what was signed with it before", async () => {
  const [anna, bilal, chris] = people as [Actor, Actor, Actor];
  const { group, member } = await team();
  const add = { v: 1 as const, act: "add" as const, group, member: anna.member, role: "admin" as const, by: bilal.id, as: bilal.member, after: [group], at: 2 };
  answers[group]!.events.push(await event(TYP.act, await stateAct(add, bilal.signer), bilal.id, group));
  const leaving = { v: 1 as const, act: "remove" as const, group, member: chris.member, by: chris.id, as: chris.member, after: [group], at: 2 };
  const signed = await stateAct(leaving, chris.signer);
  const before = await event(TYP.act, signed, chris.id, group);
  await admittedBy(anna, bilal);
  const after = await event(TYP.act, signed, chris.id, group);
  answers[group]!.events.push(after);
  await circle.meet([member, chris.member]);
  expect(circle.readers(member)).toContain(chris.id);
  answers[group]!.events = answers[group]!.events.map((each) => (each === after ? before : each));
  const fresh = new Circle(anna.id, new Map(), null);
  await fresh.meet([member, chris.member]);
  expect(fresh.readers(member)).not.toContain(chris.id);
});
