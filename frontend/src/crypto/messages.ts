/** Messages: signed by a device, locked under the conversation's key, padded (`docs/spec/consult/message.md`). */

import type { CryptoKey } from "jose";
import * as v from "valibot";
import { Attachment, ATTACHMENTS_MAX } from "./attachments.ts";
import { lock, unlock } from "./boxes.ts";
import type { Device } from "./devices.ts";
import { type Bytes, nameOf, utf8 } from "./encoding.ts";
import { groupKeyName } from "./group_keys.ts";
import { ascending } from "./membership.ts";
import { Count, decode, encode, Id, Member, Name, text, Time, Version } from "./payloads.ts";
import { require } from "./reasons.ts";
import { kidOf, signCompact, type Signer, verifyCompact } from "./statements.ts";

const TYP = "balie-message+jws";
const BOX_TYP = "balie-message+jwe";
const STEP = 256;
const LENGTH_BYTES = 4;
const ENVELOPE_MAX = 160 * 1024;
const TEXT_MAX = 10_000;
const ANSWERS_MAX = 40;
const LABEL_MAX = 200;
const VALUE_MAX = 4_000;
const Names = v.pipe(v.array(Name), v.maxLength(16));

const FormCode = v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,32}$/));

/** A form that was filled in; it can be read without the form. */
export const Question = v.object({
  form: FormCode,
  version: Count,
  answers: v.pipe(v.array(v.object({ label: text(1, LABEL_MAX), value: text(1, VALUE_MAX) })), v.minLength(1), v.maxLength(ANSWERS_MAX)),
});
export type Question = v.InferOutput<typeof Question>;
/** A questionnaire that a patient filled in. Of each answer: to which question, and which choice; none in one's own words. */
export const Intake = v.object({
  form: FormCode,
  version: Count,
  urgency: v.picklist(["U0", "U1", "U2", "U3", "U4", "U5"]),
  answers: v.pipe(
    v.array(v.object({ question: FormCode, choice: v.optional(v.nullable(FormCode), null), label: text(1, LABEL_MAX), value: text(1, VALUE_MAX) })),
    v.minLength(1),
    v.maxLength(ANSWERS_MAX),
  ),
});
export type Intake = v.InferOutput<typeof Intake>;
/** What somebody says. Unknown members are skipped and an unknown `kind` is kept: people update at different times. */
const Content = v.object({
  kind: v.pipe(v.string(), v.regex(/^[a-z-]{1,32}$/)),
  text: v.optional(text(0, TEXT_MAX), ""),
  to: v.optional(v.nullable(Id), null),
  attachments: v.optional(v.pipe(v.array(Attachment), v.maxLength(ATTACHMENTS_MAX)), []),
  question: v.optional(Question),
  intake: v.optional(Intake),
});
/** `seen`: messages its author had that no other they had follows. `heads`: the membership they knew. */
const Message = v.strictObject({
  v: Version,
  conversation: Name,
  id: Id,
  person: Id,
  device: Id,
  as: Member,
  key: Name,
  seen: Names,
  heads: Names,
  at: Time,
  content: Content,
});
export type Content = v.InferOutput<typeof Content>;
export type Message = v.InferOutput<typeof Message>;

/** A message that was opened and verified. `revoked`: its device was revoked since. */
export interface Opened {
  message: Message;
  name: string;
  revoked: boolean;
}

/** Length in four bytes, `data`, zeros up to a multiple of 256 bytes. */
export function padded(data: Bytes): Bytes {
  const whole = new Uint8Array(Math.ceil((LENGTH_BYTES + data.length) / STEP) * STEP);
  new DataView(whole.buffer).setUint32(0, data.length);
  whole.set(data, LENGTH_BYTES);
  return whole;
}

/** What was padded; there is one way to pad it. */
export function unpadded(data: Bytes): Bytes {
  require(data.length >= LENGTH_BYTES, "malformed", "padding");
  const length = new DataView(data.buffer, data.byteOffset).getUint32(0);
  const content = data.slice(LENGTH_BYTES, LENGTH_BYTES + length);
  const again = padded(content);
  require(again.length === data.length && again.every((byte, at) => byte === data[at]), "malformed", "padding");
  return content;
}

/** The envelope of `message`, whose `key` is the name of `key`. */
export async function sealMessage(message: Message, device: Signer, key: Bytes | CryptoKey): Promise<string> {
  require(ascending(message.seen) && ascending(message.heads), "malformed", TYP);
  const signed = utf8(await signCompact(TYP, encode(message), device));
  return lock(BOX_TYP, { key, kid: message.key }, padded(signed));
}

/** What one needs to open a message of a conversation. */
export interface Opening {
  conversation: string;
  key: Bytes;
  devices: Device[];
  /** For each who is or was a member, the people who may write as that member. */
  writers: ReadonlyMap<string, string[]>;
}

/** What is in `envelope`, which came as `messageId` of a conversation. */
export async function openMessage(
  envelope: string,
  messageId: string,
  { conversation, key, devices, writers }: Opening,
): Promise<Opened> {
  require(envelope.length <= ENVELOPE_MAX, "malformed", BOX_TYP);
  const named = await groupKeyName("conversation", conversation, key);
  const signed = unpadded(await unlock(BOX_TYP, { key, kid: named }, envelope));
  const byKid = new Map(await Promise.all(devices.map(async (each) => [await kidOf(each.sign), each] as const)));
  const compact = new TextDecoder("latin1").decode(signed);
  const known = new Map([...byKid].map(([kid, { sign }]) => [kid, sign]));
  const { payload, kid } = await verifyCompact(TYP, compact, known);
  const [message, device] = [decode(payload, Message), byKid.get(kid)!];
  require(message.person === device.person && message.device === device.device, "wrong-person", TYP);
  require(message.conversation === conversation, "wrong-conversation", TYP);
  require(message.key === named, "wrong-key", TYP);
  require(message.id === messageId, "wrong-message", TYP);
  require(writers.get(message.as)?.includes(message.person), "not-allowed", TYP);
  require(ascending(message.seen) && ascending(message.heads) && fits(message.content), "malformed", TYP);
  return { message, name: await nameOf("message", signed), revoked: device.revoked };
}

/** Each kind has what it needs; of a kind that is not known yet nothing is asked. */
function fits({ kind, text, to, attachments, question, intake }: Content): boolean {
  if (kind === "text") return text !== "" || attachments.length > 0;
  if (kind === "edit") return text !== "" && to !== null;
  if (kind === "recall") return to !== null && text === "" && attachments.length === 0;
  if (kind === "question") return question !== undefined;
  if (kind === "econsult") return intake !== undefined;
  if (kind === "conclusion") return text !== "";
  return true;
}

/** Whether a message is new; `known`: id to name. The same id with other content was never sent by an honest client. */
export function isNew({ message, name }: Opened, known: ReadonlyMap<string, string>): boolean {
  const before = known.get(message.id);
  require(before === undefined || before === name, "replayed", TYP);
  return before === undefined;
}

/** Messages that its author had seen and we have not: to be fetched, or somebody withholds them. */
export const missing = ({ message }: Opened, known: ReadonlySet<string>): string[] =>
  message.seen.filter((each) => !known.has(each));
