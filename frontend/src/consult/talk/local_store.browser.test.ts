/** What a browser keeps between two visits, in a real one: readable on this device for this person, and nowhere else. */

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Attachment } from "../../crypto/attachments.ts";
import { b64 } from "../../crypto/encoding.ts";
import { DeviceStore, type OwnDevice } from "../keyring/own_device.ts";
import { LocalStore, type Outgoing } from "./local_store.ts";

const [ANNA, BILAL] = [b64(new Uint8Array(16).fill(1)), b64(new Uint8Array(16).fill(2))];
let devices: DeviceStore;
let own: OwnDevice;
let store: LocalStore;

const emptied = (name: string) =>
  new Promise<void>((resolve, reject) => {
    const asked = indexedDB.deleteDatabase(name);
    asked.onsuccess = () => resolve();
    asked.onerror = () => reject(asked.error);
  });

beforeEach(async () => {
  await Promise.all(["test-devices", "test-talk"].map(emptied));
  devices = await DeviceStore.open("test-devices");
  own = await devices.device(ANNA);
  store = await LocalStore.open(own, "test-talk");
});
afterEach(() => {
  store.close();
  devices.close();
});

const words = (text: string) => ({ text, attachments: [] });
const hashOf = (name: string): string => b64(new Uint8Array(32).fill(name.length));
const attached = (name: string): Attachment => {
  return { identity: `AGE-SECRET-KEY-1${"Q".repeat(58)}`, hash: hashOf(name), size: 3, type: "application/pdf", name };
};
const written = (id: string, at: number): Outgoing => ({ conversation: "c", id, at, kind: "text", text: `tekst ${id}`, to: null, attachments: [] });

it("keeps a draft over a reload, until there is nothing in it", async () => {
  await store.keepDraft("c", words("Nog niet af"));
  store.close();
  store = await LocalStore.open((await devices.found(ANNA))!, "test-talk");
  expect(await store.draft("c")).toEqual(words("Nog niet af"));
  expect(await store.draft("d")).toEqual(words(""));
  await store.keepDraft("c", words(""));
  expect(await store.draft("c")).toEqual(words(""));
});

it("keeps what is to be sent in the order in which it was written", async () => {
  for (const [id, at] of [["b", 3], ["a", 2], ["c", 1]] as const) await store.keepOutgoing(written(id, at));
  expect((await store.outbox()).map(({ id }) => id)).toEqual(["c", "a", "b"]);
  await store.dropOutgoing(written("a", 2));
  expect((await store.outbox()).map(({ id }) => id)).toEqual(["c", "b"]);
});

it("shows nothing of it to another person, or to another device of the same person", async () => {
  await store.keepDraft("c", words("van Anna"));
  await store.keepOutgoing(written("a", 1));
  for (const other of [await devices.device(BILAL), { ...own, lock: (await devices.device(BILAL)).lock }]) {
    const theirs = await LocalStore.open(other, "test-talk");
    expect([await theirs.draft("c"), await theirs.outbox()]).toEqual([words(""), []]);
    theirs.close();
  }
});

it("keeps files that a draft or a message mentions, and new ones a while longer", async () => {
  const clock = vi.spyOn(Date, "now").mockReturnValue(0);
  for (const each of ["draft", "sending", "lost"]) await store.keepFile(hashOf(each), new Uint8Array(3));
  await store.keepDraft("c", { text: "", attachments: [attached("draft")] });
  await store.keepOutgoing({ ...written("a", 1), attachments: [attached("sending")] });
  clock.mockReturnValue(25 * 3600 * 1000);
  await store.keepFile(hashOf("new"), new Uint8Array(3));
  await store.tidy();
  clock.mockRestore();
  const there = async () => Promise.all(["draft", "sending", "lost", "new"].map(async (each) => (await store.file(hashOf(each))) !== null));
  expect(await there()).toEqual([true, true, false, true]);
  await store.dropOutgoing({ ...written("a", 1), attachments: [attached("sending")] });
  expect(await there()).toEqual([true, false, false, true]);
});
