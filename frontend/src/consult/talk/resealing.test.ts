/** A second suite comes, which only tests have: keys are sealed again to who had them, and to nobody else. */

import { CipherSuite, HkdfSha512, Aes256Gcm } from "@hpke/core";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { b64, type Bytes, unb64, utf8 } from "../../crypto/encoding.ts";
import { acceptGroupKey, groupKeyName, openGroupKey, sealGroupKey, stateGroupKey } from "../../crypto/group_keys.ts";
import { stateAct } from "../../crypto/membership.ts";
import { acceptPersonKey, statePersonKey } from "../../crypto/persons.ts";
import { peek, type Signer, signerOf, type Statement, statementName } from "../../crypto/statements.ts";
import { FIRST, KEM, type Kem, publicName, publicOf, seal, seedsByName, suites, unseal } from "../../crypto/suite.ts";
import { TYP } from "../account.ts";
import type { FeedEvent, Posted } from "../api.ts";
import type { Session } from "../session.ts";
import type { Circle } from "./circle.ts";
import { type Company, Group } from "./group.ts";
import { GroupActs } from "./group_acts.ts";
import type { Hearing } from "./hearing.ts";
import type { Renewal } from "./renewal.ts";
import { Resealing } from "./resealing.ts";

const SECOND = 2;
const random = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length));
const known = suites.known as Map<number, CipherSuite>;

function begin(): void {
  known.set(SECOND, new CipherSuite({ kem: KEM, kdf: new HkdfSha512(), aead: new Aes256Gcm() }));
  (suites as { current: number }).current = SECOND;
}

afterEach(() => {
  known.delete(SECOND);
  (suites as { current: number }).current = FIRST;
});

interface Actor {
  id: string;
  member: string;
  seed: Bytes;
  kem: Kem;
  signer: Signer;
}

async function actor(): Promise<Actor> {
  const [id, seed, signer] = [b64(random(16)), random(32), await signerOf(random(32))];
  return { id, member: `person:${id}`, seed, kem: { suite: FIRST, key: await publicOf(seed) }, signer };
}

/** With a key of the current suite. */
async function renewed(who: Actor): Promise<void> {
  who.seed = random(32);
  who.kem = { suite: suites.current, key: await publicOf(who.seed) };
}

let people: Actor[];
let group: Group;
let key: Bytes;
let name: string;
let feed: number;
let posted: Posted[];
let acts: GroupActs;

const names = new Map<string, string>();
const company: Company = {
  signers: (persons) => [...persons].flatMap((person) => people.filter(({ id }) => id === person).map(({ signer }) => ({ person, sign: signer.publicKey }))),
  seed: (member, kem) => (member === people[0]!.member && names.get(member) === kem ? people[0]!.seed : undefined),
  kem: (member) => names.get(member) ?? null,
};

async function met(): Promise<void> {
  for (const { member, kem } of people) names.set(member, await publicName(kem.key, kem.suite));
}

async function event(typ: string, signed: Statement, by: Actor, sealed?: Record<string, string>): Promise<FeedEvent> {
  const statement = { typ, name: await statementName(typ, peek(signed)), person: by.id, group: group?.group ?? null, signed, ...(sealed ? { sealed } : {}) };
  return { feed: ++feed, received_at: "2027-10-12T10:00:00Z", statement };
}

async function keyed(by: Actor, to: Actor[]): Promise<FeedEvent> {
  const sorted = [...to].sort((one, other) => (one.member < other.member ? -1 : 1));
  const recipients = await Promise.all(sorted.map(async ({ member, kem }) => ({ member, kem: await publicName(kem.key, kem.suite) })));
  const copies = await Promise.all(sorted.map(async ({ member, kem }) => [member, b64(await sealGroupKey(group.group, name, key, member, kem))]));
  const form = { v: 1 as const, suite: FIRST, group: group.group, key: name, kem: null, heads: [group.group], to: recipients, by: by.id, as: by.member, at: 1 };
  return event(TYP.groupKey, await stateGroupKey(form, by.signer), by, Object.fromEntries(copies) as Record<string, string>);
}

beforeEach(async () => {
  [people, feed, posted] = [[await actor(), await actor(), await actor()], 0, []];
  const [anna, bilal, chris] = people as [Actor, Actor, Actor];
  const members = people.map(({ member }) => ({ member, role: "member" as const })).sort((one, other) => (one.member < other.member ? -1 : 1));
  const create = { v: 1 as const, act: "create" as const, kind: "conversation" as const, members, keepers: [], nonce: b64(random(16)), by: anna.id, as: anna.member, at: 1 };
  const signed = await stateAct(create, anna.signer);
  group = new Group(await statementName(TYP.act, peek(signed)), "conversation");
  key = random(32);
  name = await groupKeyName("conversation", group.group, key);
  // Chris has not this key: the conversation had another before.
  for (const each of [await event(TYP.act, signed, anna), await keyed(anna, [anna, bilal])]) group.take(each);
  await met();
  await group.judge(company);
  const circle = {
    ...company,
    self: anna.member,
    actsAs: () => anna.member,
    publicKey: (member: string) => people.find((each) => each.member === member)?.kem ?? null,
  };
  const session = {
    account: { person: { person: anna.id } },
    open: { keyset: { generations: [{ generation: 1, kem: b64(anna.seed), sign: b64(random(32)) }] } },
  };
  acts = new GroupActs(session as unknown as Session, circle as unknown as Circle);
  vi.stubGlobal("fetch", async (_: string, { body }: { body: string }) => {
    posted.push(...(JSON.parse(body) as { statements: Posted[] }).statements);
    return Response.json({ stored: [] });
  });
  if (typeof document === "undefined") vi.stubGlobal("document", { querySelector: () => null, cookie: "" });
  expect(chris.member in names).toBe(false);
});

it("has one suite unless a test makes another", () => {
  expect([[...suites.known.keys()], suites.current]).toEqual([[FIRST], FIRST]);
});

it("asks for nothing as long as there is no newer suite", async () => {
  const touched = new Proxy({}, { get: () => expect.unreachable() });
  await new Resealing(touched as Circle, touched as Hearing, acts, touched as Renewal).run();
  expect(posted).toEqual([]);
});

it("opens what is of either suite, each under its own names, and no third", async () => {
  begin();
  const seed = random(32);
  const publicKey = await publicOf(seed);
  for (const suite of [FIRST, SECOND]) {
    expect(await unseal(seed, utf8("info"), await seal(publicKey, utf8("info"), utf8("text"), suite))).toEqual(utf8("text"));
  }
  const relabelled = await seal(publicKey, utf8("info"), utf8("text"), FIRST);
  relabelled[0] = SECOND;
  await expect(unseal(seed, utf8("info"), relabelled)).rejects.toMatchObject({ reason: "unopenable" });
  relabelled[0] = 3;
  await expect(unseal(seed, utf8("info"), relabelled)).rejects.toMatchObject({ reason: "unknown-suite" });
  expect((await seedsByName([seed])).size).toBe(2);
});

it("makes keys of the newer suite, and takes those of before", async () => {
  const person = b64(random(16));
  const own = async (generation: number, previous: string | null) => ({ person, generation, kemSeed: random(32), signer: await signerOf(random(32)), previous, at: 1 });
  const before = await own(1, null);
  const first = await acceptPersonKey(await statePersonKey(before), { person, known: null });
  begin();
  const next = await acceptPersonKey(await statePersonKey(await own(2, first.name), [before.signer]), { person, known: first });
  expect([first.suite, next.suite, next.how]).toEqual([FIRST, SECOND, "continued"]);
});

it("seals a key again to who had it and has a newer one, and to nobody else", async () => {
  const [, bilal, chris] = people as [Actor, Actor, Actor];
  begin();
  await Promise.all([renewed(bilal), renewed(chris)]);
  await met();
  await acts.sealAgain(group);
  expect(posted).toHaveLength(1);
  const { signed, sealed } = posted[0] as { signed: Statement; sealed: Record<string, string> };
  expect(Object.keys(sealed)).toEqual([bilal.member]);
  const copy = unb64(sealed[bilal.member]!);
  expect(copy[0]).toBe(SECOND);
  expect(await openGroupKey("conversation", group.group, name, bilal.member, bilal.seed, copy)).toEqual(key);
  const said = JSON.parse(new TextDecoder().decode(peek(signed))) as { key: string; suite: number };
  expect([said.key, said.suite]).toEqual([name, SECOND]);
});

it("believes nobody who says that they have a key and got it from nobody", async () => {
  const chris = people[2]!;
  begin();
  await renewed(chris);
  group.take(await keyed(chris, [chris])); // the copy is real here; a liar's would be rubbish
  await renewed(chris);
  await met();
  await group.judge(company);
  expect(group.behind(company).get(name) ?? []).toEqual([]);
  const believed = await acceptGroupKey((await keyed(chris, [chris])).statement!.signed, "conversation", company.signers([chris.id], feed));
  expect(believed.key).toBe(name); // by itself the statement holds
});
