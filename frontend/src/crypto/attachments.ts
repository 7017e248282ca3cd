/** Attachments: an age file for a key of its own, which travels inside the message (`message.md`, "Attachments"). */

import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import * as v from "valibot";
import { b64, type Bytes, sha256, utf8 } from "./encoding.ts";
import { Name, text } from "./payloads.ts";
import { Rejected, require } from "./reasons.ts";

export const ATTACHMENTS_MAX = 10;
/** Of what is in a file, in bytes. */
export const SIZE_MAX = 20 * 1024 * 1024;
const BEGINNINGS = {
  "image/jpeg": Uint8Array.of(0xff, 0xd8, 0xff),
  "image/png": Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
  "application/pdf": utf8("%PDF-"),
};
export type MediaType = keyof typeof BEGINNINGS;

/** `hash` is of the encrypted file, by which it is fetched; `size`, in bytes, and `type` of what is in it. */
export const Attachment = v.object({
  identity: v.pipe(v.string(), v.regex(/^AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}$/)),
  hash: Name,
  size: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(SIZE_MAX)),
  type: v.picklist(["image/jpeg", "image/png", "application/pdf"]),
  name: text(1, 200),
});
export type Attachment = v.InferOutput<typeof Attachment>;

/** The encrypted file, and what the message says of it. */
export async function sealAttachment(data: Bytes, type: MediaType, name: string): Promise<[Bytes, Attachment]> {
  check(data, type, data.length);
  const identity = await generateX25519Identity();
  const encrypter = new Encrypter();
  encrypter.addRecipient(await identityToRecipient(identity));
  const file = new Uint8Array(await encrypter.encrypt(data));
  return [file, { identity, hash: b64(await sha256(file)), size: data.length, type, name }];
}

/** What is in `file`, if it is the one that was described, of that size and really of that type. */
export async function openAttachment(file: Bytes, { identity, hash, size, type }: Attachment): Promise<Bytes> {
  require(b64(await sha256(file)) === hash, "wrong-attachment", "hash");
  const decrypter = new Decrypter();
  const data = await (async () => {
    decrypter.addIdentity(identity);
    return new Uint8Array(await decrypter.decrypt(file));
  })().catch(() => {
    throw new Rejected("unopenable", "attachment");
  });
  check(data, type, size);
  return data;
}

const TYPES = Object.keys(BEGINNINGS) as MediaType[];

/** What it really is, whatever it is called; null for what may not be sent. */
export const mediaTypeOf = (data: Bytes): MediaType | null => TYPES.find((type) => beginsAs(data, type)) ?? null;

const beginsAs = (data: Bytes, type: MediaType): boolean => BEGINNINGS[type].every((byte, at) => data[at] === byte);

function check(data: Bytes, type: MediaType, size: number): void {
  const right = beginsAs(data, type);
  require(data.length === size && size >= 1 && size <= SIZE_MAX && right, "wrong-attachment", "size or type");
}
