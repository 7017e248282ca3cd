/** What a browser keeps, in a real one: keys that do not come out, and a keyset that stays open until it is locked. */

import { afterEach, beforeEach, expect, it } from "vitest";
import { acceptDevice, certifyDevice } from "../../crypto/devices.ts";
import { b64 } from "../../crypto/encoding.ts";
import { signers, sign, verify } from "../../crypto/statements.ts";
import { newPerson } from "./enrolment.ts";
import { keepOpen, openOnDevice, personSigner } from "./keyset.ts";
import { DeviceStore } from "./own_device.ts";

const PERSON = b64(crypto.getRandomValues(new Uint8Array(16)));
const NAME = "test-keyring";
let store: DeviceStore;

const emptied = () =>
  new Promise<void>((resolve, reject) => {
    const asked = indexedDB.deleteDatabase(NAME);
    asked.onsuccess = () => resolve();
    asked.onerror = () => reject(asked.error);
  });

beforeEach(async () => {
  await emptied();
  store = await DeviceStore.open(NAME);
});
afterEach(() => store.close());

it("makes a device once, also when two tabs begin at once", async () => {
  const [one, other] = await Promise.all([store.device(PERSON), store.device(PERSON)]);
  expect(one.device).toBe(other.device);
  expect((await store.device(PERSON)).device).toBe(one.device);
});

it("keeps its keys over a reload, and does not let them out", async () => {
  const made = await store.device(PERSON);
  store.close();
  store = await DeviceStore.open(NAME);
  const own = (await store.found(PERSON))!;
  expect(own.device).toBe(made.device);
  await expect(crypto.subtle.exportKey("pkcs8", own.sign.privateKey as CryptoKey)).rejects.toThrow();
  await expect(crypto.subtle.exportKey("raw", own.lock)).rejects.toThrow();
  const statement = await sign("balie-example+jws", { v: 1 }, [own.sign]);
  expect((await verify("balie-example+jws", statement, await signers(made.sign.publicKey))).kids).toHaveLength(1);
});

it("is certified by the person", async () => {
  const { person, open } = await newPerson(PERSON, 1);
  const [signer, own] = [await personSigner(open), await store.device(PERSON)];
  const stating = { person: PERSON, generation: 1, at: 1, signer };
  const device = await acceptDevice(await certifyDevice(stating, own.device, own.sign.publicKey), person);
  expect(device).toMatchObject({ device: own.device, revoked: false });
});

it("opens the keyset by itself until its time is over", async () => {
  const { person, open } = await newPerson(PERSON, 1);
  const own = await store.device(PERSON);
  await keepOpen(store, own, open, 100);
  expect((await openOnDevice(store, own, person, 99))!.keyset).toEqual(open.keyset);
  expect(await openOnDevice(store, own, person, 100)).toBeNull();
  expect(await store.keyset(PERSON)).toBeUndefined();
});

it("opens nothing once locked, and nothing of another", async () => {
  const { person, open } = await newPerson(PERSON, 1);
  const own = await store.device(PERSON);
  await keepOpen(store, own, open, 100);
  const other = await newPerson(PERSON, 1);
  await expect(openOnDevice(store, own, other.person, 1)).rejects.toMatchObject({ reason: "wrong-key" });
  await store.forget(PERSON);
  expect(await openOnDevice(store, own, person, 1)).toBeNull();
  expect((await store.found(PERSON))!.device).toBe(own.device);
});

it("begins as another device once it was revoked", async () => {
  const own = await store.device(PERSON);
  await store.discard(PERSON);
  expect((await store.device(PERSON)).device).not.toBe(own.device);
});
