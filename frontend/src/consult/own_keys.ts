/** What one does with one's own keys: make them, add ways to open them, let a device in, and revoke one. */

import { certifyDevice, revokeDevice } from "../crypto/devices.ts";
import { b64, type Bytes, unb64 } from "../crypto/encoding.ts";
import { statePasskey } from "../crypto/passkeys.ts";
import { statePersonKey } from "../crypto/persons.ts";
import { Rejected } from "../crypto/reasons.ts";
import { THRESHOLD } from "../crypto/shares.ts";
import { signerOf } from "../crypto/statements.ts";
import { suites } from "../crypto/suite.ts";
import { wrap, wrapForCode } from "../crypto/unlocking.ts";
import { TYP } from "./account.ts";
import { api, type Posted, type StoredKeyset, type Wrapped } from "./api.ts";
import { deposit, type Deposited, newPerson, shareOut, type Stated } from "./keyring/enrolment.ts";
import { keepOpen, personSigner, withGeneration } from "./keyring/keyset.ts";
import { gesture, makePasskey, type NewPasskey } from "./keyring/passkey.ts";
import { reachable } from "./keyring/reachable.ts";
import { begin, isCertified, known, nowS, OPEN_S, type Session, stating, type World } from "./session.ts";
import { must, Unanswered } from "./unanswered.ts";

/** Nobody waits longer for key servers while setting up. */
const DEPOSIT_WITHIN_MS = 8000;
const random = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length));

/** First keys, and this browser as the first device. They are on this device before anybody knows of them. */
export async function makeKeys(world: World): Promise<Session> {
  const [id, at] = [b64(random(16)), nowS()];
  const { statement, open } = await newPerson(id, at);
  const own = await world.store.device(id);
  const until = at + OPEN_S;
  await keepOpen(world.store, own, open, until);
  const { generation, ...signer } = await personSigner(open);
  const certificate = await certifyDevice({ person: id, generation, at, signer }, own.device, own.sign.publicKey);
  await must(api.state([posted(TYP.personKey, statement), posted(TYP.device, certificate)]));
  await must(api.keepKeyset({ version: 1, keyset: open.box, wraps: [] }));
  return { ...(await known(world, id)), open, until };
}

export const posted = (typ: string, signed: Posted["signed"]): Posted => ({ typ, signed });

/** After the server has changed. */
export async function again(session: Session): Promise<Session> {
  return { ...session, ...(await known(session, session.account.person.person)) };
}

/** This browser as one more device of the person's. Key servers hear of it, so that it may let others in. */
export async function addDevice(session: Session): Promise<Session> {
  if (isCertified(session)) return session;
  const by = await stating(session);
  const certificate = await certifyDevice(by, session.own.device, session.own.sign.publicKey);
  await must(api.state([posted(TYP.device, certificate)]));
  const { session: told } = await share(await again(session));
  return told;
}

/** A passkey that opens the keyset: by its PRF if it has one, and by key servers. What they did is in `deposits`. */
export async function addPasskey(session: Session): Promise<{ session: Session; deposits: Deposited[] }> {
  const made = await madePasskey(session);
  if (made === null) {
    // It is there already; what it opened may have been replaced since.
    return share(await rewrap(session, await evaluated(session)));
  }
  const statement = await statePasskey(await stating(session), made.credential, made.key);
  await must(api.state([posted(TYP.passkey, statement)]));
  const shared = await share(await again(session));
  const credential = b64(made.credential);
  // Some tell what their PRF gives only at a gesture of their own.
  const prf = made.prf ?? (made.hasPrf ? (await gesture(made.person, [credential], random(32))).prf : null);
  return { ...shared, session: await rewrap(shared.session, { credential, prf }) };
}

/** Null when the person's authenticator has one of theirs already. */
async function madePasskey({ account, name, email }: Session): Promise<(NewPasskey & { person: string }) | null> {
  const { person } = account.person;
  try {
    const made = await makePasskey({ person, name: email, displayName: name, existing: account.passkeys });
    return { ...made, person };
  } catch (error) {
    if (error instanceof DOMException && error.name === "InvalidStateError") return null;
    throw error;
  }
}

interface Evaluated {
  credential: string;
  prf: Bytes | null;
}

/** What the PRF of a passkey gives, for one gesture. */
async function evaluated({ account }: Session): Promise<Evaluated> {
  const { assertion, prf } = await gesture(account.person.person, account.passkeys, random(32));
  return { credential: assertion.credential, prf };
}

async function rewrap(session: Session, { credential, prf }: Evaluated): Promise<Session> {
  if (prf === null) return session;
  const box = await wrap("passkey", session.account.person.person, prf, session.open.key);
  return keepWrap(session, { method: "passkey", id: credential, wrap: box });
}

/**
 * A device that is lost: nothing is taken from it any more, and a new generation of keys takes the place of those it had.
 * What was wrapped before opens nothing now: the passkey at hand is asked again, and a new recovery card is needed.
 */
export async function revoke(session: Session, device: string): Promise<Session> {
  const { account, open, kept } = session;
  const by = await stating(session);
  const passkey = kept?.wraps.some(({ method }) => method === "passkey") ? await atHand(session) : null;
  const [kemSeed, signSeed] = [random(32), random(32)];
  const own = { person: by.person, generation: account.person.generation + 1, kemSeed, signer: await signerOf(signSeed) };
  const renewed = await statePersonKey({ ...own, previous: account.person.name, at: by.at }, [by.signer]);
  const next = await withGeneration(open.keyset, b64(kemSeed), b64(signSeed));
  // This device has the new keys before anybody knows of them.
  const ours = await begin(session, next);
  await must(api.keepKeyset({ version: (kept?.version ?? 0) + 1, keyset: next.box, wraps: [] }));
  await must(api.state([posted(TYP.deviceRevoked, await revokeDevice(by, device)), posted(TYP.personKey, renewed)]));
  const told = (await share(await again(ours))).session;
  return passkey ? rewrap(told, passkey) : told;
}

/**
 * A key of the current suite. Nothing was lost, so the keyset stays under the key that it had: every way opens it as before.
 * A try that broke off is taken up with the keys that it made. When it cannot be done now, the next time.
 */
export async function advance(session: Session): Promise<Session> {
  const { account, open, kept, own, store, until } = session;
  // Another device that is at it has another keyset there.
  if (account.person.suite >= suites.current || kept?.keyset !== open.box) return session;
  const { person, generation, name } = account.person;
  const seeds = open.keyset.generations.find((each) => each.generation === generation + 1);
  const next = seeds ? open : await withGeneration(open.keyset, b64(random(32)), b64(random(32)), open.key);
  const [before, made] = [generation, generation + 1].map((each) => next.keyset.generations.find((found) => found.generation === each)!);
  const signer = await signerOf(unb64(made!.sign));
  const stated = { person, generation: generation + 1, kemSeed: unb64(made!.kem), signer, previous: name, at: nowS() };
  const renewed = await statePersonKey(stated, [await signerOf(unb64(before!.sign))]);
  try {
    const { wraps, version } = kept;
    if (!seeds) await must(api.keepKeyset({ version: version + 1, keyset: next.box, wraps }));
    await keepOpen(store, own, next, until);
    await must(api.state([posted(TYP.personKey, renewed)]));
    return (await share(await again({ ...session, open: next }))).session;
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
    return session;
  }
}

/** Whoever lost the device may have lost the passkey with it, and revokes all the same. */
async function atHand(session: Session): Promise<Evaluated | null> {
  try {
    return await evaluated(session);
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
}

/** A recovery code opens the keyset from now on, and no other code does. */
export async function addCode(session: Session, code: string): Promise<Session> {
  const file = await wrapForCode(session.account.person.person, code, session.open.key);
  return keepWrap(session, { method: "code", id: "", wrap: b64(file) });
}

/** Share the keyset's key out again, to servers that then know all that counts now. Kept if two of them have it. */
export async function share(session: Session): Promise<{ session: Session; deposits: Deposited[] }> {
  const { account, open, servers, token } = session;
  const there = await reachable(servers);
  // One server alone would only lose what it has: the other two would still have shares of the set before.
  if (there.size < THRESHOLD) return { session, deposits: servers.map(({ server }) => ({ server, did: "unreachable" })) };
  const by = await stating(session);
  // Key servers take only what is newer than what they have, and they count in seconds.
  const at = Math.max(by.at, (account.shares?.at ?? 0) + 1);
  const shared = await shareOut({ ...by, at }, account.person, open, servers);
  const stated: Stated = account.stated;
  const deposits = await deposit(servers, stated, shared, {
    token,
    signal: AbortSignal.timeout(DEPOSIT_WITHIN_MS),
    keyset: open.box,
  });
  if (deposits.filter(({ did }) => did === "kept").length < THRESHOLD) return { session, deposits };
  await must(api.state([posted(TYP.shareSet, shared.statement)]));
  const kept = await keepWrap(session, { method: "shares", id: shared.stated.set, wrap: shared.unlock });
  return { session: await again(kept), deposits };
}

/** The keyset with one more way to open it. Of shares and codes only the newest opens anything. */
async function keepWrap(session: Session, added: Wrapped): Promise<Session> {
  const others = (wraps: Wrapped[]): Wrapped[] =>
    wraps.filter(({ method, id }) => method !== added.method || (method === "passkey" && id !== added.id));
  for (let kept = session.kept; ; ) {
    const { version, wraps } = kept ?? { version: 0, wraps: [] };
    const next: StoredKeyset = { version: version + 1, keyset: session.open.box, wraps: [...others(wraps), added] };
    const answer = await api.keepKeyset(next);
    if (answer.ok) return { ...session, kept: next };
    if (answer.code !== "behind") throw new Unanswered(answer);
    kept = await must(api.keyset());
    // Another device has made new keys meanwhile: what we have may not be put back.
    if (kept.keyset !== session.open.box) throw new Rejected("stale", "keyset");
  }
}

/** Ways in which the keyset opens on a fresh device. */
export function ways({ kept, account }: Session): { passkey: boolean; servers: boolean; code: boolean } {
  const has = (method: Wrapped["method"]): boolean => kept?.wraps.some((each) => each.method === method) ?? false;
  const servers = has("shares") && account.passkeys.length > 0;
  return { passkey: has("passkey") || servers, servers, code: has("code") };
}
