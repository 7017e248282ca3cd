/** A device that was revoked has the keyset of before: it opens no key of a team that is made from then on. */

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { b64, type Bytes, unb64 } from "../crypto/encoding.ts";
import { openGroupKey } from "../crypto/group_keys.ts";
import { acceptPersonKey, type Person, statePersonKey } from "../crypto/persons.ts";
import { peek, signerOf, statementName } from "../crypto/statements.ts";
import { type Account, TYP } from "./account.ts";
import type { FeedEvent, Posted } from "./api.ts";
import { newPerson } from "./keyring/enrolment.ts";
import { type OpenKeyset, personSigner, withGeneration } from "./keyring/keyset.ts";
import type { Session } from "./session.ts";
import { Circle } from "./talk/circle.ts";
import { GroupActs } from "./talk/group_acts.ts";
import { renewTeams } from "./team_keys.ts";

const ANNA = b64(new Uint8Array(16).fill(7));
const ME = `person:${ANNA}`;
let events: FeedEvent[];

async function keep({ typ, signed, sealed }: Posted): Promise<void> {
  const name = await statementName(typ, peek(signed));
  const form = JSON.parse(new TextDecoder().decode(peek(signed)));
  const group = typ === TYP.personKey ? null : (form.group ?? name);
  const statement = { typ, name, person: ANNA, group, signed, ...(sealed && { sealed }) };
  events.push({ feed: events.length + 1, received_at: "2027-10-12T10:00:00Z", statement });
}

/** The newest statement about a key. */
const newest = () => events.filter(({ statement }) => statement?.typ === TYP.groupKey).at(-1)!.statement!;

beforeEach(() => {
  events = [];
  vi.stubGlobal("fetch", async (address: string, init: RequestInit = {}) => {
    const { pathname } = new URL(address, "https://balie.example");
    if (init.method === "POST") {
      for (const each of JSON.parse(String(init.body)).statements) await keep(each);
      return Response.json({ stored: [] });
    }
    const of = (personal: boolean): FeedEvent[] => events.filter(({ statement }) => (statement!.group === null) === personal);
    if (pathname.endsWith("/person")) return Response.json({ person: ANNA, name: "Anna", events: of(true) });
    if (pathname.endsWith("/persons")) return Response.json({ people: [{ person: ANNA, name: "Anna", events: of(true) }] });
    if (pathname.endsWith("/team")) return Response.json({ name: "Balie", practice: null, events: of(false), after: 9, more: false });
    return Response.json({ feed: 9, groups: [{ group: newest().group, kind: "team", since: 1, last: 9, place: 0, read: 0 }] });
  });
});
afterEach(() => vi.unstubAllGlobals());

const session = (person: Person, open: OpenKeyset): Session => ({ account: { person } as Account, open }) as Session;

/** Anna with a team of her own; then with another generation, as after a device was revoked. */
async function revoked() {
  const { statement, person, open } = await newPerson(ANNA, 1);
  await keep({ typ: TYP.personKey, signed: statement });
  const circle = new Circle(ANNA, new Map(), null);
  await circle.meet([ME]);
  await new GroupActs(session(person, open), circle).begin("team", []);
  const [kemSeed, signSeed] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const own = { person: ANNA, generation: 2, kemSeed, signer: await signerOf(signSeed), previous: person.name, at: 2 };
  const renewed = await statePersonKey(own, [await personSigner(open)]);
  await keep({ typ: TYP.personKey, signed: renewed });
  const after = await acceptPersonKey(renewed, { person: ANNA, known: person });
  const next = await withGeneration(open.keyset, b64(kemSeed), b64(signSeed));
  return { lost: unb64(open.keyset.generations[0]!.kem), kemSeed, ours: session(after, next) };
}

const opens = (seed: Bytes): Promise<boolean> => {
  const { signed, sealed, group } = newest();
  const { key } = JSON.parse(new TextDecoder().decode(peek(signed)));
  return openGroupKey("team", group!, key, ME, seed, unb64(sealed![ME]!)).then(() => true, () => false);
};

it("makes a key that what the lost device had does not open", async () => {
  const { lost, kemSeed, ours } = await revoked();
  expect(await opens(lost)).toBe(true);
  await renewTeams(ours);
  expect([await opens(lost), await opens(kemSeed)]).toEqual([false, true]);
});

it("makes none where one fits", async () => {
  const { ours } = await revoked();
  await renewTeams(ours);
  const before = events.length;
  await renewTeams(ours);
  expect(events).toHaveLength(before);
});
