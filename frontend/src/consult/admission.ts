/** All keys are lost: new ones, for which two colleagues vouch (`docs/spec/consult/keys.md`, "Admission"). */

import { b64, type Bytes } from "../crypto/encoding.ts";
import { lockKeyset } from "../crypto/keysets.ts";
import { acceptPersonKey, digits, type KnownKey, statedKey, statePersonKey } from "../crypto/persons.ts";
import { Rejected } from "../crypto/reasons.ts";
import { cosign, signerOf, type Statement } from "../crypto/statements.ts";
import { TYP } from "./account.ts";
import { api } from "./api.ts";
import type { KeyLog } from "./keyring/key_log.ts";
import type { OpenKeyset } from "./keyring/keyset.ts";
import { addDevice } from "./own_keys.ts";
import { begin, type Known, known, nowS, type Session, stating } from "./session.ts";
import type { Circle } from "./talk/circle.ts";
import { PERSON } from "./talk/group.ts";
import { ownCircle } from "./talk/own_circle.ts";
import { must } from "./unanswered.ts";
import { csrf, page } from "./world.ts";

const WITHIN_MS = 5000;
const random = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length));

export interface AskedAdmission {
  person: string;
  name: string;
  signed: Statement;
}

interface Admissions {
  own: Statement | null;
  asked: AskedAdmission[];
}

async function request(init: RequestInit): Promise<Admissions> {
  const answer = await fetch(page.admissions, { ...init, signal: AbortSignal.timeout(WITHIN_MS) });
  if (!answer.ok) throw new TypeError(`${answer.status}`);
  return (await answer.json()) as Admissions;
}

export const readAdmissions = (): Promise<Admissions> => request({});

const post = (body: object): Promise<Admissions> =>
  request({ method: "POST", headers: { "Content-Type": "application/json", "X-CSRFToken": csrf() }, body: JSON.stringify(body) });

/** New keys, which exist in this page alone until colleagues vouched for them; `code` is what they compare. */
export interface NewKeys {
  statement: Statement;
  open: OpenKeyset;
  code: string;
}

/** Made, and asked of nobody yet. */
export async function makeNewKeys({ account: { person } }: Known): Promise<NewKeys> {
  const [kemSeed, signSeed, key] = [random(32), random(32), random(32)];
  const generation = person.generation + 1;
  const own = { person: person.person, generation, kemSeed, signer: await signerOf(signSeed) };
  const statement = await statePersonKey({ ...own, previous: person.name, at: nowS() });
  const keyset = { v: 1 as const, person: person.person, generations: [{ generation, kem: b64(kemSeed), sign: b64(signSeed) }] };
  return { statement, open: { keyset, key, box: await lockKeyset(keyset, key) }, code: await digits(statedKey(statement)) };
}

export async function askAdmission(person: Known): Promise<NewKeys> {
  const made = await makeNewKeys(person);
  await post({ signed: made.statement });
  return made;
}

/** The statement, once two colleagues vouched for it; null as long as they have not. */
export async function vouchedFor({ account: { person }, log }: Known, { statement }: NewKeys): Promise<Statement | null> {
  const { own } = await readAdmissions();
  if (own?.payload !== statement.payload) return null;
  const admitters = await admittersOf(person.person, log);
  const accepted = await acceptPersonKey(own, { person: person.person, known: person, admitters }).catch((error: unknown) => {
    if (error instanceof Rejected) return null;
    throw error;
  });
  return accepted && own;
}

/** Who may vouch for one's own keys: administrators of one's teams. */
const admittersOf = async (person: string, log: KeyLog | null): Promise<KnownKey[]> =>
  (await ownCircle(person, log)).admitters(person);

/** From here on the new keys are ours, on this device; other ways to open them must be made again. */
export async function takeUp(before: Known, { open }: NewKeys, vouched: Statement): Promise<Session> {
  const { person } = before.account.person;
  await must(api.state([{ typ: TYP.personKey, signed: vouched }]));
  await before.store.discard(person);
  const now = await known(before, person);
  const session = await begin(now, open);
  await must(api.keepKeyset({ version: (now.kept?.version ?? 0) + 1, keyset: open.box, wraps: [] }));
  const certified = await addDevice(session);
  await post({ signed: null });
  return certified;
}

/** What a colleague asks and one may vouch for, with what both see; null when it is not theirs to ask, or not one's to admit. */
export async function askedCode(circle: Circle, { person, signed }: AskedAdmission): Promise<string | null> {
  const member = PERSON + person;
  const teams = circle.own().filter(({ membership: { members } }) => members.has(member) && members.get(circle.self) === "admin");
  const keys = circle.directory.get(person)?.keys;
  const key = statedKey(signed);
  const next = keys && key.person === person && key.generation === keys.person.generation + 1 && key.previous === keys.person.name;
  return teams.length > 0 && next ? digits(key) : null;
}

/** The numbers were compared by voice. */
export async function admit(session: Session, { person, signed }: AskedAdmission): Promise<void> {
  const { signer } = await stating(session);
  const vouched = await cosign(TYP.personKey, signed, signer);
  await post({ person, payload: signed.payload, signature: vouched.signatures.at(-1) });
}
