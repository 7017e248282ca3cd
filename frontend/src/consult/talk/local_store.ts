/** What this browser keeps besides keys: drafts, and what still has to be sent. Locked by the device. */

import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import * as v from "valibot";
import { lock, unlock } from "../../crypto/boxes.ts";
import { decode, encode } from "../../crypto/payloads.ts";
import type { OwnDevice } from "../keyring/own_device.ts";

const DATABASE = "balie-talk";
const TYP = "balie-kept+jwe";

interface Kept {
  person: string;
  /** Of a draft: the conversation. Of something to send: its message id. */
  id: string;
  box: string;
}

interface Schema extends DBSchema {
  drafts: { key: [string, string]; value: Kept };
  outbox: { key: [string, string]; value: Kept };
}

const Draft = v.strictObject({ text: v.string() });
const Outgoing = v.strictObject({
  conversation: v.string(),
  id: v.string(),
  at: v.number(),
  kind: v.string(),
  text: v.string(),
  to: v.nullable(v.string()),
});
/** A message that the server has not confirmed yet, as it was written. */
export type Outgoing = v.InferOutput<typeof Outgoing>;

export class LocalStore {
  readonly #database: IDBPDatabase<Schema>;
  readonly #own: OwnDevice;

  private constructor(database: IDBPDatabase<Schema>, own: OwnDevice) {
    this.#database = database;
    this.#own = own;
  }

  static async open(own: OwnDevice, name = DATABASE): Promise<LocalStore> {
    const database = await openDB<Schema>(name, 1, {
      upgrade(made) {
        for (const each of ["drafts", "outbox"] as const) made.createObjectStore(each, { keyPath: ["person", "id"] });
      },
      blocking: (_now, _wanted, event) => (event.target as IDBDatabase).close(),
    });
    return new LocalStore(database, own);
  }

  async draft(conversation: string): Promise<string> {
    const kept = await this.#database.get("drafts", [this.#own.person, conversation]);
    return (kept && (await this.#opened(kept, Draft))?.text) ?? "";
  }

  async keepDraft(conversation: string, text: string): Promise<void> {
    if (text === "") await this.#database.delete("drafts", [this.#own.person, conversation]);
    else await this.#database.put("drafts", await this.#locked(conversation, { text }));
  }

  /** In the order in which they were written. */
  async outbox(): Promise<Outgoing[]> {
    const range = IDBKeyRange.bound([this.#own.person], [this.#own.person, []]);
    const kept = await this.#database.getAll("outbox", range);
    const found = await Promise.all(kept.map((each) => this.#opened(each, Outgoing)));
    return found.filter((each) => each !== null).sort((one, other) => one.at - other.at);
  }

  async keepOutgoing(outgoing: Outgoing): Promise<void> {
    await this.#database.put("outbox", await this.#locked(outgoing.id, outgoing));
  }

  async dropOutgoing(id: string): Promise<void> {
    await this.#database.delete("outbox", [this.#own.person, id]);
  }

  close(): void {
    this.#database.close();
  }

  get #boxKey(): { key: CryptoKey; kid: string } {
    return { key: this.#own.lock, kid: this.#own.device };
  }

  async #locked(id: string, content: object): Promise<Kept> {
    return { person: this.#own.person, id, box: await lock(TYP, this.#boxKey, encode(content)) };
  }

  /** Null for what another device of this browser locked, before it was revoked. */
  async #opened<const F extends v.GenericSchema>({ box }: Kept, form: F): Promise<v.InferOutput<F> | null> {
    return unlock(TYP, this.#boxKey, box).then((content) => decode(content, form), () => null);
  }
}
