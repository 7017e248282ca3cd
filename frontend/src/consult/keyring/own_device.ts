/**
 * This browser profile as a device: its keys, which cannot be taken out, and what it keeps of the keyset. It is what
 * makes that somebody who is at work needs no key server.
 */

import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { b64 } from "../../crypto/encoding.ts";
import type { Signer } from "../../crypto/statements.ts";

const DATABASE = "balie-keyring";
const ID_BYTES = 16;

export interface OwnDevice {
  person: string;
  device: string;
  /** Ed25519; signs messages and approvals. */
  sign: Signer;
  /** AES-GCM, 256 bits; wraps the keyset's key, and locks what is kept here. */
  lock: CryptoKey;
}

/** The keyset as this device has it. Gone when it is locked; the device's keys stay. */
export interface KeptKeyset {
  person: string;
  keyset: string;
  unlock: string;
  /** Seconds since 1970 from when it is not used any more. */
  until: number;
}

interface Schema extends DBSchema {
  devices: { key: string; value: OwnDevice };
  keysets: { key: string; value: KeptKeyset };
}

/** What this browser keeps of whoever uses it. */
export class DeviceStore {
  readonly #database: IDBPDatabase<Schema>;

  private constructor(database: IDBPDatabase<Schema>) {
    this.#database = database;
  }

  /** Rejects where the browser keeps nothing, as some private windows do. */
  static async open(name = DATABASE): Promise<DeviceStore> {
    const database = await openDB<Schema>(name, 1, {
      upgrade(made) {
        made.createObjectStore("devices", { keyPath: "person" });
        made.createObjectStore("keysets", { keyPath: "person" });
      },
      // Another tab has a newer release and wants to change the form: it goes first.
      blocking: (_now, _wanted, event) => (event.target as IDBDatabase).close(),
    });
    return new DeviceStore(database);
  }

  /** The device of `person` in this browser; made the first time, by whichever tab is first. */
  async device(person: string): Promise<OwnDevice> {
    const found = await this.found(person);
    if (found) return found;
    const made = await makeDevice(person);
    const change = this.#database.transaction("devices", "readwrite");
    const [first] = await Promise.all([firstOf(change.store, made), change.done]);
    return first;
  }

  async found(person: string): Promise<OwnDevice | undefined> {
    return this.#database.get("devices", person);
  }

  async keyset(person: string): Promise<KeptKeyset | undefined> {
    return this.#database.get("keysets", person);
  }

  async keep(kept: KeptKeyset): Promise<void> {
    await this.#database.put("keysets", kept);
  }

  /** Lock: what opens the keyset is thrown away here. */
  async forget(person: string): Promise<void> {
    await this.#database.delete("keysets", person);
  }

  /** Once revoked it signs nothing any more: the browser begins again as another device. */
  async discard(person: string): Promise<void> {
    const change = this.#database.transaction(["devices", "keysets"], "readwrite");
    const gone = [change.objectStore("devices").delete(person), change.objectStore("keysets").delete(person)];
    await Promise.all([...gone, change.done]);
  }

  close(): void {
    this.#database.close();
  }
}

interface Devices {
  get(person: string): Promise<OwnDevice | undefined>;
  put(device: OwnDevice): Promise<unknown>;
}

async function firstOf(devices: Devices, made: OwnDevice): Promise<OwnDevice> {
  const found = await devices.get(made.person);
  if (found) return found;
  await devices.put(made);
  return made;
}

async function makeDevice(person: string): Promise<OwnDevice> {
  const [pair, lock] = await Promise.all([
    crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]) as Promise<CryptoKeyPair>,
    crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]),
  ]);
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const device = b64(crypto.getRandomValues(new Uint8Array(ID_BYTES)));
  return { person, device, sign: { privateKey: pair.privateKey, publicKey }, lock };
}
