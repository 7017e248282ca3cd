/** JSON that was signed or encrypted: written once, read strictly (`envelope.md`, "Payloads"). */

import * as v from "valibot";
import { type Bytes, utf8 } from "./encoding.ts";
import { Rejected } from "./reasons.ts";

const letters = (pattern: RegExp) => v.pipe(v.string(), v.regex(pattern));

// The last letter may have no bits left over: one way to write given bytes.
export const Id = letters(/^[A-Za-z0-9_-]{21}[AQgw]$/);
export const Name = letters(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/);
export const Public = letters(/^[A-Za-z0-9_-]{1621}[AQgw]$/);
export const Member = letters(
  /^(?:person:[A-Za-z0-9_-]{21}[AQgw]|team:[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])$/,
);
/** 32 bytes are written like a name. */
export const Secret = Name;
export const Server = letters(/^[a-z0-9-]{1,32}$/);
/** Text of so many characters: code points, as Python counts. */
export const text = (least: number, most: number) =>
  v.pipe(
    v.string(),
    v.check((value) => {
      const length = [...value].length;
      return length >= least && length <= most;
    }),
  );
export const Time = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
export const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
export const Version = v.literal(1);

export const encode = (payload: object): Bytes => utf8(JSON.stringify(payload));

/** Numbers are whole and written with digits only; strings are Unicode. */
function strictly(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value === "number" && context?.source !== undefined && !/^-?\d+$/.test(context.source)) throw new Error();
  if (typeof value === "string" && /\p{Surrogate}/u.test(value)) throw new Error();
  return value;
}

/** `data` as an object of `form`: nothing missing, nothing more, every member as it should be. */
export function decode<const F extends v.GenericSchema>(data: Bytes, form: F): v.InferOutput<F> {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
    return v.parse(form, JSON.parse(text, strictly));
  } catch {
    throw new Rejected("malformed", "payload");
  }
}

/** `value`, which was parsed already, as an object of `form`. */
export function shaped<const F extends v.GenericSchema>(value: unknown, form: F): v.InferOutput<F> {
  const result = v.safeParse(form, value);
  if (!result.success) throw new Rejected("malformed", "statement");
  return result.output;
}
