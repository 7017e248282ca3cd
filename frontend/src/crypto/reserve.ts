/** The reserve: a team's keys sealed to one more, of which three people hold parts on paper (`docs/spec/consult/reserve.md`). */

import * as shamir from "shamir-secret-sharing";
import * as v from "valibot";
import { KEY_BYTES } from "./boxes.ts";
import { b64, type Bytes, ID_BYTES, info, joined, nameOf, sha256, unb64, utf8 } from "./encoding.ts";
import { decode, Id, Member, Name, Public, Time, Version } from "./payloads.ts";
import { suiteOfKey } from "./group_keys.ts";
import type { KnownKey } from "./persons.ts";
import { require } from "./reasons.ts";
import { split, THRESHOLD } from "./shares.ts";
import { kidOf, sign, type Signer, signerOf, type Statement, verify } from "./statements.ts";
import { type Kem, knownSuite, publicName, publicOf, seal, unseal } from "./suite.ts";

const TYP = "balie-reserve+jws";
const PARTS = 3;
const VERSION = 1;
const SHARE_BYTES = KEY_BYTES + 1;
const BODY_BYTES = 2 + ID_BYTES + 2 * SHARE_BYTES;
const LINES = 6;
const LINE_BYTES = BODY_BYTES / LINES;
const LINE_LETTERS = 24;
const LETTERS = LINES * LINE_LETTERS;
const GROUP = 4;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const ALIKE: Record<string, string> = { "0": "O", "1": "I", "8": "B" };
const BITS = 5;

/** What an administrator of a team states when they make its reserve; `parts` are names, by number. */
const Reserve = v.strictObject({
  v: Version,
  suite: v.number(),
  team: Name,
  set: Id,
  kem: Public,
  sign: Name,
  drill: Name,
  parts: v.pipe(v.array(Name), v.length(PARTS)),
  by: Id,
  as: Member,
  at: Time,
});
export type Reserve = v.InferOutput<typeof Reserve>;

/** What one holder has; `data` is all of it. */
export interface Part {
  number: number;
  set: string;
  keyShare: Bytes;
  drillShare: Bytes;
  data: Bytes;
}

/** Three parts of a reserve key and its drill secret. */
export async function makeParts(set: string, seed: Bytes, drillSecret: Bytes): Promise<Bytes[]> {
  const [keys, drills] = await Promise.all([split(seed), split(drillSecret)]);
  return Promise.all(keys.map((share, at) => partOf(at + 1, set, share, drills[at]!)));
}

export async function partOf(number: number, set: string, keyShare: Bytes, drillShare: Bytes): Promise<Bytes> {
  const body = joined(Uint8Array.of(VERSION, number), unb64(set, ID_BYTES), keyShare, drillShare);
  const lines = Array.from({ length: LINES }, (_, at) => lineOf(at + 1, body.slice(at * LINE_BYTES, (at + 1) * LINE_BYTES)));
  return joined(...(await Promise.all(lines)));
}

/** With its check: of 256 ways to mistype a line one goes unseen, until the whole part is compared. */
const lineOf = async (at: number, data: Bytes): Promise<Bytes> =>
  joined(data, (await sha256(info("reserve-line", Uint8Array.of(at), data))).slice(0, 1));

const pieces = (letters: string, length: number): string[] => letters.match(new RegExp(`.{1,${length}}`, "g")) ?? [];

/** As it stands on paper, on lines of six groups of four letters. */
export const writePart = (part: Bytes): string =>
  pieces(toLetters(part), LINE_LETTERS).map((line) => pieces(line, GROUP).join(" ")).join("\n");

function toLetters(data: Bytes): string {
  const bits = [...data].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return pieces(bits, BITS).map((piece) => ALPHABET[parseInt(piece, 2)]).join("");
}

/** The bytes of these letters; null where one is no letter of ours. */
function fromLetters(letters: string): Bytes | null {
  const values = [...letters].map((letter) => ALPHABET.indexOf(letter));
  if (values.includes(-1)) return null;
  const bits = values.map((value) => value.toString(2).padStart(BITS, "0")).join("");
  return Uint8Array.from(pieces(bits, 8), (byte) => parseInt(byte, 2));
}

/** What was typed or scanned, without what does not count. */
const lettersIn = (text: string): string =>
  text.replace(/[ \t\r\n-]/g, "").replace(/[a-z]/g, (letter) => letter.toUpperCase()).replace(/[018]/g, (letter) => ALIKE[letter]!);

/** The bytes of a line, if it is one. */
async function readLine(at: number, letters: string): Promise<Bytes | null> {
  const line = fromLetters(letters);
  if (line?.length !== LINE_BYTES + 1) return null;
  const data = line.slice(0, LINE_BYTES);
  return b64(await lineOf(at, data)) === b64(line) ? data : null;
}

/** How many letters were typed of how many, and, where there are as many, the numbers of lines that are wrong. */
export async function misread(text: string): Promise<{ letters: number; needed: number; lines: number[] }> {
  const letters = lettersIn(text);
  const found = { letters: letters.length, needed: LETTERS };
  if (letters.length !== LETTERS) return { ...found, lines: [] };
  const lines = await Promise.all(pieces(letters, LINE_LETTERS).map((line, at) => readLine(at + 1, line)));
  return { ...found, lines: lines.flatMap((line, at) => (line === null ? [at + 1] : [])) };
}

/** The number of the part that somebody types, as soon as its first line is right; null where it is not. */
export async function numberOn(text: string): Promise<number | null> {
  const first = await readLine(1, lettersIn(text).slice(0, LINE_LETTERS));
  return first?.[0] === VERSION && first[1]! >= 1 && first[1]! <= PARTS ? first[1]! : null;
}

/** A part as somebody types it, or a camera reads it. */
export async function readPart(text: string): Promise<Part> {
  const letters = lettersIn(text);
  require(letters.length === LETTERS, "malformed", "part");
  const lines = await Promise.all(pieces(letters, LINE_LETTERS).map((line, at) => readLine(at + 1, line)));
  const whole = lines.filter((line) => line !== null);
  require(whole.length === LINES, "malformed", "part");
  const body = joined(...whole);
  const [version, number] = body as unknown as [number, number];
  require(version === VERSION && number >= 1 && number <= PARTS, "malformed", "part");
  const shares = body.slice(2 + ID_BYTES);
  const [keyShare, drillShare] = [shares.slice(0, SHARE_BYTES), shares.slice(SHARE_BYTES)];
  return { number, set: b64(body.slice(2, 2 + ID_BYTES)), keyShare, drillShare, data: fromLetters(letters)! };
}

/** With which a reserve key vouches for members who lost theirs. */
export async function signSeedOf(seed: Bytes): Promise<Bytes> {
  const material = await crypto.subtle.importKey("raw", seed, "HKDF", false, ["deriveBits"]);
  const kdf = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info: info("reserve-sign") };
  return new Uint8Array(await crypto.subtle.deriveBits(kdf, material, KEY_BYTES * 8));
}

export const partName = (team: string, part: Bytes): Promise<string> => nameOf("reserve-part", utf8(team), part);

export const drillName = (set: string, secret: Bytes): Promise<string> => nameOf("reserve-drill", utf8(set), secret);

export const stateReserve = (reserve: Reserve, signer: Signer): Promise<Statement> => sign(TYP, reserve, [signer]);

/** What one of `known` states; that they administer the team is for the caller to see. */
export async function acceptReserve(statement: Statement, known: KnownKey[]): Promise<Reserve> {
  const keys = new Map(await Promise.all(known.map(async (each) => [await kidOf(each.sign), each] as const)));
  const signed = await verify(TYP, statement, new Map([...keys].map(([kid, { sign }]) => [kid, sign])));
  const reserve = decode(signed.payload, Reserve);
  knownSuite(reserve.suite, TYP);
  require(signed.kids.length === 1 && new Set(reserve.parts).size === PARTS, "malformed", TYP);
  const author = keys.get(signed.kids[0]!)!.person;
  require(reserve.by === author && reserve.as === `person:${author}`, "wrong-person", TYP);
  return reserve;
}

/** It is of this reserve, and as it was handed out. */
export async function checkPart(reserve: Reserve, part: Part): Promise<void> {
  require(part.set === reserve.set, "wrong-set", String(part.number));
  require((await partName(reserve.team, part.data)) === reserve.parts[part.number - 1], "bad-share", String(part.number));
}

async function enough(reserve: Reserve, parts: Part[]): Promise<Part[]> {
  for (const part of parts) await checkPart(reserve, part);
  const different = [...new Map(parts.map((part) => [part.number, part])).values()];
  require(different.length >= THRESHOLD, "too-few-shares", reserve.set);
  return different;
}

/** That these parts would give the reserve key back, without doing so. */
export const drill = async (reserve: Reserve, parts: Part[]): Promise<void> =>
  drillWith(reserve, (await enough(reserve, parts)).map(({ drillShare }) => drillShare));

/** The same, with shares of different parts that were checked before: all else in those can be forgotten by then. */
export async function drillWith(reserve: Reserve, shares: Bytes[]): Promise<void> {
  require(shares.length >= THRESHOLD, "too-few-shares", reserve.set);
  const secret = new Uint8Array(await shamir.combine(shares));
  require((await drillName(reserve.set, secret)) === reserve.drill, "wrong-key", TYP);
}

/** The seed of the reserve key. */
export async function restore(reserve: Reserve, parts: Part[]): Promise<Bytes> {
  const shares = (await enough(reserve, parts)).map(({ keyShare }) => keyShare);
  const seed = new Uint8Array(await shamir.combine(shares));
  const { publicKey } = await signerOf(await signSeedOf(seed));
  require(b64(await publicOf(seed)) === reserve.kem && b64(publicKey) === reserve.sign, "wrong-key", TYP);
  return seed;
}

const context = (team: string, key: string, reserveKey: string): Bytes => info("reserve-copy", utf8(team), utf8(key), utf8(reserveKey));

/** A team key, which is called `named`, sealed to the reserve key. */
export const sealCopy = async (team: string, named: string, seed: Bytes, { key, suite }: Kem): Promise<Bytes> =>
  seal(key, context(team, named, await publicName(key, suite)), seed, suite);

/** The team key called `named`. */
export async function openCopy(team: string, named: string, reserveSeed: Bytes, sealed: Bytes): Promise<Bytes> {
  knownSuite(sealed[0], "sealed");
  const reserveKey = await publicName(await publicOf(reserveSeed), sealed[0]);
  const seed = await unseal(reserveSeed, context(team, named, reserveKey), sealed);
  require(seed.length === KEY_BYTES && (await suiteOfKey("team", team, seed, named)) !== null, "wrong-key", TYP);
  return seed;
}
