/** Another implementation of HPKE opens what ours sealed, and ours what it seals: neither is right only to itself. */

import { KEM_MLKEM768_X25519 } from "@panva/hpke-noble";
import * as HPKE from "hpke";
import { expect, it } from "vitest";
import vectors from "../../../docs/spec/vectors/consult/envelope.json" with { type: "json" };
import { type Bytes, b64, joined, unb64, utf8 } from "./encoding.ts";
import { publicOf, seal, FIRST, unseal } from "./suite.ts";

const SECOND = new HPKE.CipherSuite(KEM_MLKEM768_X25519, HPKE.KDF_HKDF_SHA256, HPKE.AEAD_AES_256_GCM);
const ENC_BYTES = 1120;

async function openSecond(seed: Bytes, info: Bytes, sealed: Bytes): Promise<Bytes> {
  const key = await SECOND.DeserializePrivateKey(seed);
  const box = sealed.slice(1);
  return new Uint8Array(await SECOND.Open(key, box.slice(0, ENC_BYTES), box.slice(ENC_BYTES), { info }));
}

const opened = vectors.cases.filter(({ op, out }) => op === "unseal" && out !== undefined);

it("has vectors to open", () => expect(opened.length).toBeGreaterThan(1));

it.each(opened)("opens what Python sealed: $name", async ({ in: given, out }) => {
  const { seed, info, sealed } = given as Record<string, string>;
  expect(b64(await openSecond(unb64(seed!), unb64(info!), unb64(sealed!)))).toBe(out);
});

it("opens what we seal, and we what it seals", async () => {
  const seed = crypto.getRandomValues(new Uint8Array(32));
  const publicKey = await publicOf(seed);
  const [info, text] = [utf8("context"), utf8("a text")];
  expect(await openSecond(seed, info, await seal(publicKey, info, text))).toEqual(text);
  const { encapsulatedSecret, ciphertext } = await SECOND.Seal(await SECOND.DeserializePublicKey(publicKey), text, {
    info,
  });
  expect(await unseal(seed, info, joined(Uint8Array.of(FIRST), encapsulatedSecret, ciphertext))).toEqual(text);
});
