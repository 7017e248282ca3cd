/** All of a conversation in one file that a passphrase opens (`docs/spec/consult/export.md`), made in this browser. */

import { Encrypter } from "age-encryption";
import { strToU8, type Zippable, zipSync } from "fflate";
import type { Bytes } from "../../crypto/encoding.ts";
import { formatMoment } from "../../lib/format.ts";
import { language } from "../../lib/texts.ts";
import { api, type Extracted, type LogEntry } from "../api.ts";
import type { Session } from "../session.ts";
import { must } from "../unanswered.ts";
import { csrf, page as about } from "../world.ts";
import { bundle } from "./bundle.ts";
import type { Conversation } from "./conversation.ts";
import { words } from "./export_texts.ts";
import type { Asked, Extract, Logged, Party, Said } from "./extract.ts";
import { nameOf } from "./files.ts";
import { PERSON } from "./group.ts";
import { OWN, readLog } from "./log.ts";
import { page } from "./page.ts";
import type { Talk } from "./talk.ts";
import type { Line } from "./thread.ts";

/** Ten words chosen at random need no stretching. */
const SCRYPT_LOG_N = 12;
const WITHIN_MS = 10_000;

export type OpenFile = (group: string, attachment: Line["attachments"][number]) => Promise<Bytes>;

/**
 * `reason`: why with the BSN of patients, for who works for the practice that treats them; empty: without. The log tells of it
 * first. Throws Unanswered, Rejected, TypeError; then nothing was made.
 */
export async function takeOut(talk: Talk, conversation: Conversation, open: OpenFile, passphrase: string, reason: string): Promise<Bytes> {
  const { group } = conversation;
  await talk.tellTakenOut(group);
  const log = await readLog(group);
  const known = await must(api.extract(group));
  const bsns = reason ? await bsnsOf(group, reason) : new Map<string, string>();
  const files: Zippable = {};
  const messages: Said[] = [];
  const written = new Map(conversation.placed().map(({ event, at, opened }) => [event.id, opened ? moment(opened.message.at) : at]));
  for (const line of talk.lines(conversation).filter(({ place }) => place !== null)) {
    const said = saidOf(line, written.get(line.id) ?? line.at);
    for (const each of line.attachments) {
      const path = `bestanden/${Object.keys(files).length + 1}${endingOf(nameOf(each.name, each.type))}`;
      files[path] = [await open(group, each), { level: 0 }];
      said.files.push({ name: each.name, type: each.type, size: each.size, path });
    }
    messages.push(said);
  }
  const members = [...conversation.membership.members.keys()];
  const who = { parties: partiesOf(talk, known, bsns), practices: known.practices, members };
  const extract: Extract = { base: location.origin, at: new Date().toISOString(), about: group, ...who, messages, asked: askedOf(known), log: log.map(loggedOf) };
  return seal(extract, "gesprek", files, passphrase);
}

/** One's own log: what was done with one's keys. It tells of this itself, first. Throws Unanswered. */
export async function takeOutLog(session: Session, passphrase: string): Promise<Bytes> {
  await must(api.tellLog([{ what: "exported", device: session.own.device, note: OWN }]));
  const log = await readLog(null);
  const self = PERSON + session.account.person.person;
  const parties = [{ member: self, name: session.name, practice: null, patient: about.patient, bsn: null }];
  const nothing = { practices: [], messages: [], asked: [] };
  const extract: Extract = { base: location.origin, at: new Date().toISOString(), about: self, parties, members: [self], ...nothing, log: log.map(loggedOf) };
  return seal(extract, "logboek", {}, passphrase);
}

async function seal(extract: Extract, name: "gesprek" | "logboek", files: Zippable, passphrase: string): Promise<Bytes> {
  const archive = zipSync({
    [`${name}.html`]: strToU8(page(extract, { ...words, lang: language }, formatMoment)),
    [`${name}.fhir.json`]: strToU8(JSON.stringify(bundle(extract), null, 1)),
    ...files,
  });
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase);
  encrypter.setScryptWorkFactor(SCRYPT_LOG_N);
  return new Uint8Array(await encrypter.encrypt(archive));
}

function saidOf(line: Line, sent: string): Said {
  const state = line.fault !== null ? "unreadable" : line.recalled ? "recalled" : line.edited ? "edited" : "";
  return { id: line.id, sent, sender: PERSON + line.person, kind: line.kind, text: line.text, state, answered: line.replyTo, files: [] };
}

/** People by their names alone; teams as this client calls them. */
function partiesOf({ circle }: Talk, known: Extracted, bsns: ReadonlyMap<string, string>): Party[] {
  const people = known.people.map(({ person, name, practice, patient }) => ({
    ...{ member: PERSON + person, name, patient },
    practice: patient ? null : practice,
    bsn: bsns.get(person) ?? null,
  }));
  const teams = known.teams.map(({ team, practice }) => ({ member: `team:${team}`, name: circle.name(`team:${team}`), practice, patient: false, bsn: null }));
  return [...people, ...teams];
}

function askedOf({ people, consultations, econsults }: Extracted): Asked[] {
  const patients = people.filter(({ patient }) => patient);
  const patient = patients.length === 1 ? PERSON + patients[0]!.person : null;
  return [
    ...consultations.map((each) => ({
      ...{ id: each.id, kind: each.kind, asked_at: each.asked_at, due_at: each.due_at, billing_code: each.billing_code },
      ...{ picked_up_at: each.picked_up_at, concluded_at: each.concluded_at, withdrawn_at: each.withdrawn_at },
      ...{ patient, urgency: "", moved: false },
      asked_by: PERSON + each.asked_by,
      asked_of: each.team ? `team:${each.team}` : PERSON + each.holder!,
      holder: each.holder && PERSON + each.holder,
    })),
    ...econsults.map((each) => ({
      ...{ id: each.id, kind: "econsult", asked_at: each.arrived_at, due_at: each.due_at, billing_code: "" },
      ...{ picked_up_at: each.picked_up_at, concluded_at: each.closed_at, withdrawn_at: null },
      ...{ urgency: each.urgency, moved: each.moved },
      asked_by: PERSON + each.patient,
      patient: PERSON + each.patient,
      asked_of: `team:${each.team}`,
      holder: each.holder && PERSON + each.holder,
    })),
  ];
}

/** By person: of patients of one's own practice, which notes who asked, and why. Throws TypeError. */
async function bsnsOf(group: string, reason: string): Promise<Map<string, string>> {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": csrf() };
  const answer = await fetch(about.bsns, { method: "POST", headers, body: JSON.stringify({ group, reason }), signal: AbortSignal.timeout(WITHIN_MS) });
  if (!answer.ok) throw new TypeError(`${answer.status}`);
  const { patients } = (await answer.json()) as { patients: { person: string; bsn: string }[] };
  return new Map(patients.map(({ person, bsn }) => [person, bsn]));
}

function loggedOf({ number, at, what, person, detail, previous, hash }: LogEntry): Logged {
  return { number, at, what, who: PERSON + person, detail, previous, hash };
}

const endingOf = (name: string): string => name.slice(name.lastIndexOf("."));

/** Seconds since 1970, as the headless client writes them. */
const moment = (at: number): string => new Date(at * 1000).toISOString().replace(".000Z", "Z");
