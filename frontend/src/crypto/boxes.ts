/** Boxes: something encrypted under a key that both sides have, as compact JWE (`envelope.md`, "Boxes"). */

import { CompactEncrypt, compactDecrypt, type CryptoKey } from "jose";
import * as v from "valibot";
import { type Bytes, nameOf, unb64 } from "./encoding.ts";
import { decode } from "./payloads.ts";
import { Rejected, require } from "./reasons.ts";

export const KEY_BYTES = 32;
const Header = v.strictObject({ alg: v.string(), enc: v.string(), typ: v.string(), kid: v.string() });

/** What a box key is called. AES-GCM does not commit to its key; this name does. */
export const boxKeyName = (key: Bytes): Promise<string> => nameOf("box-key", key);

/** A key of the browser that cannot be taken out, and what it is called; or bytes, which name themselves. */
export type BoxKey = Bytes | { key: CryptoKey | Bytes; kid: string };

async function named(key: BoxKey, typ: string): Promise<{ key: CryptoKey | Bytes; kid: string }> {
  const both = key instanceof Uint8Array ? { key, kid: await boxKeyName(key) } : key;
  require(!(both.key instanceof Uint8Array) || both.key.length === KEY_BYTES, "malformed-key", typ);
  return both;
}

/** `plaintext` in a box. */
export async function lock(typ: string, boxKey: BoxKey, plaintext: Bytes): Promise<string> {
  const { key, kid } = await named(boxKey, typ);
  return new CompactEncrypt(plaintext).setProtectedHeader({ alg: "dir", enc: "A256GCM", typ, kid }).encrypt(key);
}

/** What is in `box`, which must say that it is of this type and under this very key. */
export async function unlock(typ: string, boxKey: BoxKey, box: string): Promise<Bytes> {
  const { key, kid } = await named(boxKey, typ);
  const parts = box.split(".");
  require(parts.length === 5 && parts[1] === "", "malformed", typ);
  const header = decode(unb64(parts[0]!), Header);
  unb64(parts[2]!, 12);
  unb64(parts[3]!);
  unb64(parts[4]!, 16);
  require(header.alg === "dir" && header.enc === "A256GCM", "wrong-algorithm", typ);
  require(header.typ === typ, "wrong-type", typ);
  require(header.kid === kid, "wrong-key", typ);
  try {
    const options = { keyManagementAlgorithms: ["dir"], contentEncryptionAlgorithms: ["A256GCM"] };
    return new Uint8Array((await compactDecrypt(box, key, options)).plaintext);
  } catch {
    throw new Rejected("unopenable", typ);
  }
}

/** The name of the key that opens `box`, so that it can be looked up. */
export const boxKid = (box: string): string => decode(unb64(box.split(".")[0]!), Header).kid;
