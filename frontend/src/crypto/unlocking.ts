/** Unlock methods: each wraps the key of the keyset by itself (`keys.md`, "Unlock methods"). */

import { Decrypter, Encrypter } from "age-encryption";
import type { CryptoKey } from "jose";
import * as v from "valibot";
import { KEY_BYTES, lock, unlock } from "./boxes.ts";
import { b64, type Bytes, info, unb64, utf8 } from "./encoding.ts";
import { decode, encode, Id, Secret, Version } from "./payloads.ts";
import { Rejected, require } from "./reasons.ts";

const TYP = "balie-unlock+jwe";
const WORDS = 10;
/** Ten words chosen at random need no stretching, and a shift worker should not wait for it. */
const SCRYPT_LOG_N = 12;
export type Derived = "passkey" | "shares";
const Unlock = v.strictObject({
  v: Version,
  person: Id,
  method: v.picklist(["device", "passkey", "shares", "code"]),
  key: Secret,
});
type Method = v.InferOutput<typeof Unlock>["method"];

/** The wrapping key from a passkey's PRF output or from the secret that was shared out. */
export async function derivedKey(method: Derived, person: string, secret: Bytes): Promise<Bytes> {
  require(secret.length === KEY_BYTES, "malformed-key", TYP);
  const material = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  const named = info("unlock", utf8(method), utf8(person));
  const kdf = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info: named };
  return new Uint8Array(await crypto.subtle.deriveBits(kdf, material, KEY_BYTES * 8));
}

/** What a passkey's PRF is evaluated on (`prf.eval.first`). */
export const prfInput = (person: string): Bytes => info("passkey-prf", utf8(person));

const unlocked = (person: string, method: Method, key: Bytes): Bytes =>
  encode({ v: 1, person, method, key: b64(key) });

export const wrap = async (method: Derived, person: string, secret: Bytes, key: Bytes): Promise<string> =>
  lock(TYP, await derivedKey(method, person, secret), unlocked(person, method, key));

export const unwrap = async (method: Derived, person: string, secret: Bytes, box: string): Promise<Bytes> =>
  keyIn(await unlock(TYP, await derivedKey(method, person, secret), box), person, method);

/** The device's key is an AES-GCM key that cannot be taken out; so the box is called by the device. */
export const wrapForDevice = (
  person: string,
  device: string,
  deviceKey: CryptoKey | Bytes,
  key: Bytes,
): Promise<string> => lock(TYP, { key: deviceKey, kid: device }, unlocked(person, "device", key));

export const unwrapOnDevice = async (
  person: string,
  device: string,
  deviceKey: CryptoKey | Bytes,
  box: string,
): Promise<Bytes> => keyIn(await unlock(TYP, { key: deviceKey, kid: device }, box), person, "device");

/** An age file under the recovery code. */
export async function wrapForCode(person: string, code: string, key: Bytes): Promise<Bytes> {
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase(code));
  encrypter.setScryptWorkFactor(SCRYPT_LOG_N);
  return new Uint8Array(await encrypter.encrypt(unlocked(person, "code", key)));
}

export async function unwrapWithCode(person: string, code: string, file: Bytes): Promise<Bytes> {
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase(code));
  const plaintext = await decrypter.decrypt(file).catch(() => {
    throw new Rejected("unopenable", "recovery code");
  });
  return keyIn(new Uint8Array(plaintext), person, "code");
}

/** The ten words as they were printed, however they were typed. */
export function passphrase(code: string): string {
  const words = code.normalize("NFKC").toLowerCase().replaceAll("-", " ").trim().split(/\s+/);
  const right = words.length === WORDS && words.every((word) => /^[a-z]+$/.test(word));
  require(right, "malformed", "recovery code");
  return words.join("-");
}

function keyIn(plaintext: Bytes, person: string, method: Method): Bytes {
  const found = decode(plaintext, Unlock);
  require(found.person === person, "wrong-person", TYP);
  require(found.method === method, "wrong-type", TYP);
  return unb64(found.key);
}
