/**
 * The draw, recomputed in the browser: the same steps and names as `docs/spec/live.md`, section "draw", and as
 * `balie/waitingroom/draw.py`. Both pass `docs/spec/vectors/draw.json`.
 */

import type { PublishedDraw } from "../lib/live.ts";

/** What must hold, in the order in which a reader can follow it. */
export interface DrawChecks {
  /** The file is of a version we know. */
  version: boolean;
  /** The seed has 32 bytes and fits the seal; and that seal is the one this page saw beforehand, if it did. */
  seal: boolean;
  /** The list is in ascending order, without repeats. */
  order: boolean;
  /** The list fits its hash. */
  list: boolean;
  /** Our ticket is on the list; null when we claim none, having come after the draw. */
  member: boolean | null;
  /** Our number follows from seed, beacon and list; null as above. */
  number: boolean | null;
}

export interface DrawResult {
  checks: DrawChecks;
  /** The number that we come to ourselves; null when our ticket is not on the list, or we claim none. */
  number: number | null;
  right: boolean;
}

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
 * Recomputes a published draw, for one ticket when we claim one. `sealSeen` is the seal that this browser read before the draw, when it
 * did. Throws when the file is no draw at all.
 */
export async function verifyDraw(
  draw: PublishedDraw,
  own: { ticket: string; number: number } | null,
  sealSeen: string | null = null,
): Promise<DrawResult> {
  const seed = fromHex(draw.seed);
  const beacon = fromHex(draw.beacon?.value ?? "");
  const sealed = toHex(await sha256(seed));
  const place = own ? (await drawNumbers(seed, beacon, draw.tickets)).indexOf(own.ticket) : -1;
  const number = place === -1 ? null : place + 1;
  const checks: DrawChecks = {
    version: draw.version === 1,
    seal: seed.length === SEED_BYTES && sealed === draw.seed_hash && (sealSeen ?? sealed) === sealed,
    order: draw.tickets.every((ticket, at) => at === 0 || (draw.tickets[at - 1] ?? "") < ticket),
    list: (await hashList(draw.tickets)) === draw.list_hash,
    member: own && number !== null,
    number: own && number === own.number,
  };
  return { checks, number, right: Object.values(checks).every((check) => check !== false) };
}
