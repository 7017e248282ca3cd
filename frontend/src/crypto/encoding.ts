/** How things become bytes, and how bytes get names (`docs/spec/consult/envelope.md`, "Encoding"). */

import { base64url } from "jose";
import { Rejected } from "./reasons.ts";

export type Bytes = Uint8Array<ArrayBuffer>;

const PREFIX = "balie/1/";
const FIELD_MAX = 0xffff;
const LABEL = /^[a-z]+(?:-[a-z]+)*$/;
export const ID_BYTES = 16;
export const NAME_BYTES = 32;

export const utf8 = (text: string): Bytes => new TextEncoder().encode(text);

export function joined(...parts: Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Prefix, label, a zero byte, then each field after its length in two bytes: no two lists give the same bytes. */
export function info(label: string, ...fields: Uint8Array[]): Bytes {
  if (!LABEL.test(label)) throw new Rejected("malformed", "label");
  const parts = fields.flatMap((field) => {
    if (field.length > FIELD_MAX) throw new Rejected("malformed", "field");
    return [Uint8Array.of(field.length >> 8, field.length & 0xff), field];
  });
  return joined(utf8(PREFIX + label), Uint8Array.of(0), ...parts);
}

export const sha256 = async (data: Bytes): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", data));

/** What something is called: SHA-256 of its `info`, in base64url. */
export const nameOf = async (label: string, ...fields: Uint8Array[]): Promise<string> =>
  b64(await sha256(info(label, ...fields)));

/** base64url without padding (RFC 7515, section 2). */
export const b64 = (data: Uint8Array): string => base64url.encode(data);

/** The bytes of `text`, which must be the one and only way to write them; of `length` bytes if that is given. */
export function unb64(text: string, length: number | null = null): Bytes {
  let data: Bytes;
  try {
    data = new Uint8Array(base64url.decode(text));
  } catch {
    throw new Rejected("malformed", "base64url");
  }
  if (b64(data) !== text || (length !== null && data.length !== length)) throw new Rejected("malformed", "base64url");
  return data;
}
