/** What was done without a connection comes into the log later: once, in its order, with the time at which it was done. */

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { b64 } from "../crypto/encoding.ts";
import type { LogTelling } from "./api.ts";
import { tell, tellRest } from "./untold.ts";

const [ANNA, BILAL] = [b64(new Uint8Array(16).fill(1)), b64(new Uint8Array(16).fill(2))];
const MINUTE_MS = 60_000;

/** What the server wrote down, and what it answers. */
let written: LogTelling[];
let answer: () => Response;

const done = (note: string): LogTelling => ({ what: "unlocked", device: ANNA, note });
const notes = (): string[] => written.map(({ note }) => note);
const problem = (status: number, code: string): Response => Response.json({ code, title: "", status }, { status });

beforeEach(() => {
  localStorage.clear();
  vi.useFakeTimers({ toFake: ["Date"] });
  [written, answer] = [[], () => Response.json({})];
  vi.stubGlobal("fetch", async (_address: string, { body }: { body: string }) => {
    const told = answer();
    if (told.ok) written.push(...(JSON.parse(body) as { entries: LogTelling[] }).entries);
    return told;
  });
});
afterEach(() => vi.useRealTimers());

const offline = (): never => {
  throw new TypeError("no connection");
};

it("tells at once what it can, without a time of its own", async () => {
  await tell(ANNA, done("een"));
  expect(written).toEqual([done("een")]);
  expect(localStorage.length).toBe(0);
});

it.each([offline, () => problem(503, "try_again"), () => problem(401, "no_pass")])("loses nothing that the server did not hear", async (away) => {
  answer = away;
  const at = Date.now();
  await tell(ANNA, done("een"));
  vi.setSystemTime(at + 1);
  await tell(ANNA, done("twee"));
  expect(written).toEqual([]);
  answer = () => Response.json({});
  vi.setSystemTime(at + 2 * MINUTE_MS);
  await tell(ANNA, done("drie"));
  expect(notes()).toEqual(["een", "twee", "drie"]);
  expect(written.map((each) => each.at)).toEqual([Math.floor(at / 1000), Math.floor((at + 1) / 1000), undefined]);
});

it("keeps the order of what was done within one millisecond", async () => {
  vi.setSystemTime(Date.now());
  answer = offline;
  const inOrder = Array.from({ length: 5 }, (_, turn) => `${turn}`);
  for (const note of inOrder) await tell(ANNA, done(note));
  answer = () => Response.json({});
  await tellRest(ANNA);
  expect(notes()).toEqual(inOrder);
});

it("tells everything once, when several tabs do so at the same time", async () => {
  answer = offline;
  await tell(ANNA, done("een"));
  answer = () => Response.json({});
  await Promise.all([tellRest(ANNA), tellRest(ANNA)]);
  expect(notes()).toEqual(["een"]);
});

it("is not held up by what the server will never take", async () => {
  answer = offline;
  await tell(ANNA, done("een"));
  const answers = [() => problem(404, "not_found"), () => Response.json({})];
  answer = () => answers.shift()!();
  await tell(ANNA, done("twee"));
  expect(notes()).toEqual(["twee"]);
  expect(localStorage.length).toBe(0);
});

it("tells nothing of one person as another", async () => {
  answer = offline;
  await tell(ANNA, done("een"));
  answer = () => Response.json({});
  await tellRest(BILAL);
  expect(written).toEqual([]);
});
