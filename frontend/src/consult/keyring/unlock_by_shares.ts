/**
 * Two of three shares, and with them the keyset: nonces first, one gesture for all, two servers at random, the third
 * when one of them is late or says no (`docs/spec/consult/release.md`).
 */

import { b64, type Bytes } from "../../crypto/encoding.ts";
import type { Person } from "../../crypto/persons.ts";
import { Rejected } from "../../crypto/reasons.ts";
import { challengeOf, type Offer, openReply } from "../../crypto/release.ts";
import { combine, type ShareSet, THRESHOLD } from "../../crypto/shares.ts";
import type { Statement } from "../../crypto/statements.ts";
import { publicOf } from "../../crypto/suite.ts";
import { unwrap } from "../../crypto/unlocking.ts";
import { AskError, type AskFault, ask, type KeyServerSettings } from "./key_server.ts";
import { opened, type OpenKeyset } from "./keyset.ts";
import type { Assertion } from "./passkey.ts";

/** A server that has not given its share by then gets company. */
export const HEDGE_MS = 150;
/** When two servers have given a nonce, the third gets so much longer. */
export const THIRD_NONCE_MS = 250;
/** Whoever cannot be helped hears so within this time. */
export const WITHIN_MS = 3000;

/** What a server did; for the person, who hears where it stuck, and for whoever mends it. */
export interface Part {
  server: string;
  did: "gave" | "not-asked" | "late" | "bad-reply" | "bad-share" | AskFault;
  route?: string;
}

/** Fewer than two servers gave their share. */
export class SharesError extends Error {
  readonly parts: Part[];

  constructor(parts: Part[]) {
    super(parts.map(({ server, did }) => `${server}: ${did}`).join(", "));
    this.name = "SharesError";
    this.parts = parts;
  }
}

export interface Unlocking {
  person: Person;
  stated: ShareSet;
  servers: KeyServerSettings[];
  token: (server: string) => Promise<string>;
  /** Resolves so many milliseconds from now; tests give their own. */
  after?: (ms: number) => Promise<void>;
}

/** What the gesture must sign, and what goes along with it. */
export interface Question {
  challenge: Bytes;
  replySeed: Bytes;
  reply: Bytes;
  offers: Offer[];
  /** Of those who gave no nonce: why. */
  silent: Part[];
}

/** What shows a key server that the person wants this. */
export type Proof = { assertion: Assertion } | { approval: Statement };

interface Released {
  reply: string;
  keyset: string;
  unlock: string;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const faultOf = (server: string, error: unknown): Part => {
  if (error instanceof AskError) return { server, did: error.fault };
  if (error instanceof Rejected) return { server, did: error.reason === "bad-share" ? "bad-share" : "bad-reply" };
  throw error;
};

/** Ask every server for a nonce. SharesError if fewer than two give one. */
export async function prepare({ stated, servers, token, after = pause }: Unlocking): Promise<Question> {
  const ended = new AbortController();
  const nonces = new Map<string, string>();
  const faults = new Map<string, Part>();
  await new Promise<void>((resolve) => {
    const asked = servers.map(async (each) => {
      try {
        const { answer } = await ask<{ nonce: string }>(each, "nonce", {}, { token, signal: ended.signal });
        nonces.set(each.server, answer.nonce);
        if (nonces.size === THRESHOLD) void after(THIRD_NONCE_MS).then(resolve);
      } catch (error) {
        faults.set(each.server, faultOf(each.server, error));
      }
    });
    void Promise.all(asked).then(() => resolve());
    void after(WITHIN_MS).then(resolve);
  });
  ended.abort();
  const offers = stated.shares.map(({ server }) => ({ server, nonce: nonces.get(server) ?? null }));
  const silent = offers
    .filter(({ nonce }) => nonce === null)
    .map(({ server }): Part => faults.get(server) ?? { server, did: "late" });
  if (nonces.size < THRESHOLD) throw new SharesError([...silent, ...[...nonces.keys()].map(unasked)]);
  const replySeed = crypto.getRandomValues(new Uint8Array(32));
  const reply = await publicOf(replySeed);
  return { challenge: await challengeOf(stated, reply, offers), replySeed, reply, offers, silent };
}

const unasked = (server: string): Part => ({ server, did: "not-asked" });

/** The keyset, from the shares of two servers. SharesError if fewer than two give theirs. */
export async function collect(
  unlocking: Unlocking,
  question: Question,
  proof: Proof,
): Promise<{ open: OpenKeyset; parts: Part[] }> {
  const { person, stated } = unlocking;
  const { shares, boxes, parts } = await gathered(unlocking, question, proof);
  if (shares.size < THRESHOLD) throw new SharesError(parts);
  const secret = await combine(stated, shares);
  let fault: unknown;
  for (const { keyset, unlock } of boxes) {
    try {
      const key = await unwrap("shares", person.person, secret, unlock);
      return { open: await opened(keyset, key, person), parts };
    } catch (error) {
      fault = error;
    }
  }
  throw fault;
}

/** Two shares, or what there is when all have answered or the time is over. */
async function gathered(
  { person, stated, servers, token, after = pause }: Unlocking,
  { challenge, replySeed, reply, offers, silent }: Question,
  proof: Proof,
): Promise<{ shares: Map<string, Bytes>; boxes: Released[]; parts: Part[] }> {
  const ended = new AbortController();
  const body = { v: 1, person: person.person, set: stated.set, reply: b64(reply), offers, ...proof };
  const shares = new Map<string, Bytes>();
  const boxes: Released[] = [];
  const parts: Part[] = [...silent];
  const waiting = shuffled(servers.filter(({ server }) => offers.some((each) => each.server === server && each.nonce)));
  const asked = async (each: KeyServerSettings): Promise<Part> => {
    try {
      const { answer, route } = await ask<Released>(each, "release", body, { token, signal: ended.signal });
      const share = await openReply(stated, each, replySeed, { text: answer.reply, challenge });
      shares.set(each.server, share);
      boxes.push(answer);
      return { server: each.server, did: "gave", route };
    } catch (error) {
      return faultOf(each.server, error);
    }
  };
  await new Promise<void>((resolve, reject) => {
    let underway = 0;
    const next = (): void => {
      const each = waiting.shift();
      if (!each) return underway === 0 ? resolve() : undefined;
      underway += 1;
      asked(each).then((part) => {
        underway -= 1;
        parts.push(part);
        if (shares.size >= THRESHOLD) resolve();
        else if (part.did !== "gave" || underway === 0) next();
      }, reject);
    };
    for (let each = 0; each < THRESHOLD; each += 1) next();
    void after(HEDGE_MS).then(() => (shares.size < THRESHOLD && waiting.length > 0 ? next() : undefined));
    void after(WITHIN_MS).then(resolve);
  });
  ended.abort();
  const late = servers.filter(({ server }) => !parts.some((part) => part.server === server));
  const left = late.map((each): Part => ({ server: each.server, did: waiting.includes(each) ? "not-asked" : "late" }));
  return { shares, boxes, parts: [...parts, ...left] };
}

function shuffled<T>(items: T[]): T[] {
  const drawn = crypto.getRandomValues(new Uint32Array(items.length));
  return items.map((item, at) => ({ item, at: drawn[at]! })).sort((one, other) => one.at - other.at).map(({ item }) => item);
}
