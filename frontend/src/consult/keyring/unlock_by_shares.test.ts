/** Two of three key servers open the keyset, with one of them dead, slow, refusing or lying; here against fakes. */

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { b64 } from "../../crypto/encoding.ts";
import { deposit, newPerson, rehearse, shareOut } from "./enrolment.ts";
import { FakeKeyServers, type Name } from "./fake_key_servers.ts";
import { personSigner } from "./keyset.ts";
import { collect, HEDGE_MS, prepare, type Proof, SharesError, THIRD_NONCE_MS, type Unlocking, WITHIN_MS } from "./unlock_by_shares.ts";

const PERSON = b64(new Uint8Array(16).fill(7));
let servers: FakeKeyServers;
let unlocking: Unlocking;
let wanted: string;

/** Time that passes when a test says so. */
class Clock {
  readonly #waiting = new Map<number, (() => void)[]>();
  readonly after = (ms: number): Promise<void> =>
    new Promise((resolve) => this.#waiting.set(ms, [...(this.#waiting.get(ms) ?? []), resolve]));

  pass(ms: number): void {
    for (const resolve of this.#waiting.get(ms) ?? []) resolve();
  }
}
let clock: Clock;

beforeEach(async () => {
  servers = await FakeKeyServers.make();
  vi.stubGlobal("fetch", servers.fetch);
  clock = new Clock();
  const { statement, person, open } = await newPerson(PERSON, 1_800_000_000);
  const signer = await personSigner(open);
  const shared = await shareOut({ person: PERSON, generation: 1, at: 1, signer }, person, open, servers.settings);
  const none = { passkeys: [], passkeys_revoked: [], devices: [], devices_revoked: [], trustees: null };
  const asking = { token: servers.token, signal: new AbortController().signal };
  const stated = { person_keys: [statement], ...none };
  const kept = await deposit(servers.settings, stated, shared, { ...asking, keyset: open.box });
  expect(kept.map(({ did }) => did)).toEqual(["kept", "kept", "kept"]);
  servers.asked.length = 0;
  unlocking = { person, stated: shared.stated, servers: servers.settings, token: servers.token, after: clock.after };
  wanted = b64(open.key);
  inOrder();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** North and east are drawn, and south is the third. */
function inOrder(): void {
  const draw = crypto.getRandomValues.bind(crypto);
  vi.spyOn(crypto, "getRandomValues").mockImplementation((into) => {
    if (!(into instanceof Uint32Array)) return draw(into);
    into.forEach((_, at) => (into[at] = at));
    return into;
  });
}

/** Fakes take the challenge for the gesture; what a gesture is, is a matter of real key servers. */
const proof = (challenge: Uint8Array): Proof => ({ assertion: { challenge: b64(challenge) } }) as unknown as Proof;

/** Nonces and then shares; `meanwhile` is told when the nonces are there. */
async function unlocked(meanwhile: () => void = () => {}) {
  const question = await prepare(unlocking);
  meanwhile();
  return collect(unlocking, question, proof(question.challenge));
}

const asked = (what: string) => servers.asked.filter((each) => each.what === what);
const did = (parts: { server: string; did: string }[]) => Object.fromEntries(parts.map((each) => [each.server, each.did]));
/** Until that many requests of a kind were made. */
const until = (what: string, count: number) => vi.waitFor(() => expect(asked(what).length).toBeGreaterThanOrEqual(count));

it("asks two, and leaves the third alone", async () => {
  const { open, parts } = await unlocked();
  expect(b64(open.key)).toBe(wanted);
  expect(asked("release")).toHaveLength(2);
  expect(did(parts)).toEqual({ north: "gave", east: "gave", south: "not-asked" });
});

it("takes no cookies along, and shows each server a token for it alone", async () => {
  await unlocked();
  for (const { server, init } of servers.asked) {
    expect(init).toMatchObject({ credentials: "omit", cache: "no-store", redirect: "error", referrerPolicy: "no-referrer" });
    expect(new Headers(init.headers).get("Authorization")).toBe(`Bearer token for ${server}`);
  }
});

it("does without a server that gives no nonce, and names it", async () => {
  servers.trouble.set("east", "dead");
  const { open, parts } = await unlocked();
  expect(b64(open.key)).toBe(wanted);
  expect(did(parts)).toEqual({ north: "gave", east: "unreachable", south: "gave" });
});

it("waits only briefly for the third nonce", async () => {
  servers.trouble.set("east", "silent");
  const underway = unlocked();
  await until("nonce", 3);
  const waiting = vi.waitFor(() => {
    clock.pass(THIRD_NONCE_MS);
    expect(asked("release")).toHaveLength(2);
  });
  await waiting;
  expect(did((await underway).parts)).toMatchObject({ east: "late" });
});

it.each<[string, (server: Name) => void, string]>([
  ["dies after its nonce", (server) => servers.trouble.set(server, "dead"), "unreachable"],
  ["refuses", (server) => servers.trouble.set(server, 403), "refused"],
  ["has given enough today", (server) => servers.trouble.set(server, 429), "limit"],
  ["does not know the token", (server) => servers.trouble.set(server, 401), "token"],
  ["gives another share", (server) => servers.lying.add(server), "bad-share"],
])("goes to the third at once when one %s", async (_, spoil, fault) => {
  const { open, parts } = await unlocked(() => spoil("north"));
  expect(b64(open.key)).toBe(wanted);
  expect(did(parts)).toEqual({ north: fault, east: "gave", south: "gave" });
});

it("asks the third when one is late", async () => {
  const underway = unlocked(() => servers.trouble.set("north", "silent"));
  await until("release", 2);
  expect(asked("release").map(({ server }) => server)).toEqual(["north", "east"]);
  clock.pass(HEDGE_MS);
  const { open, parts } = await underway;
  expect(b64(open.key)).toBe(wanted);
  expect(did(parts)).toEqual({ north: "late", east: "gave", south: "gave" });
});

it("tries another route with the very same body, and begins there the next time", async () => {
  servers.trouble.set("north/front/release", "dead");
  await unlocked();
  const [one, other] = asked("release").filter(({ server }) => server === "north");
  expect([one!.route, other!.route]).toEqual(["front", "back"]);
  expect(one!.body).toBe(other!.body);
  servers.asked.length = 0;
  await prepare(unlocking);
  expect(servers.asked.find(({ server }) => server === "north")!.route).toBe("back");
});

it.each([502, 503, 504])("takes %i for a sick route", async (status) => {
  servers.trouble.set("north/front", status);
  servers.trouble.set("east", "dead");
  const { open } = await unlocked();
  expect(b64(open.key)).toBe(wanted);
});

it("says what each did when two are dead", async () => {
  servers.trouble.set("north", "dead");
  servers.trouble.set("south", 503);
  const fault = await unlocked().catch((error: unknown) => error);
  expect(fault).toBeInstanceOf(SharesError);
  expect(did((fault as SharesError).parts)).toEqual({ north: "unreachable", east: "not-asked", south: "busy" });
});

it("gives up when the time is over", async () => {
  for (const server of ["north", "east"]) servers.trouble.set(server, "silent");
  const underway = unlocked().catch((error: unknown) => error);
  await until("nonce", 3);
  clock.pass(WITHIN_MS);
  expect(await underway).toBeInstanceOf(SharesError);
});

it("names two that lie, and opens nothing", async () => {
  const fault = await unlocked(() => {
    servers.lying.add("north");
    servers.lying.add("east");
  }).catch((error: unknown) => error);
  expect(fault).toBeInstanceOf(SharesError);
  expect(did((fault as SharesError).parts)).toMatchObject({ north: "bad-share", east: "bad-share" });
});

it("finds out beforehand who has lost or spoiled a share", async () => {
  servers.trouble.set("south", "dead");
  servers.lying.add("north");
  const asking = { token: servers.token, signal: new AbortController().signal };
  expect(did(await rehearse(servers.settings, unlocking.stated, asking))).toEqual({
    north: "bad-share",
    east: "holds",
    south: "unreachable",
  });
});
