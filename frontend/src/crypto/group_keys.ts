/** Keys of teams and conversations, named by what they are (`docs/spec/consult/teams.md`). */

import * as v from "valibot";
import { KEY_BYTES } from "./boxes.ts";
import { type Bytes, info, nameOf, unb64, utf8 } from "./encoding.ts";
import { AFTER_MAX, ascending, type Kind, type Membership } from "./membership.ts";
import { decode, Id, Member, Name, Public, Time, Version } from "./payloads.ts";
import type { KnownKey } from "./persons.ts";
import { require } from "./reasons.ts";
import { kidOf, sign, type Signer, type Statement, verify } from "./statements.ts";
import { FIRST, type Kem, knownSuite, publicName, publicOf, seal, suites, unseal } from "./suite.ts";

const TYP = "balie-group-key+jws";
const MEMBERS_MAX = 512;

/** What somebody states when they make a key, or seal one to more members. `kem` is there for teams only, and `suite` is its. */
const GroupKey = v.strictObject({
  v: Version,
  suite: v.number(),
  group: Name,
  key: Name,
  kem: v.nullable(Public),
  heads: v.pipe(v.array(Name), v.minLength(1), v.maxLength(AFTER_MAX)),
  to: v.pipe(v.array(v.strictObject({ member: Member, kem: Name })), v.minLength(1), v.maxLength(MEMBERS_MAX)),
  by: Id,
  as: Member,
  at: Time,
});
export type GroupKey = v.InferOutput<typeof GroupKey>;

/** What a group's key is called: all of it, so that no key can pass for another. A team's is of this suite. */
export async function groupKeyName(kind: Kind, group: string, key: Bytes, suite: number = FIRST): Promise<string> {
  require(key.length === KEY_BYTES, "malformed-key", TYP);
  return kind === "team" ? publicName(await publicOf(key), suite) : nameOf("conversation-key", utf8(group), key);
}

const context = (group: string, key: string, member: string, kem: string): Bytes =>
  info("group-key", utf8(group), utf8(key), utf8(member), utf8(kem));

/** `key`, which is called `named`, sealed to one member, whose KEM key is `to`. */
export async function sealGroupKey(group: string, named: string, key: Bytes, member: string, to: Kem): Promise<Bytes> {
  return seal(to.key, context(group, named, member, await publicName(to.key, to.suite)), key, to.suite);
}

/** The key called `named`, sealed to `member`, whose seed is at hand. */
export async function openGroupKey(
  kind: Kind,
  group: string,
  named: string,
  member: string,
  seed: Bytes,
  sealed: Bytes,
): Promise<Bytes> {
  knownSuite(sealed[0], "sealed");
  const kem = await publicName(await publicOf(seed), sealed[0]);
  const key = await unseal(seed, context(group, named, member, kem), sealed);
  require(key.length === KEY_BYTES && (await suiteOfKey(kind, group, key, named)) !== null, "wrong-key", TYP);
  return key;
}

/** Under which suite a key bears this name; null when it does not. A conversation's has no suite: the first. */
export async function suiteOfKey(kind: Kind, group: string, key: Bytes, named: string): Promise<number | null> {
  for (const suite of suites.known.keys()) if ((await groupKeyName(kind, group, key, suite)) === named) return suite;
  return null;
}

export const stateGroupKey = (stated: GroupKey, signer: Signer): Promise<Statement> => sign(TYP, stated, [signer]);

/** What one of `known` states about a key of a group of this kind. */
export async function acceptGroupKey(statement: Statement, kind: Kind, known: KnownKey[]): Promise<GroupKey> {
  const keys = new Map(await Promise.all(known.map(async (each) => [await kidOf(each.sign), each] as const)));
  const signed = await verify(TYP, statement, new Map([...keys].map(([kid, { sign }]) => [kid, sign])));
  const stated = decode(signed.payload, GroupKey);
  knownSuite(stated.suite, TYP);
  require(signed.kids.length === 1, "malformed", TYP);
  const author = keys.get(signed.kids[0]!)!;
  require(stated.by === author.person, "wrong-person", TYP);
  require(stated.as === `person:${author.person}` || author.teams?.includes(stated.as), "not-allowed", TYP);
  require(ascending(stated.to.map(({ member }) => member)) && ascending(stated.heads), "malformed", TYP);
  require((stated.kem !== null) === (kind === "team"), "malformed", TYP);
  if (stated.kem !== null) require((await publicName(unb64(stated.kem), stated.suite)) === stated.key, "wrong-key", TYP);
  return stated;
}

/** The newest key that all members have under their current KEM keys, and nobody else; null: make one. */
export function chooseKey(
  group: string,
  membership: Membership,
  stated: Iterable<GroupKey>,
  current: ReadonlyMap<string, string>,
): string | null {
  const sealedTo = new Map<string, Set<string>>();
  const made = new Map<string, number>();
  for (const { group: of, as, key, to, at } of stated) {
    if (of !== group || !membership.members.has(as)) continue;
    sealedTo.set(key, new Set([...(sealedTo.get(key) ?? []), ...to.map(({ member, kem }) => `${member} ${kem}`)]));
    made.set(key, Math.max(at, made.get(key) ?? 0));
  }
  const wanted = new Set([...membership.members.keys()].map((member) => `${member} ${current.get(member)}`));
  const same = (to: Set<string>) => to.size === wanted.size && [...to].every((each) => wanted.has(each));
  const usable = [...sealedTo].filter(([, to]) => same(to)).map(([key]) => key);
  const newest = (one: string, other: string) => made.get(other)! - made.get(one)! || (one < other ? 1 : -1);
  return usable.sort(newest)[0] ?? null;
}
