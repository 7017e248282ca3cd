/** What a browser makes of the key log: no key counts that is not in it, and it goes on from what was seen before. */

import { beforeEach, expect, it, vi } from "vitest";
import { b64, type Bytes, info, joined, sha256, utf8 } from "../../crypto/encoding.ts";
import { entryOf } from "../../crypto/keylog.ts";
import { statePersonKey } from "../../crypto/persons.ts";
import { peek, signerOf, type Statement, statementName } from "../../crypto/statements.ts";
import { leafHash } from "../../crypto/trees.ts";
import { TYP } from "../account.ts";
import type { LogTold } from "../api.ts";
import { Directory } from "../talk/directory.ts";
import { keyServer, noteOf, ORIGIN, random, type Server } from "./fake_key_log.ts";
import { KeyLog } from "./key_log.ts";

vi.mock("../../lib/live.ts", async (original) => ({ ...(await original<object>()), pause: async () => {} }));

const person = b64(random(16));
let servers: Server[];
let stated: Statement;
let name: string;
/** What the application says of the log, and of the person. */
let told: LogTold | null;
let said: { name: string; signed: Statement };
let asked: number[];

async function madeKey(): Promise<Statement> {
  const signer = await signerOf(random(32));
  return statePersonKey({ person, generation: 1, kemSeed: random(32), signer, previous: null, at: 1 });
}

/** A log of what the person stated and, before it, of `others`; each of them one entry. */
async function log(by: Server[], ...before: Bytes[]): Promise<LogTold> {
  const leaf = await leafHash(info("key-log-entry", utf8(await entryOf(person)), utf8(name)));
  const [first] = before;
  const root = first ? await sha256(joined(Uint8Array.of(1), first, leaf)) : leaf;
  const entry = { statement: name, index: before.length, proof: before.map(b64) };
  return { checkpoint: await noteOf(by, 1 + before.length, root), consistency: [], entries: { [person]: [entry] } };
}

const newLog = (): KeyLog => new KeyLog(ORIGIN, servers);

beforeEach(async () => {
  const place = new Map<string, string>();
  const localStorage = { getItem: (key: string) => place.get(key) ?? null, setItem: (key: string, text: string) => place.set(key, text) };
  servers = await Promise.all(["north", "east", "south"].map(keyServer));
  stated = await madeKey();
  name = await statementName(TYP.personKey, peek(stated));
  said = { name, signed: stated };
  told = await log(servers.slice(1));
  asked = [];
  vi.stubGlobal("localStorage", localStorage);
  vi.stubGlobal("fetch", async (address: string, given?: { body: string }) => {
    if (address.includes("persons?")) {
      const statement = { typ: TYP.personKey, person, group: null, ...said };
      return Response.json({ people: [{ person, name: "Bilal", events: [{ feed: 1, received_at: "2027-10-12T10:00:00Z", statement }] }] });
    }
    asked.push(JSON.parse(given!.body).since);
    return told ? Response.json(told) : Response.json({ code: "try_again", title: "" }, { status: 404 });
  });
});

it("finds a key that is in the log, and remembers it when the log is down", async () => {
  const first = newLog();
  await first.learn([person]);
  expect([first.has(name), first.trouble]).toEqual([true, null]);
  told = null;
  const again = newLog();
  await again.learn([person]);
  expect(again.has(name)).toBe(true);
  expect(asked).toEqual([0, 1]);
});

it("refuses a checkpoint that one key server cosigned", async () => {
  told = await log(servers.slice(2));
  const found = newLog();
  await found.learn([person]);
  expect([found.has(name), found.trouble]).toEqual([false, "too-few-cosignatures"]);
});

it.each([
  ["of another log as long", "forked", async () => ({ ...(await log(servers)), entries: {} }), async () => (name = b64(random(32)))],
  ["of another log that is longer", "forked", () => log(servers, random(32)), async () => {}],
])("refuses a checkpoint %s, also after a new start", async (_what, trouble, next, before) => {
  await newLog().learn([person]);
  const honest = name;
  await before();
  told = await next();
  const found = newLog();
  await found.learn([person]);
  expect([found.trouble, found.has(honest)]).toEqual([trouble, true]);
});

it("refuses an older checkpoint than it saw", async () => {
  const older = told;
  told = await log(servers, random(32));
  const found = newLog();
  await found.learn([person]);
  told = older;
  await found.learn([person]);
  expect(found.trouble).toBe("stale");
});

it("takes keys of others once they are in the log", async () => {
  const logged = told;
  told = { checkpoint: null, consistency: [], entries: {} };
  const directory = new Directory(b64(random(16)), newLog());
  await directory.meet([person]);
  expect([directory.get(person)?.keys, directory.absent.has(person)]).toEqual([null, true]);
  told = logged;
  await directory.meet([person]);
  expect([directory.get(person)?.keys?.person.name, directory.absent.size]).toEqual([name, 0]);
});

it.each([true, false])("takes no key that the application made up, whatever it is called (%s)", async (renamed) => {
  const signed = await madeKey();
  const ours = await statementName(TYP.personKey, peek(signed));
  said = { name: renamed ? ours : name, signed };
  const directory = new Directory(b64(random(16)), newLog());
  await directory.meet([person]);
  expect(directory.get(person)?.keys).toBe(null);
  const trusting = new Directory(b64(random(16)), null);
  await trusting.meet([person]);
  expect(trusting.get(person)?.keys?.person.name).toBe(ours);
});
