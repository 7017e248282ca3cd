/**
 * The draw, recomputed in the browser: the same steps and names as `docs/spec/live.md`, section "draw", and as
 * `balie/waitingroom/draw.py`. Both pass `docs/spec/vectors/draw.json`.
 */

import type { PublishedDraw, PublishedRound } from "../lib/live.ts";

/** What must hold of a round, in the order in which a reader can follow it. */
export interface DrawChecks {
  /** The file is of a version we know. */
  version: boolean;
  /** The seed has 32 bytes and fits the seal; and that seal is the one this page saw beforehand, if it did. */
  seal: boolean;
  /** The list is in ascending order, without repeats, and has no ticket of an earlier round. */
  order: boolean;
  /** The list fits its hash. */
  list: boolean;
  /** The round stands in its place, and its numbers go on after those of the round before. */
  first: boolean;
  /** Our ticket is on the list; null when we claim none in this round, or came after its draw. */
  member: boolean | null;
  /** Our number follows from seed, beacon and list; null as above. */
  number: boolean | null;
}

export interface RoundResult {
  drawn: PublishedRound;
  checks: DrawChecks;
  /** The number that we come to ourselves; null when our ticket is not on the list, or we claim none. */
  number: number | null;
  right: boolean;
}

/** Our ticket with its number and the round in whose draw it was. */
export interface Own {
  ticket: string;
  number: number;
  round: number;
}

/** The seals that this browser read before the draws, by round. */
export type Seals = Record<number, string>;

const VERSION = 2;
const SEED_BYTES = 32;
const encoder = new TextEncoder();

export function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  if (!/^([0-9a-f]{2})*$/.test(hex)) throw new Error("not hexadecimal");
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

export async function hashList(tickets: readonly string[]): Promise<string> {
  return toHex(await sha256(encoder.encode([...tickets].sort().join("\n"))));
}

/** The tickets in the order of their numbers: the first has number 1. */
export async function drawNumbers(
  seed: Uint8Array,
  beacon: Uint8Array,
  tickets: readonly string[],
): Promise<string[]> {
  const secret = await sha256(new Uint8Array([...seed, ...beacon]));
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const ranked = await Promise.all(
    tickets.map(async (ticket) => ({
      ticket,
      rank: toHex(new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(ticket)))),
    })),
  );
  // Hexadecimal in lower case sorts like the bytes it stands for.
  ranked.sort((one, other) => compare(one.rank, other.rank) || compare(one.ticket, other.ticket));
  return ranked.map(({ ticket }) => ticket);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/**
 * Recomputes a published draw, every round of it, and our own number when we claim one. `sealsSeen` are the seals that
 * this browser read beforehand. Throws when the file is no draw at all.
 */
export async function verifyDraw(draw: PublishedDraw, own: Own | null, sealsSeen: Seals = {}): Promise<RoundResult[]> {
  const results: RoundResult[] = [];
  const before = new Set<string>();
  let next = 1;
  for (const [at, drawn] of draw.rounds.entries()) {
    const result = await verifyRound(drawn, own?.round === drawn.round ? own : null, sealsSeen[drawn.round] ?? null);
    result.checks.version = draw.version === VERSION;
    result.checks.first = drawn.round === at + 1 && drawn.first >= next && (at > 0 || drawn.first === 1);
    result.checks.order &&= drawn.tickets.every((ticket) => !before.has(ticket));
    result.right = Object.values(result.checks).every((check) => check !== false);
    results.push(result);
    for (const ticket of drawn.tickets) before.add(ticket);
    next = drawn.first + drawn.tickets.length;
  }
  return results;
}

/** What can be said of a round by itself. */
async function verifyRound(drawn: PublishedRound, own: Own | null, sealSeen: string | null): Promise<RoundResult> {
  const seed = fromHex(drawn.seed);
  const beacon = fromHex(drawn.beacon?.value ?? "");
  const sealed = toHex(await sha256(seed));
  const place = own ? (await drawNumbers(seed, beacon, drawn.tickets)).indexOf(own.ticket) : -1;
  const number = place === -1 ? null : drawn.first + place;
  const checks: DrawChecks = {
    version: true,
    seal: seed.length === SEED_BYTES && sealed === drawn.seed_hash && (sealSeen ?? sealed) === sealed,
    order: drawn.tickets.every((ticket, at) => at === 0 || (drawn.tickets[at - 1] ?? "") < ticket),
    list: (await hashList(drawn.tickets)) === drawn.list_hash,
    first: true,
    member: own && number !== null,
    number: own && number === own.number,
  };
  return { drawn, checks, number, right: true };
}
