/**
 * A conversation as one takes it out: for programs as a FHIR R4 `Bundle`, for people as a page.
 *
 * `docs/spec/consult/export.md`; `balie/consult/client/extract.py` makes the same. Times are in RFC 3339, names are those
 * that people read.
 */

import { isOfWhole } from "./log.ts";

export interface FileTaken {
  name: string;
  type: string;
  /** In bytes. */
  size: number;
  /** Where it lies in the archive, if it is there. */
  path: string | null;
}

export interface Said {
  id: string;
  sent: string;
  sender: string;
  kind: string;
  text: string;
  state: "" | "edited" | "recalled" | "unreadable";
  answered: string | null;
  files: FileTaken[];
}

export interface ConsultationTaken {
  id: string;
  kind: string;
  asked_by: string;
  /** The team or the person who was asked. */
  asked_of: string;
  asked_at: string;
  due_at: string;
  holder: string | null;
  picked_up_at: string | null;
  concluded_at: string | null;
  billing_code: string;
  /** The name of whom it is about, if one knows. */
  patient: string | null;
}

export interface Logged {
  number: number;
  at: string;
  what: string;
  who: string;
  detail: string;
  previous: string;
  hash: string;
}

export interface Extract {
  /** The address of the Balie that it comes from. */
  base: string;
  at: string;
  conversation: string;
  members: string[];
  messages: Said[];
  consultations: ConsultationTaken[];
  log: Logged[];
}

/** A time as people read it. */
type When = (at: string) => string;
/** Those of `export.md`, and `lang`. */
export type Words = Record<string, string>;
interface Resource {
  resourceType: string;
  id: string;
}

const LIFECYCLE = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle";
const UNKNOWN = { url: "http://hl7.org/fhir/StructureDefinition/data-absent-reason", valueCode: "unknown" };
const STATUS = new Map([["recalled", "entered-in-error"], ["unreadable", "unknown"]]);
/** What an act is to FHIR: an event in the life of a record, and create, read, update or execute. */
const ACTS = new Map<string, [lifecycle: string, action: string]>([
  ["created", ["originate", "C"]],
  ["read", ["access", "R"]],
  ["opened", ["access", "R"]],
  ["exported", ["extract", "R"]],
  ["unlocked", ["decrypt", "E"]],
]);
const AMENDED = ["amend", "U"] as const;
const STYLE =
  "body{font:1rem/1.5 sans-serif;max-width:45rem;margin:2rem auto;padding:0 1rem}" +
  "article{border-top:1px solid;padding:.5rem 0;break-inside:avoid}" +
  "h3{font-size:1rem;margin:0}.said{white-space:pre-wrap;overflow-wrap:anywhere}";
const ALLOWED = "default-src 'none'; style-src 'unsafe-inline'";

const toFhir = (name: string): string => name.replaceAll("_", ".");
const reference = (kind: string, name: string) => ({ reference: `${kind}/${toFhir(name)}` });
const named = (display: string) => ({ display });
/** FHIR has no empty lists. */
const unlessEmpty = <T>(name: string, values: T[]): Record<string, T[]> => (values.length > 0 ? { [name]: values } : {});

/** FHIR R4, of the type `collection`. */
export function bundle(extract: Extract): object {
  const { conversation } = extract;
  const thread = {
    resourceType: "Communication",
    id: toFhir(conversation),
    status: "in-progress",
    ...unlessEmpty("recipient", extract.members.map(named)),
    ...unlessEmpty("basedOn", extract.consultations.map(({ id }) => reference("ServiceRequest", id))),
  };
  const resources: Resource[] = [
    thread,
    ...extract.messages.map((said) => message(conversation, said)),
    ...extract.consultations.flatMap((asked) => [request(asked), task(asked)]),
    ...extract.log.map((logged) => auditEvent(conversation, logged)),
  ];
  const entry = resources.map((each) => ({ fullUrl: `${extract.base}/fhir/${each.resourceType}/${each.id}`, resource: each }));
  return { resourceType: "Bundle", type: "collection", timestamp: extract.at, entry };
}

function message(conversation: string, { id, sent, sender, kind, text, state, answered, files }: Said): Resource {
  const attachments = files.map(({ name, type, size, path }) => ({
    contentAttachment: { contentType: type, title: name, size, ...(path ? { url: path } : {}) },
  }));
  const told = {
    identifier: [{ system: "urn:balie:message", value: id }],
    partOf: [reference("Communication", conversation)],
    status: STATUS.get(state) ?? "completed",
    sent,
    sender: named(sender),
    ...(kind ? { category: [{ coding: [{ system: "urn:balie:message-kind", code: kind }] }] } : {}),
    ...(state ? { statusReason: { coding: [{ system: "urn:balie:message-state", code: state }] } } : {}),
    ...(answered ? { inResponseTo: [reference("Communication", answered)] } : {}),
    ...unlessEmpty<object>("payload", [...(text ? [{ contentString: text }] : []), ...attachments]),
  };
  return { resourceType: "Communication", id: toFhir(id), ...told };
}

function request(asked: ConsultationTaken): Resource {
  const told = {
    status: asked.concluded_at ? "completed" : "active",
    intent: "order",
    code: { coding: [{ system: "urn:balie:consultation-kind", code: asked.kind }] },
    subject: asked.patient ? named(asked.patient) : { extension: [UNKNOWN] },
    authoredOn: asked.asked_at,
    requester: named(asked.asked_by),
    performer: [named(asked.asked_of)],
  };
  return { resourceType: "ServiceRequest", id: toFhir(asked.id), ...told };
}

function task(asked: ConsultationTaken): Resource {
  const { picked_up_at: start, concluded_at: end } = asked;
  const told = {
    basedOn: [reference("ServiceRequest", asked.id)],
    status: end ? "completed" : start ? "accepted" : "requested",
    intent: "order",
    authoredOn: asked.asked_at,
    lastModified: end ?? start ?? asked.asked_at,
    requester: named(asked.asked_by),
    owner: named(asked.holder ?? asked.asked_of),
    restriction: { period: { end: asked.due_at } },
    ...(start ? { executionPeriod: { start, ...(end ? { end } : {}) } } : {}),
    ...(asked.billing_code ? { output: [{ type: { text: "billing-code" }, valueString: asked.billing_code }] } : {}),
  };
  return { resourceType: "Task", id: toFhir(asked.id), ...told };
}

function auditEvent(conversation: string, { number, at, what, who, ...chain }: Logged): Resource {
  const [lifecycle, action] = ACTS.get(what) ?? AMENDED;
  const { detail, previous, hash } = chain;
  const told = Object.entries({ detail, previous, hash }).filter(([, value]) => value !== "");
  const details = told.map(([type, valueString]) => ({ type, valueString }));
  const event = {
    type: { system: LIFECYCLE, code: lifecycle },
    subtype: [{ system: "urn:balie:act", code: what }],
    action,
    recorded: at,
    outcome: "0",
    agent: [{ who: named(who), requestor: true }],
    source: { observer: named("Balie") },
    entity: [{ what: reference("Communication", conversation), ...unlessEmpty("detail", details) }],
  };
  return { resourceType: "AuditEvent", id: `${toFhir(conversation)}.${number}`, ...event };
}

const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;" };
const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character]!);
const said = (text: string): string => `<p class="said">${escape(text)}</p>`;
/** Kinds and acts come from others: none may be taken for a name that every object has. */
const word = (words: Words, name: string): string => (Object.hasOwn(words, name) ? words[name]! : "");
const section = (title: string, parts: string[]): string =>
  parts.length > 0 ? `<section><h2>${escape(title)}</h2>${parts.join("")}</section>` : "";

/** HTML that needs nothing from anywhere, and may load nothing. */
export function page(extract: Extract, words: Words, when: When): string {
  const log = extract.log.map(({ at, who, what, detail }) => said(`${when(at)} · ${who} · ${word(words, isOfWhole({ what, detail }) ? "whole" : what) || what}`));
  const sections = [
    section(word(words, "messages"), extract.messages.map((each) => article(each, words, when))),
    section(word(words, "consultations"), extract.consultations.map((each) => consultation(each, words, when))),
    section(word(words, "log"), log),
  ];
  const title = escape(word(words, "title"));
  return (
    `<!doctype html>\n<html lang="${escape(word(words, "lang"))}"><head><meta charset="utf-8">` +
    `<meta http-equiv="Content-Security-Policy" content="${ALLOWED}">` +
    '<meta name="viewport" content="width=device-width">' +
    `<title>${title}</title><style>${STYLE}</style></head><body><main>` +
    `<h1>${title}</h1>${said(extract.members.join(", "))}` +
    `<p>${escape(word(words, "taken"))} ${escape(when(extract.at))}</p>${sections.join("")}</main></body></html>\n`
  );
}

function article(each: Said, words: Words, when: When): string {
  const marks = [each.sender, when(each.sent), word(words, each.kind), word(words, each.state)];
  const files = each.files.map(({ name, path }) => `<li>${path ? `<a href="${escape(path)}">${escape(name)}</a>` : escape(name)}</li>`);
  const list = files.length > 0 ? `<ul>${files.join("")}</ul>` : "";
  return `<article><h3>${escape(marks.filter(Boolean).join(" · "))}</h3>${each.text ? said(each.text) : ""}${list}</article>`;
}

function consultation(asked: ConsultationTaken, words: Words, when: When): string {
  const told = {
    asked_by: asked.asked_by,
    asked_of: asked.asked_of,
    asked_at: when(asked.asked_at),
    due_at: when(asked.due_at),
    holder: asked.holder,
    picked_up_at: asked.picked_up_at && when(asked.picked_up_at),
    concluded_at: asked.concluded_at && when(asked.concluded_at),
    billing_code: asked.billing_code,
  };
  const lines = Object.entries(told).flatMap(([name, value]) => (value ? `${word(words, name)}: ${value}` : []));
  return `<article><h3>${escape(word(words, asked.kind) || asked.kind)}</h3>${said(lines.join("\n"))}</article>`;
}
