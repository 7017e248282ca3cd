/** Getting a share back from a key server: one gesture serves all three (`docs/spec/consult/release.md`). */

import * as v from "valibot";
import { b64, type Bytes, info, sha256, unb64, utf8 } from "./encoding.ts";
import { decode, Id, Name, Secret, Server, Time, Version } from "./payloads.ts";
import { require } from "./reasons.ts";
import { checkShare, type ShareSet, THRESHOLD } from "./shares.ts";
import { signers, verifyCompact } from "./statements.ts";
import { seal, unseal } from "./suite.ts";

const REPLY_TYP = "balie-share-reply+jws";
const HELD_TYP = "balie-share-held+jws";
const NONCE_BYTES = 32;

/** What a client's settings say of a key server: its name and its public keys. */
export interface KeyServer {
  server: string;
  kem: Bytes;
  sign: Bytes;
}

/** The nonce that a key server gave; null if it did not answer. */
export interface Offer {
  server: string;
  nonce: string | null;
}

const ABOUT = { v: Version, server: Server, person: Id, set: Id };
const Reply = v.strictObject({ ...ABOUT, challenge: Secret, sealed: v.pipe(v.string(), v.maxLength(2048)) });
const Held = v.strictObject({ ...ABOUT, hash: Name, nonce: Secret, at: Time });

/** What the passkey signs: who asks for what, where the reply goes, and every server's nonce in its place. */
export async function challengeOf({ person, set, shares }: ShareSet, reply: Bytes, offers: Offer[]): Promise<Bytes> {
  const inPlace = offers.length === shares.length && offers.every(({ server }, at) => server === shares[at]!.server);
  require(inPlace, "malformed", "offers");
  require(offers.filter(({ nonce }) => nonce !== null).length >= THRESHOLD, "too-few-shares", "offers");
  const nonces = offers.flatMap(({ server, nonce }) => [
    utf8(server),
    nonce === null ? new Uint8Array(0) : unb64(nonce, NONCE_BYTES),
  ]);
  return sha256(info("share-release", utf8(person), utf8(set), reply, ...nonces));
}

const context = (label: string, server: string, { person, set }: ShareSet, ...more: Bytes[]): Bytes =>
  info(label, utf8(server), utf8(person), utf8(set), ...more);

/** A share for `server` to keep, which no proxy on the way can read. */
export async function sealDeposit(stated: ShareSet, { server, kem }: KeyServer, share: Bytes): Promise<Bytes> {
  await checkShare(stated, server, share);
  return seal(kem, context("share-deposit", server, stated), share);
}

/** The share; `text`, with the reply seed, shows to anyone what that server gave. */
export async function openReply(
  stated: ShareSet,
  { server, sign }: KeyServer,
  replySeed: Bytes,
  { text, challenge }: { text: string; challenge: Bytes },
): Promise<Bytes> {
  const { payload } = await verifyCompact(REPLY_TYP, text, await signers(sign));
  const reply = decode(payload, Reply);
  about(stated, server, reply);
  require(reply.challenge === b64(challenge), "wrong-challenge", REPLY_TYP);
  const share = await unseal(replySeed, context("share-reply", server, stated, challenge), unb64(reply.sealed));
  await checkShare(stated, server, share);
  return share;
}

/** When `server` said that it holds the share that was deposited; for the rehearsal in the background. */
export async function acceptHeld(
  stated: ShareSet,
  { server, sign }: KeyServer,
  { text, nonce }: { text: string; nonce: Bytes },
): Promise<number> {
  const { payload } = await verifyCompact(HELD_TYP, text, await signers(sign));
  const held = decode(payload, Held);
  about(stated, server, held);
  require(held.nonce === b64(nonce), "wrong-challenge", HELD_TYP);
  const deposited = stated.shares.some((each) => each.server === server && each.hash === held.hash);
  require(deposited, "bad-share", HELD_TYP);
  return held.at;
}

function about(stated: ShareSet, server: string, said: { server: string; person: string; set: string }): void {
  require(said.server === server, "wrong-server", server);
  require(said.person === stated.person, "wrong-person", server);
  require(said.set === stated.set, "stale", server);
}
