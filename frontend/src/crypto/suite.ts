/**
 * Suites: how things are sealed to a key (`envelope.md`, "Sealing"). Suite 1 is HPKE (RFC 9180, base mode) with X-Wing,
 * HKDF-SHA256 and AES-256-GCM. What was sealed, and every key, says of which suite it is.
 */

import { Aes256Gcm, CipherSuite, HkdfSha256 } from "@hpke/core";
import { XWing } from "@hpke/hybridkem-x-wing";
import { type Bytes, joined, nameOf } from "./encoding.ts";
import { Rejected } from "./reasons.ts";

export const FIRST = 1;
const SEED_BYTES = 32;
const PUBLIC_BYTES = 1216;
const ENC_BYTES = 1120;
const TAG_BYTES = 16;
/** Of every suite that there is now; one with another KEM brings its own, and its own lengths. */
export const KEM = new XWing();

/** All of `known` are read; keys are made in the `current` one, and what came before it is sealed again. */
export const suites: { readonly known: ReadonlyMap<number, CipherSuite>; readonly current: number } = {
  known: new Map([[FIRST, new CipherSuite({ kem: KEM, kdf: new HkdfSha256(), aead: new Aes256Gcm() })]]),
  current: FIRST,
};

/** A public key to seal to, of this suite. */
export interface Kem {
  suite: number;
  key: Bytes;
}

/** Throws Rejected (`unknown-suite`). */
export function knownSuite(suite: number | undefined, what: string): CipherSuite {
  const found = suites.known.get(suite ?? 0);
  if (!found) throw new Rejected("unknown-suite", what);
  return found;
}

/** The public key of a 32-byte seed; of X-Wing ML-KEM-768, then X25519: 1,216 bytes. */
export async function publicOf(seed: Bytes): Promise<Bytes> {
  if (seed.length !== SEED_BYTES) throw new Rejected("malformed-key", "seed");
  const { publicKey } = await KEM.generateKeyPairDerand(seed);
  return new Uint8Array(await KEM.serializePublicKey(publicKey));
}

/** What a public key is called wherever one is named. */
export const publicName = (publicKey: Bytes, suite: number = FIRST): Promise<string> =>
  nameOf("kem-key", Uint8Array.of(suite), publicKey);

/** One's own seeds by the names of their public keys, under every suite: what was sealed long ago is still opened. */
export async function seedsByName(seeds: Bytes[]): Promise<Map<string, Bytes>> {
  const found = new Map<string, Bytes>();
  for (const seed of seeds) {
    const publicKey = await publicOf(seed);
    for (const suite of suites.known.keys()) found.set(await publicName(publicKey, suite), seed);
  }
  return found;
}

/** Suite byte, encapsulated key, ciphertext. All context goes into `info`: Python's library has no `aad`. */
export async function seal(publicKey: Bytes, info: Bytes, plaintext: Bytes, suite: number = FIRST): Promise<Bytes> {
  if (publicKey.length !== PUBLIC_BYTES) throw new Rejected("malformed-key", "public key");
  const hpke = knownSuite(suite, "public key");
  try {
    const recipientPublicKey = await KEM.deserializePublicKey(publicKey);
    const { enc, ct } = await hpke.seal({ recipientPublicKey, info }, plaintext);
    return joined(Uint8Array.of(suite), new Uint8Array(enc), new Uint8Array(ct));
  } catch {
    throw new Rejected("malformed-key", "public key");
  }
}

/** What was sealed to the key of `seed` under exactly this `info`. */
export async function unseal(seed: Bytes, info: Bytes, sealed: Bytes): Promise<Bytes> {
  const hpke = knownSuite(sealed[0], "sealed");
  if (sealed.length < 1 + ENC_BYTES + TAG_BYTES) throw new Rejected("malformed", "sealed");
  if (seed.length !== SEED_BYTES) throw new Rejected("malformed-key", "seed");
  const recipientKey = await KEM.deserializePrivateKey(seed);
  const enc = sealed.slice(1, 1 + ENC_BYTES);
  try {
    return new Uint8Array(await hpke.open({ recipientKey, enc, info }, sealed.slice(1 + ENC_BYTES)));
  } catch {
    throw new Rejected("unopenable", "sealed");
  }
}
