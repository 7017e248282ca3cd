/**
 * Writes `docs/spec/vectors/consult/from_typescript.json`: what this side seals and signs, for Python to open.
 * `npm run vectors`; the numbers differ on every run, the answers never.
 */

import { writeFileSync } from "node:fs";
import { b64, type Bytes, info, sha256, utf8 } from "./encoding.ts";
import { publicOf, seal } from "./suite.ts";

const cases: { name: string; op: string; in: Record<string, unknown>; out: unknown }[] = [];

/** Bytes that look random and are the same on every run. */
const secret = (what: string): Promise<Bytes> => sha256(utf8(`from TypeScript ${what}`));

async function sealing(): Promise<void> {
  const [seed, plaintext, context] = [await secret("recipient"), await secret("a key"), info("an-example")];
  const sealed = await seal(await publicOf(seed), context, plaintext);
  const given = { seed: b64(seed), info: b64(context), sealed: b64(sealed) };
  cases.push({ name: "a sealed key", op: "unseal", in: given, out: b64(plaintext) });
}

await sealing();
const url = new URL("../../../docs/spec/vectors/consult/from_typescript.json", import.meta.url);
writeFileSync(url, `${JSON.stringify({ title: "What TypeScript seals and signs", cases }, null, 1)}\n`);
