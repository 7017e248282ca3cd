/** What somebody else stated in one's name is told, whatever the application shows; what one made oneself is not. */

import { beforeEach, expect, it, vi } from "vitest";
import { b64, info, utf8 } from "../../crypto/encoding.ts";
import { certifyDevice, revokeDevice } from "../../crypto/devices.ts";
import { entryOf } from "../../crypto/keylog.ts";
import { acceptPersonKey, type Person, statePersonKey } from "../../crypto/persons.ts";
import { peek, type Signer, signerOf, type Statement, statementName } from "../../crypto/statements.ts";
import { Frontier, leafHash } from "../../crypto/trees.ts";
import { TYP } from "../account.ts";
import type { StatedEvent } from "../api.ts";
import type { Session } from "../session.ts";
import { keyServer, noteOf, ORIGIN, random, type Server } from "./fake_key_log.ts";
import { KeyLog } from "./key_log.ts";
import { clearEntries, foreignEntries } from "./own_entries.ts";

const ANNA = b64(random(16));
const AT = "2027-10-12T10:00:00Z";

let servers: Server[];
let signers: Signer[];
let present: Person;
/** What is in the log, and what the application shows of it. */
let logged: { of: string; statement: string }[];
let shown: StatedEvent[];
let hidden: number;
/** What the server answers to what is told to its log. */
let writes: (body: string) => Response;

async function stated(typ: string, signed: Statement): Promise<string> {
  const name = await statementName(typ, peek(signed));
  shown.push({ typ, name, person: ANNA, group: null, signed });
  logged.push({ of: await entryOf(ANNA), statement: name });
  return name;
}

const stating = (signer: Signer, generation: number) => ({ signer, person: ANNA, generation, at: 1 });
const newDevice = async (signer: Signer, generation: number) =>
  stated(TYP.device, await certifyDevice(stating(signer, generation), b64(random(16)), random(32)));

/** Anna's first key, which she lost; her second, for which others vouched; her third, which continues it. */
beforeEach(async () => {
  const place = new Map<string, string>();
  vi.stubGlobal("localStorage", { getItem: (key: string) => place.get(key) ?? null, setItem: (key: string, text: string) => place.set(key, text) });
  [logged, shown, hidden] = [[{ of: await entryOf(b64(random(16))), statement: b64(random(32)) }], [], 0];
  servers = await Promise.all(["north", "east", "south"].map(keyServer));
  signers = await Promise.all([1, 2, 3, 4, 5].map(() => signerOf(random(32))));
  const [one, two, three, ben, cora] = signers as [Signer, Signer, Signer, Signer, Signer];
  const admitters = [ben, cora].map(({ publicKey }) => ({ person: b64(random(16)), sign: publicKey }));
  let known: Person | null = null;
  for (const [at, signer] of [one, two, three].entries()) {
    const own = { person: ANNA, generation: at + 1, kemSeed: random(32), signer, previous: known?.name ?? null, at: 1 };
    const signed = await statePersonKey(own, at === 1 ? [ben, cora] : at === 2 ? [two] : []);
    known = await acceptPersonKey(signed, { person: ANNA, known, admitters });
    await stated(TYP.personKey, signed);
    await newDevice(signer, at + 1);
  }
  present = known!;
  vi.stubGlobal("fetch", async (address: string, asked?: { method?: string; body: string }) => {
    if (asked?.method === "POST") return writes(asked.body);
    const { searchParams } = new URL(address, "https://balie.example");
    if (searchParams.has("person")) {
      const events = shown.slice(0, shown.length - hidden).map((statement, feed) => ({ feed, received_at: AT, statement }));
      return Response.json({ person: ANNA, name: "Anna", events });
    }
    const after = Number(searchParams.get("after"));
    const entries = logged.slice(after, after + 3);
    return Response.json({ checkpoint: await note(), entries, more: after + entries.length < logged.length });
  });
});

let cosigned: typeof logged | null = null;

async function note(): Promise<string> {
  const tree = new Frontier();
  for (const { of, statement } of cosigned ?? logged) await tree.append(await leafHash(info("key-log-entry", utf8(of), utf8(statement))));
  return noteOf(servers, tree.size, await tree.root());
}

beforeEach(() => (cosigned = null));

const foreign = (): Promise<string[]> =>
  foreignEntries({ account: { person: present }, log: new KeyLog(ORIGIN, servers) } as unknown as Session);

it("says nothing of what one made, with whichever key", async () => {
  expect(await foreign()).toEqual([]);
  const [, , three, four] = signers as [Signer, Signer, Signer, Signer];
  await stated(TYP.deviceRevoked, await revokeDevice(stating(three, 3), b64(random(16))));
  const next = { person: ANNA, generation: 4, kemSeed: random(32), signer: four, previous: present.name, at: 1 };
  await stated(TYP.personKey, await statePersonKey(next, [three]));
  await newDevice(four, 4);
  expect(await foreign()).toEqual([]);
});

it.each([0, 1])("tells of a device that somebody else made, shown or not (%d hidden)", async (kept) => {
  hidden = kept;
  const name = await newDevice(await signerOf(random(32)), 3);
  expect(await foreign()).toEqual([name]);
  expect(await foreign()).toEqual([name]); // it was read already
});

it("tells of a key that others vouched for and one did not ask", async () => {
  const [, , , ben, cora] = signers as [Signer, Signer, Signer, Signer, Signer];
  const own = { person: ANNA, generation: 4, kemSeed: random(32), signer: await signerOf(random(32)), previous: present.name, at: 1 };
  const name = await stated(TYP.personKey, await statePersonKey(own, [ben, cora]));
  expect(await foreign()).toEqual([name]);
});

it("is silent about what somebody looked into, once the log has what they found, and about nothing else", async () => {
  const name = await newDevice(await signerOf(random(32)), 3);
  const session = { account: { person: present }, own: { device: "d" } } as unknown as Session;
  writes = () => Response.json({ code: "no_keys", title: "", status: 409 }, { status: 409 });
  await expect(clearEntries(session, [name], "Een test")).rejects.toThrow();
  expect(await foreign()).toEqual([name]);
  const written: unknown[] = [];
  writes = (body) => {
    written.push(...(JSON.parse(body) as { entries: unknown[] }).entries);
    return Response.json({});
  };
  await clearEntries(session, [name], "Een test");
  expect(written).toEqual([{ what: "cleared", device: "d", note: "Een test", statement: name }]);
  expect(await foreign()).toEqual([]);
  const next = await newDevice(await signerOf(random(32)), 3);
  expect(await foreign()).toEqual([next]);
});

it("sees that an entry was left out or changed, now and where it had read on", async () => {
  cosigned = logged.slice(1);
  await expect(foreign()).rejects.toMatchObject({ reason: "forked" });
  cosigned = logged.map((each, at) => (at === 2 ? { ...each, statement: b64(random(32)) } : each));
  await expect(foreign()).rejects.toMatchObject({ reason: "forked" });
  cosigned = null;
  expect(await foreign()).toEqual([]);
  logged = logged.map((each, at) => (at === 2 ? { ...each, statement: b64(random(32)) } : each));
  await newDevice(signers[2]!, 3);
  await expect(foreign()).rejects.toMatchObject({ reason: "forked" });
});
