/** Suite 1: HPKE (RFC 9180, base mode) with X-Wing, HKDF-SHA256 and AES-256-GCM (`envelope.md`, "Sealing"). */

import { Aes256Gcm, CipherSuite, HkdfSha256 } from "@hpke/core";
import { XWing } from "@hpke/hybridkem-x-wing";
import { type Bytes, joined, nameOf } from "./encoding.ts";
import { Rejected } from "./reasons.ts";

export const SUITE = 1;
const SEED_BYTES = 32;
const PUBLIC_BYTES = 1216;
const ENC_BYTES = 1120;
const TAG_BYTES = 16;
const KEM = new XWing();
const HPKE = new CipherSuite({ kem: KEM, kdf: new HkdfSha256(), aead: new Aes256Gcm() });

/** The public key of a 32-byte X-Wing seed: ML-KEM-768, then X25519; 1,216 bytes. */
export async function publicOf(seed: Bytes): Promise<Bytes> {
  if (seed.length !== SEED_BYTES) throw new Rejected("malformed-key", "seed");
  const { publicKey } = await KEM.generateKeyPairDerand(seed);
  return new Uint8Array(await KEM.serializePublicKey(publicKey));
}

/** What a public key is called wherever one is named. */
export const publicName = (publicKey: Bytes): Promise<string> => nameOf("kem-key", Uint8Array.of(SUITE), publicKey);

/** Suite byte, encapsulated key, ciphertext. All context goes into `info`: Python's library has no `aad`. */
export async function seal(publicKey: Bytes, info: Bytes, plaintext: Bytes): Promise<Bytes> {
  if (publicKey.length !== PUBLIC_BYTES) throw new Rejected("malformed-key", "public key");
  try {
    const recipientPublicKey = await KEM.deserializePublicKey(publicKey);
    const { enc, ct } = await HPKE.seal({ recipientPublicKey, info }, plaintext);
    return joined(Uint8Array.of(SUITE), new Uint8Array(enc), new Uint8Array(ct));
  } catch {
    throw new Rejected("malformed-key", "public key");
  }
}

/** What was sealed to the key of `seed` under exactly this `info`. */
export async function unseal(seed: Bytes, info: Bytes, sealed: Bytes): Promise<Bytes> {
  if (sealed[0] !== SUITE) throw new Rejected("unknown-suite", "sealed");
  if (sealed.length < 1 + ENC_BYTES + TAG_BYTES) throw new Rejected("malformed", "sealed");
  if (seed.length !== SEED_BYTES) throw new Rejected("malformed-key", "seed");
  const recipientKey = await KEM.deserializePrivateKey(seed);
  const enc = sealed.slice(1, 1 + ENC_BYTES);
  try {
    return new Uint8Array(await HPKE.open({ recipientKey, enc, info }, sealed.slice(1 + ENC_BYTES)));
  } catch {
    throw new Rejected("unopenable", "sealed");
  }
}
