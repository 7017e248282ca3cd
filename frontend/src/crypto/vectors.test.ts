/** The vectors that Python reads too, here in Node and in Chromium. */

import { describe, expect, it } from "vitest";
import { OPS } from "./ops.ts";
import { Rejected } from "./reasons.ts";

interface Case {
  name: string;
  op: string;
  in: Record<string, unknown>;
  out?: unknown;
  reject?: string;
}

const FILES = import.meta.glob<{ title: string; cases: Case[] }>(
  ["../../../docs/spec/vectors/consult/*.json", "!**/kept.json"],
  { eager: true, import: "default" },
);

it("finds the files", () => expect(Object.keys(FILES)).not.toEqual([]));

/** What only a key server does, and it is written in Python. */
const ELSEWHERE = new Set(["open_deposit"]);

describe.each(Object.values(FILES))("$title", ({ cases }) => {
  it.each(cases.filter(({ op }) => !ELSEWHERE.has(op)))("$name", async ({ op, in: given, out, reject }) => {
    const answer = (async () => OPS[op]!(given))();
    if (reject === undefined) expect(await answer).toEqual(out);
    else {
      const error = await answer.then((value) => ({ accepted: value }), (error: unknown) => error);
      expect(error).toBeInstanceOf(Rejected);
      expect((error as Rejected).reason).toBe(reject);
    }
  });
});
