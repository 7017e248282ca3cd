/** Making somebody's first keys, and bringing shares to the key servers (`docs/spec/consult/keys.md`). */

import type { Stating } from "../../crypto/devices.ts";
import { b64, type Bytes } from "../../crypto/encoding.ts";
import { acceptPersonKey, type Person, statePersonKey } from "../../crypto/persons.ts";
import { acceptHeld, sealDeposit } from "../../crypto/release.ts";
import { acceptShareSet, type ShareSet, split, stateShareSet } from "../../crypto/shares.ts";
import { signerOf, type Statement } from "../../crypto/statements.ts";
import { wrap } from "../../crypto/unlocking.ts";
import { AskError, ask, type Asking, type AskFault, type KeyServerSettings } from "./key_server.ts";
import { type OpenKeyset, withGeneration } from "./keyset.ts";

const random = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length));

export interface NewPerson {
  statement: Statement;
  person: Person;
  open: OpenKeyset;
}

/** Keys of the first generation, which exist nowhere but here until they are kept. `at`: seconds since 1970. */
export async function newPerson(id: string, at: number): Promise<NewPerson> {
  const [kemSeed, signSeed] = [random(32), random(32)];
  const signer = await signerOf(signSeed);
  const statement = await statePersonKey({ person: id, generation: 1, kemSeed, signer, previous: null, at });
  const person = await acceptPersonKey(statement, { person: id, known: null });
  const open = await withGeneration({ v: 1, person: id, generations: [] }, b64(kemSeed), b64(signSeed));
  return { statement, person, open };
}

/** The keyset's key, for two of three key servers. */
export interface SharedOut {
  statement: Statement;
  stated: ShareSet;
  /** Each server's share, sealed to it. */
  sealed: ReadonlyMap<string, string>;
  /** The keyset's key, under what was shared out. */
  unlock: string;
}

export async function shareOut(
  by: Stating,
  person: Person,
  open: OpenKeyset,
  servers: KeyServerSettings[],
): Promise<SharedOut> {
  const secret = random(32);
  const shares = await split(secret);
  const named = servers.map(({ server }, at): [string, Bytes] => [server, shares[at]!]);
  const statement = await stateShareSet(by, b64(random(16)), named);
  const stated = await acceptShareSet(statement, person);
  const sealed = servers.map(async (each, at) => [each.server, b64(await sealDeposit(stated, each, shares[at]!))] as const);
  const unlock = await wrap("shares", person.person, secret, open.key);
  return { statement, stated, sealed: new Map(await Promise.all(sealed)), unlock };
}

/** What became of a share that a server was brought. */
export interface Deposited {
  server: string;
  did: "kept" | AskFault;
}

/** What a person has stated, as a key server wants it: all that counts now. */
export interface Stated {
  person_keys: Statement[];
  passkeys: Statement[];
  passkeys_revoked: Statement[];
  devices: Statement[];
  devices_revoked: Statement[];
  trustees: Statement | null;
}

/** A key server takes so many key statements at once; it passes over those that it has. */
const KEYS_MOST = 32;

/** Bring each server its share; what each did, so that whoever was away can be asked again. */
export async function deposit(
  servers: KeyServerSettings[],
  stated: Stated,
  shared: SharedOut,
  { keyset, ...asking }: Asking & { keyset: string },
): Promise<Deposited[]> {
  const all = { ...stated, person_keys: stated.person_keys.slice(-KEYS_MOST), keyset };
  return Promise.all(
    servers.map(async (each) => {
      const share = { share_set: shared.statement, sealed: shared.sealed.get(each.server), unlock: shared.unlock };
      const did = await outcome(ask(each, "deposit", { ...all, ...share }, asking));
      return { server: each.server, did: did ?? "kept" };
    }),
  );
}

/** Whether each server still has the share that was deposited: asked in the background, before it is needed. */
export async function rehearse(
  servers: KeyServerSettings[],
  stated: ShareSet,
  asking: Asking,
): Promise<{ server: string; did: "holds" | "bad-share" | AskFault }[]> {
  return Promise.all(
    servers.map(async (each) => {
      const nonce = random(32);
      const asked = ask<{ held: string }>(each, "held", { v: 1, nonce: b64(nonce) }, asking);
      const fault = await outcome(asked);
      if (fault) return { server: each.server, did: fault };
      const { answer } = await asked;
      const right = acceptHeld(stated, each, { text: answer.held, nonce });
      return { server: each.server, did: await right.then(() => "holds" as const, () => "bad-share" as const) };
    }),
  );
}

/** Null when it went well. */
async function outcome(asked: Promise<unknown>): Promise<AskFault | null> {
  try {
    await asked;
    return null;
  } catch (error) {
    if (error instanceof AskError) return error.fault;
    throw error;
  }
}
