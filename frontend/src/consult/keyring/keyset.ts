/** The keyset once it is open, and the ways in which its key is wrapped (`docs/spec/consult/keys.md`). */

import { type Bytes, unb64 } from "../../crypto/encoding.ts";
import { type Keyset, lockKeyset, openKeyset } from "../../crypto/keysets.ts";
import type { Person } from "../../crypto/persons.ts";
import { require } from "../../crypto/reasons.ts";
import { type Signer, signerOf } from "../../crypto/statements.ts";
import { publicOf } from "../../crypto/suite.ts";
import { unwrapOnDevice, wrapForDevice } from "../../crypto/unlocking.ts";
import type { DeviceStore, OwnDevice } from "./own_device.ts";

/** Somebody's secrets, in memory for as long as the page lives. */
export interface OpenKeyset {
  keyset: Keyset;
  /** Of the keyset's box; every unlock method wraps it. */
  key: Bytes;
  /** The box, as the application and the key servers keep it. */
  box: string;
}

/** The keyset in `box`. It must be that of `person`: their last generation, with the very keys they stated. */
export async function opened(box: string, key: Bytes, person: Person): Promise<OpenKeyset> {
  const keyset = await openKeyset(box, key, person.person, person.generation);
  const stated = keyset.generations.find(({ generation }) => generation === person.generation);
  require(stated, "stale", "keyset");
  const [kem, signer] = [await publicOf(unb64(stated.kem)), await signerOf(unb64(stated.sign))];
  require(same(kem, person.kem) && same(signer.publicKey, person.sign), "wrong-key", "keyset");
  return { keyset, key, box };
}

const same = (one: Bytes, other: Bytes): boolean =>
  one.length === other.length && one.every((byte, at) => byte === other[at]);

/** The one who signs as this person: with the newest generation. */
export async function personSigner({ keyset }: OpenKeyset): Promise<Signer & { generation: number }> {
  const newest = keyset.generations.at(-1)!;
  return { ...(await signerOf(unb64(newest.sign))), generation: newest.generation };
}

/** A keyset with one generation more, under a key of its own: whoever had the old key has nothing of the new one. Under
 *  `key` when nothing was lost. */
export async function withGeneration(
  before: Keyset,
  kemSeed: string,
  signSeed: string,
  key: Bytes = crypto.getRandomValues(new Uint8Array(32)),
): Promise<OpenKeyset> {
  const generation = (before.generations.at(-1)?.generation ?? 0) + 1;
  const generations = [...before.generations, { generation, kem: kemSeed, sign: signSeed }];
  const keyset = { ...before, generations };
  return { keyset, key, box: await lockKeyset(keyset, key) };
}

/** Leave it open on this device until then (seconds since 1970). */
export async function keepOpen(store: DeviceStore, own: OwnDevice, open: OpenKeyset, until: number): Promise<void> {
  const unlock = await wrapForDevice(own.person, own.device, own.lock, open.key);
  await store.keep({ person: own.person, keyset: open.box, unlock, until });
}

/** The keyset as this device has it, without asking anybody; null when it is locked here. */
export async function openOnDevice(
  store: DeviceStore,
  own: OwnDevice,
  person: Person,
  now: number,
): Promise<(OpenKeyset & { until: number }) | null> {
  const kept = await store.keyset(own.person);
  if (!kept) return null;
  if (kept.until <= now) {
    await store.forget(own.person);
    return null;
  }
  const key = await unwrapOnDevice(own.person, own.device, own.lock, kept.unlock);
  return { ...(await opened(kept.keyset, key, person)), until: kept.until };
}
