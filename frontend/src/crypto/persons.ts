/** The keys of a person, generation after generation (`docs/spec/consult/keys.md`, "Person keys"). */

import * as v from "valibot";
import { b64, type Bytes, info, unb64, utf8 } from "./encoding.ts";
import { Count, decode, Id, Name, Public, Time, Version } from "./payloads.ts";
import { Rejected, require } from "./reasons.ts";
import { kidOf, peek, sign, type Signer, type Statement, verify } from "./statements.ts";
import { knownSuite, publicOf, suites } from "./suite.ts";

const TYP = "balie-person-key+jws";
/** How many must vouch for a key that nothing ties to the one before. */
export const ADMITTERS = 2;

const PersonKey = v.strictObject({
  v: Version,
  suite: v.number(),
  person: Id,
  generation: Count,
  kem: Public,
  sign: Name,
  previous: v.nullable(Name),
  at: Time,
});

/** The members of whatever somebody states with their person key of a generation. */
export const BY_PERSON = { v: Version, person: Id, generation: Count, at: Time };
type ByPerson = { person: string; generation: number };

/** What is accepted of a person's keys. */
export interface Person {
  person: string;
  generation: number;
  kem: Bytes;
  /** Of `kem`. */
  suite: number;
  sign: Bytes;
  name: string;
  how: "first" | "continued" | "admitted";
  vouchers: string[];
  /** Every signing key that still counts, by kid. */
  era: ReadonlyMap<string, { generation: number; publicKey: Bytes }>;
}

/** Somebody whose signature may count: a signing key of their era, and the teams (as members) they may act for. */
export interface KnownKey {
  person: string;
  sign: Bytes;
  teams?: string[];
}

/** The statement, signed by the new key and by `others`: the previous generation, or those who admit. */
export async function statePersonKey(
  own: { person: string; generation: number; kemSeed: Bytes; signer: Signer; previous: string | null; at: number },
  others: Signer[] = [],
): Promise<Statement> {
  const { person, generation, previous, at } = own;
  const keys = { kem: b64(await publicOf(own.kemSeed)), sign: b64(own.signer.publicKey) };
  return sign(TYP, { v: 1, suite: suites.current, person, generation, ...keys, previous, at }, [own.signer, ...others]);
}

/** The key that a statement is about, before anybody vouches for it. */
export function statedKey(statement: Statement) {
  const { person, generation, previous, suite, kem, sign: publicKey } = decode(peek(statement), PersonKey);
  return { person, generation, previous, suite, kem: unb64(kem), sign: unb64(publicKey) };
}

/** Who may vouch for a key that nothing ties to the one before: two people, or one reserve of a team (its signing key). */
export interface Vouchers {
  admitters?: KnownKey[];
  reserves?: Bytes[];
}

/** What is known of `person` after `statement`; `known` is what was accepted before. */
export async function acceptPersonKey(
  statement: Statement,
  { person, known, admitters = [], reserves = [] }: { person: string; known: Person | null } & Vouchers,
): Promise<Person> {
  const stated = decode(peek(statement), PersonKey);
  knownSuite(stated.suite, TYP);
  require(stated.person === person, "wrong-person", TYP);
  const next = known ? [known.generation + 1, known.name] : [1, null];
  require(stated.generation === next[0] && stated.previous === next[1], "not-the-next", TYP);
  const own = unb64(stated.sign);
  const ownKid = await kidOf(own);
  const vouching = new Map<string, KnownKey>();
  for (const each of admitters) if (each.person !== person) vouching.set(await kidOf(each.sign), each);
  const kept = await Promise.all(reserves.map(async (each) => [await kidOf(each), each] as const));
  const allowed = new Map([...kept, ...[...vouching].map(([kid, each]) => [kid, each.sign] as const)]).set(ownKid, own);
  const knownKid = known && (await kidOf(known.sign));
  if (known && knownKid) allowed.set(knownKid, known.sign);
  const signed = await verify(TYP, statement, allowed);
  const vouchers = [...new Set(signed.kids.flatMap((kid) => vouching.get(kid)?.person ?? []))].sort();
  const enough = vouchers.length >= ADMITTERS || kept.some(([kid]) => signed.kids.includes(kid));
  const how = !known ? "first" : signed.kids.includes(knownKid!) ? "continued" : enough ? "admitted" : null;
  require(how && signed.kids.includes(ownKid), "missing-signature", TYP);
  const era = new Map(how === "continued" ? known!.era : []);
  era.set(ownKid, { generation: stated.generation, publicKey: own });
  return { person, generation: stated.generation, kem: unb64(stated.kem), suite: stated.suite, sign: own, name: signed.name, how, vouchers, era };
}

/** What `person`, and nobody else, states with a key that still counts. */
export async function statedBy<const F extends v.GenericSchema<unknown, ByPerson>>(
  person: Person,
  typ: string,
  form: F,
  statement: Statement,
): Promise<v.InferOutput<F>> {
  const publics = new Map([...person.era].map(([kid, { publicKey }]) => [kid, publicKey]));
  const signed = await verify(typ, statement, publics);
  const stated = decode(signed.payload, form);
  require(stated.person === person.person, "wrong-person", typ);
  require(signed.kids.length === 1, "malformed", typ);
  if (person.era.get(signed.kids[0]!)!.generation !== stated.generation) throw new Rejected("wrong-key", typ);
  return stated;
}

/** Sixty digits that two people compare: thirty of each, the smaller first. */
export const safetyNumber = async (one: Person, other: Person): Promise<string> =>
  [await digits(one), await digits(other)].sort().join("");

/** Thirty digits of one person: what is compared before others vouch for a key. */
export async function digits({ person, suite, kem, sign }: Pick<Person, "person" | "suite" | "kem" | "sign">): Promise<string> {
  const named = info("safety-number", utf8(person), Uint8Array.of(suite), kem, sign);
  const hashed = new Uint8Array(await crypto.subtle.digest("SHA-512", named));
  const groups = [0, 5, 10, 15, 20, 25].map((at) => hashed.slice(at, at + 5).reduce((sum, byte) => sum * 256 + byte, 0));
  return groups.map((number) => String(number % 100_000).padStart(5, "0")).join("");
}
