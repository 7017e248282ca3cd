/** Shares: a secret for two of three key servers, with signed hashes (`keys.md`, "Shares"). */

import * as shamir from "shamir-secret-sharing";
import * as v from "valibot";
import { type Bytes, nameOf, utf8 } from "./encoding.ts";
import type { Stating } from "./devices.ts";
import { Id, Name, Server } from "./payloads.ts";
import { BY_PERSON, type Person, statedBy } from "./persons.ts";
import { require } from "./reasons.ts";
import { sign, type Statement } from "./statements.ts";

const TYP = "balie-share-set+jws";
const SERVERS = 3;
export const THRESHOLD = 2;

/** Which server holds a share, and its hash: what exposes a bad one. */
const ShareSet = v.strictObject({
  ...BY_PERSON,
  set: Id,
  shares: v.pipe(v.array(v.strictObject({ server: Server, hash: Name })), v.length(SERVERS)),
});
export type ShareSet = v.InferOutput<typeof ShareSet>;

/** Three shares of 33 bytes: 32 of the polynomial, then where it was taken. */
export const split = async (secret: Bytes): Promise<Bytes[]> =>
  (await shamir.split(secret, SERVERS, THRESHOLD)).map((share) => new Uint8Array(share));

export const shareHash = (person: string, set: string, server: string, share: Bytes): Promise<string> =>
  nameOf("share", utf8(person), utf8(set), utf8(server), share);

/** `shares`: server and share, in the order in which challenges name the servers. */
export async function stateShareSet(
  { signer, person, generation, at }: Stating,
  set: string,
  shares: [server: string, share: Bytes][],
): Promise<Statement> {
  const hashed = shares.map(async ([server, share]) => ({ server, hash: await shareHash(person, set, server, share) }));
  return sign(TYP, { v: 1, person, generation, at, set, shares: await Promise.all(hashed) }, [signer]);
}

export async function acceptShareSet(statement: Statement, person: Person): Promise<ShareSet> {
  const stated = await statedBy(person, TYP, ShareSet, statement);
  require(new Set(stated.shares.map(({ server }) => server)).size === SERVERS, "malformed", TYP);
  return stated;
}

/** A share that is not the one that was deposited names its server. */
export async function checkShare({ person, set, shares }: ShareSet, server: string, share: Bytes): Promise<void> {
  const hash = await shareHash(person, set, server, share);
  require(
    shares.some((each) => each.server === server && each.hash === hash),
    "bad-share",
    server,
  );
}

/** The secret, from two shares or more, each of which is checked first: Shamir itself would not tell. */
export async function combine(stated: ShareSet, shares: ReadonlyMap<string, Bytes>): Promise<Bytes> {
  for (const [server, share] of shares) await checkShare(stated, server, share);
  require(shares.size >= THRESHOLD, "too-few-shares", stated.set);
  return new Uint8Array(await shamir.combine([...shares.values()]));
}
