/** All of a conversation in one file that a passphrase opens (`docs/spec/consult/export.md`), made in this browser. */

import { Encrypter } from "age-encryption";
import { strToU8, type Zippable, zipSync } from "fflate";
import type { Bytes } from "../../crypto/encoding.ts";
import { formatMoment } from "../../lib/format.ts";
import { language } from "../../lib/texts.ts";
import { api, type LogEntry } from "../api.ts";
import { askedOf } from "../consultations/standing.ts";
import { must } from "../unanswered.ts";
import { page as about } from "../world.ts";
import type { Conversation } from "./conversation.ts";
import { words } from "./export_texts.ts";
import { bundle, type ConsultationTaken, type Extract, page, type Said } from "./extract.ts";
import { nameOf } from "./files.ts";
import { personOf } from "./group.ts";
import { readLog } from "./log.ts";
import type { Talk } from "./talk.ts";
import type { Line } from "./thread.ts";

/** Ten words chosen at random need no stretching. */
const SCRYPT_LOG_N = 12;

export type OpenFile = (group: string, attachment: Line["attachments"][number]) => Promise<Bytes>;

/** The log tells of it first. Throws Unanswered, Rejected; then nothing was made. */
export async function takeOut(talk: Talk, conversation: Conversation, open: OpenFile, passphrase: string): Promise<Bytes> {
  const { group } = conversation;
  await talk.tellTakenOut(group);
  const log = await readLog(group);
  const consultations = about.patient ? [] : await consultationsOf(talk, group);
  await talk.circle.directory.meet([...log.map(({ person }) => person), ...conversation.authors()]);
  const files: Zippable = {};
  const messages: Said[] = [];
  const written = new Map(conversation.placed().map(({ event, at, opened }) => [event.id, opened ? moment(opened.message.at) : at]));
  for (const line of talk.lines(conversation).filter(({ place }) => place !== null)) {
    const said = saidOf(talk, line, written.get(line.id) ?? line.at);
    for (const each of line.attachments) {
      const path = `bestanden/${Object.keys(files).length + 1}${endingOf(nameOf(each.name, each.type))}`;
      files[path] = [await open(group, each), { level: 0 }];
      said.files.push({ name: each.name, type: each.type, size: each.size, path });
    }
    messages.push(said);
  }
  const members = [...conversation.membership.members.keys()].map((member) => talk.circle.name(member));
  const told = log.map((entry) => loggedOf(talk, entry));
  const extract: Extract = { base: location.origin, at: new Date().toISOString(), conversation: group, members, messages, consultations, log: told };
  return seal(extract, files, passphrase);
}

async function seal(extract: Extract, files: Zippable, passphrase: string): Promise<Bytes> {
  const archive = zipSync({
    "gesprek.html": strToU8(page(extract, { ...words, lang: language }, formatMoment)),
    "gesprek.fhir.json": strToU8(JSON.stringify(bundle(extract), null, 1)),
    ...files,
  });
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase);
  encrypter.setScryptWorkFactor(SCRYPT_LOG_N);
  return new Uint8Array(await encrypter.encrypt(archive));
}

function saidOf({ circle }: Talk, line: Line, sent: string): Said {
  const state = line.fault !== null ? "unreadable" : line.recalled ? "recalled" : line.edited ? "edited" : "";
  const sender = circle.directory.name(line.person);
  return { id: line.id, sent, sender, kind: line.kind, text: line.text, state, answered: line.replyTo, files: [] };
}

async function consultationsOf(talk: Talk, group: string): Promise<ConsultationTaken[]> {
  const { consultations } = await must(api.consultations());
  const found = consultations.filter(({ conversation }) => conversation === group);
  const { directory } = talk.circle;
  await directory.meet(found.flatMap(({ asked_by, holder }) => [asked_by, ...(holder ? [holder] : [])]));
  return found.map((each) => ({
    ...{ id: each.id, kind: each.kind, asked_at: each.asked_at, due_at: each.due_at, billing_code: each.billing_code },
    ...{ picked_up_at: each.picked_up_at, concluded_at: each.concluded_at },
    asked_by: directory.name(each.asked_by),
    asked_of: askedOf(talk, each),
    holder: each.holder && directory.name(each.holder),
    patient: patientIn(talk, group),
  }));
}

/** Where there is one. */
function patientIn({ circle, conversations }: Talk, group: string): string | null {
  const members = [...(conversations.get(group)?.membership.members.keys() ?? [])].map(personOf);
  const patients = members.filter((each) => circle.directory.isPatient(each));
  return patients.length === 1 ? circle.directory.name(patients[0]!) : null;
}

function loggedOf({ circle }: Talk, { number, at, what, person, detail, previous, hash }: LogEntry) {
  return { number, at, what, who: circle.directory.name(person), detail, previous, hash };
}

const endingOf = (name: string): string => name.slice(name.lastIndexOf("."));

/** Seconds since 1970, as the headless client writes them. */
const moment = (at: number): string => new Date(at * 1000).toISOString().replace(".000Z", "Z");
