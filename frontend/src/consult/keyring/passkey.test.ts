import { encodeCBOR } from "@levischuck/tiny-cbor";
import { expect, it } from "vitest";
import { type Bytes, joined } from "../../crypto/encoding.ts";
import { Rejected } from "../../crypto/reasons.ts";
import { coseIn } from "./passkey.ts";

const KEY = encodeCBOR(new Map<number, number | Uint8Array>([[1, 1], [3, -8], [-1, 6], [-2, new Uint8Array(32).fill(9)]]));

const data = (...after: Uint8Array[]): Bytes =>
  joined(new Uint8Array(53).fill(1), Uint8Array.of(0, 20), new Uint8Array(20).fill(2), ...after);

it("cuts out the key, whatever follows it", () => {
  const extensions = encodeCBOR(new Map([["hmac-secret", true]]));
  expect(coseIn(data(KEY))).toEqual(KEY);
  expect(coseIn(data(KEY, extensions))).toEqual(KEY);
});

it.each([0, 37, 55, 75])("rejects authenticator data of %i bytes, without a key", (length) => {
  expect(() => coseIn(data().slice(0, length))).toThrow(Rejected);
});

it("rejects half a key", () => expect(() => coseIn(data(KEY.slice(0, -5)))).toThrow(Rejected));
