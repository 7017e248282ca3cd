/**
 * What the key log says of oneself (`docs/spec/consult/keylog.md`, "What clients do"). The whole log is read, so that nobody can
 * show others an entry and hide it here; a browser goes on from where it was.
 */

import * as v from "valibot";
import { acceptDevice, revokedDevice } from "../../crypto/devices.ts";
import { b64, info, unb64, utf8 } from "../../crypto/encoding.ts";
import { entryOf } from "../../crypto/keylog.ts";
import { acceptPersonKey, type Person, statedKey } from "../../crypto/persons.ts";
import { Rejected } from "../../crypto/reasons.ts";
import { kidOf, peek, type Statement, statementName } from "../../crypto/statements.ts";
import { Frontier, leafHash } from "../../crypto/trees.ts";
import { TYP } from "../account.ts";
import { api, type StatedEvent } from "../api.ts";
import type { Session } from "../session.ts";
import { must } from "../unanswered.ts";
import { type KeyLog, parsed } from "./key_log.ts";

const PLACE = "balie-key-log-read";
const CLEARED = "balie-key-log-cleared";
const Names = v.array(v.string());
const Kept = v.object({ origin: v.string(), roots: v.array(v.tuple([v.number(), v.string()])), own: v.array(v.string()) });

/** Statements of this person that the log has. Throws Unanswered; Rejected (`forked`) when it is not the log that others see. */
async function ownEntries(person: string, log: KeyLog): Promise<Set<string>> {
  const [of, place] = [await entryOf(person), `${PLACE}-${person}`];
  const kept = v.safeParse(Kept, parsed(localStorage.getItem(place)));
  const { roots, own } = kept.success && kept.output.origin === log.origin ? kept.output : { roots: [], own: [] };
  const read = new Frontier(roots.map(([width, root]) => ({ width, root: unb64(root) })));
  const found = new Set(own);
  for (let more = true; more; ) {
    const page = await must(api.keyLogEntries(read.size));
    for (const each of page.entries) {
      await read.append(await leafHash(info("key-log-entry", utf8(each.of), utf8(each.statement))));
      if (each.of === of) found.add(each.statement);
    }
    more = page.more && page.entries.length > 0;
    if (!more && page.checkpoint !== null) await log.isAs(page.checkpoint, read);
  }
  const now = { origin: log.origin, roots: read.roots.map(({ width, root }) => [width, b64(root)]), own: [...found] };
  localStorage.setItem(place, JSON.stringify(now));
  return found;
}

/** What is in the log in one's name, and no key of ours made, as far as nobody looked into it. Throws Unanswered and Rejected. */
export async function foreignEntries({ account, log }: Session): Promise<string[]> {
  if (log === null) return [];
  const { person } = account.person;
  const entries = await ownEntries(person, log);
  const { events } = await must(api.person(person));
  const stated = events.flatMap(({ statement }) => statement ?? []);
  const made = await madeBy(account.person, stated);
  const known = cleared(person);
  return [...entries].filter((name) => !made.has(name) && !known.includes(name));
}

/** Statements that somebody looked into in this browser: nothing that the server says adds to them. */
function cleared(person: string): string[] {
  const kept = v.safeParse(Names, parsed(localStorage.getItem(`${CLEARED}-${person}`)));
  return kept.success ? kept.output : [];
}

/** Somebody looked into these, and says what they found: first in the log, then this browser is silent. Throws Unanswered. */
export async function clearEntries({ account, own }: Session, names: string[], note: string): Promise<void> {
  const { person } = account.person;
  for (const statement of names) {
    await must(api.tellLog([{ what: "cleared", device: own.device, note, statement }]));
    localStorage.setItem(`${CLEARED}-${person}`, JSON.stringify([...cleared(person), statement]));
  }
}

/** Names of statements that our present key made or follows, and of those that continue from it. */
export async function madeBy(present: Person, stated: StatedEvent[]): Promise<Set<string>> {
  const named = new Map<string, StatedEvent>();
  for (const each of stated) named.set(await statementName(each.typ, peek(each.signed)), each);
  const [made, persons] = [new Set([present.name]), [present]];
  for (let earlier = named.get(present.name); earlier; ) {
    const { previous } = statedKey(earlier.signed);
    if (previous === null) break;
    made.add(previous); // our own key says that it follows this one, whether or not it is shown
    earlier = named.get(previous);
    if (earlier) persons.unshift(await alone(previous, earlier.signed));
  }
  for (const [name, { typ, signed }] of named) {
    if (typ !== TYP.personKey || made.has(name)) continue;
    const last = persons.at(-1)!;
    const next = await accepted(() => acceptPersonKey(signed, { person: last.person, known: last }));
    if (next) persons.push(next);
    if (next) made.add(name);
  }
  for (const [name, { typ, signed }] of named) {
    for (const each of persons) {
      if (typ === TYP.device && (await accepted(() => acceptDevice(signed, each)))) made.add(name);
      if (typ === TYP.deviceRevoked && (await accepted(() => revokedDevice(signed, each)))) made.add(name);
    }
  }
  return made;
}

/** Somebody by one of their keys, to which a later one of theirs is tied. */
async function alone(name: string, signed: Statement): Promise<Person> {
  const { person, generation, suite, kem, sign } = statedKey(signed);
  const era = new Map([[await kidOf(sign), { generation, publicKey: sign }]]);
  return { person, generation, suite, kem, sign, name, how: "first", vouchers: [], era };
}

async function accepted<T>(accept: () => Promise<T>): Promise<T | null> {
  try {
    return await accept();
  } catch (error) {
    if (error instanceof Rejected) return null;
    throw error;
  }
}
