/** What a person stated of their own keys, devices and shares, accepted again by this client. */

import type { Bytes } from "../crypto/encoding.ts";
import { acceptDevice, type Device, revokedDevice } from "../crypto/devices.ts";
import { acceptPasskeys, revokedPasskey } from "../crypto/passkeys.ts";
import { acceptPersonKey, type Person } from "../crypto/persons.ts";
import { Rejected } from "../crypto/reasons.ts";
import { acceptShareSet, type ShareSet } from "../crypto/shares.ts";
import type { Statement } from "../crypto/statements.ts";
import type { FeedEvent } from "./api.ts";
import type { Stated } from "./keyring/enrolment.ts";

export const TYP = {
  personKey: "balie-person-key+jws",
  device: "balie-device+jws",
  deviceRevoked: "balie-device-revoked+jws",
  shareSet: "balie-share-set+jws",
  passkey: "balie-passkey+jws",
  passkeyRevoked: "balie-passkey-revoked+jws",
  trustees: "balie-trustees+jws",
  act: "balie-membership+jws",
  groupKey: "balie-group-key+jws",
};

/** A device, and since when the server has its certificate. */
export interface ListedDevice extends Device {
  since: string;
}

/** Somebody's keys and devices. */
export interface Keys {
  person: Person;
  /** Signing keys that count or once counted. */
  signers: Bytes[];
  devices: ListedDevice[];
  certificates: Statement[];
  revocations: Statement[];
}

/** One's own: besides, what only oneself sees. */
export interface Account extends Keys {
  /** The newest set of shares that was stated; null before the first. */
  shares: ShareSet | null;
  /** The credentials of passkeys that count. */
  passkeys: string[];
  stated: Stated;
}

interface Known {
  signed: Statement;
  at: string;
}

const known = (events: FeedEvent[], typ: string): Known[] =>
  events.flatMap(({ statement, received_at }) =>
    statement?.typ === typ ? [{ signed: statement.signed, at: received_at }] : [],
  );

/** Those that count, each with what it says. A key that was lost states nothing any more, so its statements go. */
async function counting<T>(statements: Known[], accept: (statement: Statement) => Promise<T>): Promise<(Known & { says: T })[]> {
  const found = await Promise.all(
    statements.map(async (each) => {
      try {
        return { ...each, says: await accept(each.signed) };
      } catch (error) {
        if (error instanceof Rejected) return null;
        throw error;
      }
    }),
  );
  return found.filter((each) => each !== null);
}

/** Somebody's keys, oldest first: each statement follows the one before. */
async function readPersons(id: string, statements: Known[]): Promise<Person[]> {
  const persons: Person[] = [];
  for (const each of statements) {
    const before = persons.at(-1) ?? null;
    const [next] = await counting([each], (signed) => acceptPersonKey(signed, { person: id, known: before }));
    if (next) persons.push(next.says);
  }
  return persons;
}

/** Null when nothing is stated, or nothing that holds. */
export async function readKeys(id: string, events: FeedEvent[]): Promise<Keys | null> {
  const persons = await readPersons(id, known(events, TYP.personKey));
  const person = persons.at(-1);
  if (!person) return null;
  const gone = await counting(known(events, TYP.deviceRevoked), (each) => revokedDevice(each, person));
  const revocations = gone.map(({ signed }) => signed);
  const devices = await counting(known(events, TYP.device), (each) => acceptDevice(each, person, revocations));
  const certificates = devices.map(({ signed }) => signed);
  const signers = persons.map(({ sign }) => sign);
  return { person, signers, devices: devices.map(({ says, at }) => ({ ...says, since: at })), certificates, revocations };
}

/** From all that the server has of oneself. */
export async function readAccount(id: string, events: FeedEvent[]): Promise<Account | null> {
  const keys = await readKeys(id, events);
  if (!keys) return null;
  const { person } = keys;
  const raw = (typ: string): Statement[] => known(events, typ).map(({ signed }) => signed);
  const sets = await counting(known(events, TYP.shareSet), (each) => acceptShareSet(each, person));
  const revoked = await counting(known(events, TYP.passkeyRevoked), (each) => revokedPasskey(each, person));
  const gone = new Set(revoked.map(({ says }) => says));
  const passkeys = await counting(known(events, TYP.passkey), async (each) => {
    const [credential] = (await acceptPasskeys([each], [], person)).keys();
    return credential!;
  });
  const kept = passkeys.filter(({ says }) => !gone.has(says));
  return {
    ...keys,
    shares: sets.at(-1)?.says ?? null,
    passkeys: kept.map(({ says }) => says),
    stated: {
      person_keys: raw(TYP.personKey),
      passkeys: kept.map(({ signed }) => signed),
      passkeys_revoked: revoked.map(({ signed }) => signed),
      devices: keys.certificates,
      devices_revoked: keys.revocations,
      trustees: raw(TYP.trustees).at(-1) ?? null,
    },
  };
}
