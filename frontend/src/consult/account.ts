/** What a person stated of their own keys, devices and shares, accepted again by this client. */

import type { Bytes } from "../crypto/encoding.ts";
import { acceptTrustees } from "../crypto/approvals.ts";
import { acceptDevice, type Device, revokedDevice } from "../crypto/devices.ts";
import { acceptPasskeys, revokedPasskey } from "../crypto/passkeys.ts";
import { acceptPersonKey, type KnownKey, type Person } from "../crypto/persons.ts";
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
  reserve: "balie-reserve+jws",
};

/** A device, and since when the server has its certificate. */
export interface ListedDevice extends Device {
  since: string;
}

/** Somebody's keys and devices. */
export interface Keys {
  person: Person;
  /** Signing keys that count, and that once counted: these for what the server had before its number `until` in the feed. */
  signers: { sign: Bytes; until: number }[];
  /** Something was stated that nobody whom one knows vouches for. */
  unvouched: boolean;
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
  /** Colleagues, two of whom may admit a new key of ours; with their keys as they were when we named them. */
  trustees: KnownKey[];
  /** Something was stated of which the key servers have not heard: they hear it with a set of shares. */
  untold: boolean;
  stated: Stated;
}

interface Known {
  feed: number;
  signed: Statement;
  at: string;
}

const known = (events: FeedEvent[], typ: string): Known[] =>
  events.flatMap(({ feed, statement, received_at }) =>
    statement?.typ === typ ? [{ feed, signed: statement.signed, at: received_at }] : [],
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

/** What somebody's keys were from a number of the feed on. */
type Since = Person & { since: number };

/**
 * Each key ends where another was stated that nothing ties to it, whether or not we know already who vouches for that one:
 * to whom it belongs from then on, nobody can tell.
 */
function signersOf(persons: Since[], stated: Known[]): Keys["signers"] {
  const continued = new Set(persons.filter(({ how }) => how !== "admitted").map(({ since }) => since));
  const ends = stated.map(({ feed }) => feed).filter((feed) => !continued.has(feed));
  return persons.map(({ sign, since }) => ({ sign, until: Math.min(...ends.filter((feed) => feed > since)) }));
}

/** Who may vouch for a key that nothing ties to the one before. A reserve counts between two numbers of the feed. */
export interface Vouching {
  admitters: KnownKey[];
  reserves: { sign: Bytes; since: number; until: number }[];
}
const NOBODY: Vouching = { admitters: [], reserves: [] };

/** Somebody's keys, oldest first: each statement follows the one before. */
async function readPersons(id: string, statements: Known[], vouching: Vouching): Promise<Since[]> {
  const persons: Since[] = [];
  for (const each of statements) {
    const before = persons.at(-1) ?? null;
    const reserves = vouching.reserves.filter(({ since, until }) => since < each.feed && each.feed < until).map(({ sign }) => sign);
    const vouchers = { admitters: vouching.admitters, reserves };
    const [next] = await counting([each], (signed) => acceptPersonKey(signed, { person: id, known: before, ...vouchers }));
    if (next) persons.push({ ...next.says, since: next.feed });
  }
  return persons;
}

/** Null when nothing is stated, or nothing that holds. `vouching`: who may vouch for a key that nothing ties to the one before. */
export async function readKeys(id: string, events: FeedEvent[], vouching = NOBODY): Promise<Keys | null> {
  const stated = known(events, TYP.personKey);
  const persons = await readPersons(id, stated, vouching);
  const person = persons.at(-1);
  if (!person) return null;
  const gone = await counting(known(events, TYP.deviceRevoked), (each) => revokedDevice(each, person));
  const revocations = gone.map(({ signed }) => signed);
  const devices = await counting(known(events, TYP.device), (each) => acceptDevice(each, person, revocations));
  const lost = await counting(known(events, TYP.device), (each) => acceptLostDevice(each, persons));
  const certificates = devices.map(({ signed }) => signed);
  const signers = signersOf(persons, stated);
  const unvouched = persons.length < stated.length;
  return { person, signers, unvouched, devices: [...devices, ...lost].map(({ says, at }) => ({ ...says, since: at })), certificates, revocations };
}

/** A device that a key certified which was lost since: what it signed before is shown, nothing new is taken from it. */
async function acceptLostDevice(statement: Statement, persons: Person[]): Promise<Device> {
  const era = new Set(persons.at(-1)!.era.keys());
  const before = persons.filter(({ era: keys }) => ![...keys.keys()].some((kid) => era.has(kid)));
  for (const each of before) {
    const device = await acceptDevice(statement, each).catch((error: unknown) => {
      if (error instanceof Rejected) return null;
      throw error;
    });
    if (device) return { ...device, revoked: true };
  }
  throw new Rejected("unknown-signer", TYP.device);
}

/** From all that the server has of oneself. */
export async function readAccount(id: string, events: FeedEvent[], vouching = NOBODY): Promise<Account | null> {
  const keys = await readKeys(id, events, vouching);
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
  const named = (await counting(known(events, TYP.trustees), (each) => acceptTrustees(each, person))).at(-1);
  const told = sets.at(-1)?.feed;
  const tellable = [...known(events, TYP.passkeyRevoked), ...known(events, TYP.deviceRevoked), ...passkeys, ...(named ? [named] : [])];
  return {
    ...keys,
    shares: sets.at(-1)?.says ?? null,
    passkeys: kept.map(({ says }) => says),
    trustees: named?.says ?? [],
    untold: tellable.some(({ feed }) => feed > (told ?? -1)),
    stated: {
      person_keys: raw(TYP.personKey),
      passkeys: kept.map(({ signed }) => signed),
      passkeys_revoked: revoked.map(({ signed }) => signed),
      devices: keys.certificates,
      devices_revoked: keys.revocations,
      trustees: named?.signed ?? null,
    },
  };
}
