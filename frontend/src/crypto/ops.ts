/** What each `op` of the vectors asks of us; `balie/consult/protocol/tests/ops.py` answers the same. Tests only. */

import { b64, info, nameOf, unb64 } from "./encoding.ts";
import { publicName, publicOf, seal, unseal } from "./suite.ts";

type Op = (given: any) => unknown;

const hex = (data: Uint8Array): string => [...data].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const all = (texts: string[]) => texts.map((text) => unb64(text));

export const OPS: Record<string, Op> = {
  info: (v) => b64(info(v.label, ...all(v.fields))),
  name: (v) => nameOf(v.label, ...all(v.fields)),
  unb64: (v) => hex(unb64(v.text, v.length)),
  public_of: async (v) => b64(await publicOf(unb64(v.seed))),
  public_name: (v) => publicName(unb64(v.public)),
  seal: async (v) => b64(await seal(unb64(v.public), unb64(v.info), unb64(v.plaintext))),
  unseal: async (v) => b64(await unseal(unb64(v.seed), unb64(v.info), unb64(v.sealed))),
};
