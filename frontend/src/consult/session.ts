/** Somebody at work in this browser: what was asked of the server, and the keyset once it is open. */

import type { Stating } from "../crypto/devices.ts";
import { Rejected } from "../crypto/reasons.ts";
import { type Account, readAccount } from "./account.ts";
import { api, type StoredKeyset } from "./api.ts";
import type { KeyLog } from "./keyring/key_log.ts";
import type { KeyServerSettings } from "./keyring/key_server.ts";
import { keepOpen, type OpenKeyset, openOnDevice, personSigner } from "./keyring/keyset.ts";
import type { DeviceStore, OwnDevice } from "./keyring/own_device.ts";
import { ownCircle } from "./talk/own_circle.ts";
import { must, Unanswered } from "./unanswered.ts";
import { tell } from "./untold.ts";

/** How long a device stays open after it was unlocked: a long shift. */
export const OPEN_S = 12 * 3600;

/** What the page gives: who it is for, and where the key servers are. */
export interface World {
  name: string;
  email: string;
  servers: KeyServerSettings[];
  token: (server: string) => Promise<string>;
  store: DeviceStore;
  /** Null where no key servers cosign one. */
  log: KeyLog | null;
}

/** Somebody who has keys, whether or not they are open here. `kept` is null until the keyset was stored. */
export interface Known extends World {
  account: Account;
  kept: StoredKeyset | null;
  own: OwnDevice;
}

/** And whose keyset is open on this device, until then (seconds since 1970). */
export interface Session extends Known {
  open: OpenKeyset;
  until: number;
}

export const nowS = (): number => Math.floor(Date.now() / 1000);

/** Who is known here; null if they have no keys yet. Throws Unanswered. */
export async function recall(world: World): Promise<Known | null> {
  const { you } = await must(api.people());
  return you === null ? null : known(world, you);
}

/** Read again what the server has of `person`, who is oneself. */
export async function known(world: World, person: string): Promise<Known> {
  const [about, kept, device] = await Promise.all([must(api.person(person)), stored(), world.store.device(person)]);
  let account = await readAccount(person, about.events);
  if (account?.unvouched) account = await readAccount(person, about.events, (await ownCircle(person, world.log)).vouching(person));
  if (!account) throw new Error("the server has no keys of ours that hold");
  if (!account.devices.some((each) => each.device === device.device && each.revoked)) {
    return { ...world, account, kept, own: device };
  }
  await world.store.discard(person);
  return { ...world, account, kept, own: await world.store.device(person) };
}

async function stored(): Promise<StoredKeyset | null> {
  const answer = await api.keyset();
  if (answer.ok) return answer.value;
  if (answer.code === "not_found") return null;
  throw new Unanswered(answer);
}

/** As this device has it, without asking anybody; null when it is locked here. */
export async function resume(person: Known): Promise<Session | null> {
  try {
    const found = await openOnDevice(person.store, person.own, person.account.person, nowS());
    return found && { ...person, open: found, until: found.until };
  } catch (error) {
    // New keys were made on another device since.
    if (!(error instanceof Rejected)) throw error;
    await person.store.forget(person.own.person);
    return null;
  }
}

/** Open from now on, on this device too. */
export async function begin(person: Known, open: OpenKeyset): Promise<Session> {
  const until = nowS() + OPEN_S;
  await keepOpen(person.store, person.own, open, until);
  void tell(person.own.person, { what: "unlocked", device: person.own.device, note: "" });
  return { ...person, open, until };
}

/** When its time is over the page asks to be unlocked again, whatever is on it. */
export function lockInTime({ until }: Session): void {
  setTimeout(() => location.reload(), (until - nowS()) * 1000);
}

/** Whether the server takes messages from this device. */
export const isCertified = ({ account, own }: Known): boolean =>
  account.devices.some(({ device, revoked }) => device === own.device && !revoked);

/** The one who states things as this person, now. */
export async function stating({ account, open }: Session): Promise<Stating> {
  const { generation, ...signer } = await personSigner(open);
  return { person: account.person.person, generation, at: nowS(), signer };
}
