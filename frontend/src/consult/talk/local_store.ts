/** What this browser keeps besides keys: drafts, and what still has to be sent. Locked by the device. */

import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import * as v from "valibot";
import { Attachment } from "../../crypto/attachments.ts";
import { lock, unlock } from "../../crypto/boxes.ts";
import type { Bytes } from "../../crypto/encoding.ts";
import { Intake, Question } from "../../crypto/messages.ts";
import { decode, encode } from "../../crypto/payloads.ts";
import type { OwnDevice } from "../keyring/own_device.ts";

const DATABASE = "balie-talk";
const TYP = "balie-kept+jwe";
/** A file that nothing mentions may be of something that is just being written in another tab. */
const FORGOTTEN_MS = 24 * 3600 * 1000;

interface Kept {
  person: string;
  /** Of a draft: the conversation. Of something to send: its message id. */
  id: string;
  box: string;
}

/** Encrypted as it goes to the server; its key is in the draft or the message it belongs to. */
interface KeptFile {
  person: string;
  hash: string;
  file: Bytes;
  at: number;
}

interface Schema extends DBSchema {
  drafts: { key: [string, string]; value: Kept };
  outbox: { key: [string, string]; value: Kept };
  files: { key: [string, string]; value: KeptFile };
}

/** Of earlier versions there is none. */
const attachments = v.optional(v.array(Attachment), []);
const Draft = v.strictObject({ text: v.string(), attachments });
/** What somebody began to write; its files are kept beside it. */
export type Draft = v.InferOutput<typeof Draft>;
const Outgoing = v.strictObject({
  conversation: v.string(),
  id: v.string(),
  at: v.number(),
  kind: v.string(),
  text: v.string(),
  to: v.nullable(v.string()),
  attachments,
  question: v.optional(Question),
  intake: v.optional(Intake),
  /** The e-consult that goes on as this one, at another post. */
  instead: v.optional(v.string()),
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
    const database = await openDB<Schema>(name, 2, {
      upgrade(made, before) {
        if (before < 1) for (const each of ["drafts", "outbox"] as const) made.createObjectStore(each, { keyPath: ["person", "id"] });
        if (before < 2) made.createObjectStore("files", { keyPath: ["person", "hash"] });
      },
      blocking: (_now, _wanted, event) => (event.target as IDBDatabase).close(),
    });
    return new LocalStore(database, own);
  }

  async draft(conversation: string): Promise<Draft> {
    const kept = await this.#database.get("drafts", [this.#own.person, conversation]);
    return (kept && (await this.#opened(kept, Draft))) ?? { text: "", attachments: [] };
  }

  async keepDraft(conversation: string, draft: Draft): Promise<void> {
    const empty = draft.text === "" && draft.attachments.length === 0;
    if (empty) await this.#database.delete("drafts", [this.#own.person, conversation]);
    else await this.#database.put("drafts", await this.#locked(conversation, draft));
  }

  /** Whatever was begun in this conversation, with its files. */
  async forget(conversation: string): Promise<void> {
    const { attachments } = await this.draft(conversation);
    for (const { hash } of attachments) await this.dropFile(hash);
    await this.#database.delete("drafts", [this.#own.person, conversation]);
  }

  async file(hash: string): Promise<Bytes | null> {
    return (await this.#database.get("files", [this.#own.person, hash]))?.file ?? null;
  }

  async keepFile(hash: string, file: Bytes): Promise<void> {
    await this.#database.put("files", { person: this.#own.person, hash, file, at: Date.now() });
  }

  async dropFile(hash: string): Promise<void> {
    await this.#database.delete("files", [this.#own.person, hash]);
  }

  /** Files that neither a draft nor a message mentions. */
  async tidy(): Promise<void> {
    const drafts = await Promise.all((await this.#database.getAll("drafts", this.#all)).map((each) => this.#opened(each, Draft)));
    const mentioned = [...drafts, ...(await this.outbox())].flatMap((each) => each?.attachments.map(({ hash }) => hash) ?? []);
    for (const { hash, at } of await this.#database.getAll("files", this.#all)) {
      if (!mentioned.includes(hash) && at < Date.now() - FORGOTTEN_MS) await this.dropFile(hash);
    }
  }

  /** In the order in which they were written. */
  async outbox(): Promise<Outgoing[]> {
    const kept = await this.#database.getAll("outbox", this.#all);
    const found = await Promise.all(kept.map((each) => this.#opened(each, Outgoing)));
    return found.filter((each) => each !== null).sort((one, other) => one.at - other.at);
  }

  async keepOutgoing(outgoing: Outgoing): Promise<void> {
    await this.#database.put("outbox", await this.#locked(outgoing.id, outgoing));
  }

  async dropOutgoing({ id, attachments }: Outgoing): Promise<void> {
    await this.#database.delete("outbox", [this.#own.person, id]);
    for (const { hash } of attachments) await this.dropFile(hash);
  }

  close(): void {
    this.#database.close();
  }

  /** Whatever is of this person. */
  get #all(): IDBKeyRange {
    return IDBKeyRange.bound([this.#own.person], [this.#own.person, []]);
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
