/** What one takes out, for programs: a `Bundle` of FHIR R4 (`docs/spec/consult/export.md`), as `bundle.py` makes it. */

import { type Asked, type Extract, isOwnLog, type Logged, partiesOf, type Party, type PracticeNamed, type Said } from "./extract.ts";

interface Resource {
  resourceType: string;
  id: string;
}
interface Reference {
  reference?: string;
  display: string;
}

const AGB = "http://fhir.nl/fhir/NamingSystem/agb-z";
const BSN = "http://fhir.nl/fhir/NamingSystem/bsn";
const LIFECYCLE = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle";
const ABSENT = { url: "http://hl7.org/fhir/StructureDefinition/data-absent-reason", valueCode: "unknown" };
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

const toFhir = (name: string): string => name.replaceAll("_", ".");
const reference = (kind: string, name: string) => ({ reference: `${kind}/${toFhir(name)}` });
/** A member without what tells its kind. */
const bare = (member: string): string => member.slice(member.indexOf(":") + 1);
const ofAgb = (code: string): string => `agb-${code}`;
/** FHIR has no empty lists. */
const unlessEmpty = <T>(name: string, values: T[]): Record<string, T[]> => (values.length > 0 ? { [name]: values } : {});

/** Of the type `collection`. */
export function bundle(extract: Extract): object {
  const resources = new Maker(extract).resources();
  const entry = resources.map((each) => ({ fullUrl: `${extract.base}/fhir/${each.resourceType}/${each.id}`, resource: each }));
  return { resourceType: "Bundle", type: "collection", timestamp: extract.at, entry };
}

/** Knows who everybody is that is named. */
class Maker {
  readonly #extract: Extract;
  readonly #parties: ReadonlyMap<string, Party>;

  constructor(extract: Extract) {
    this.#extract = extract;
    this.#parties = partiesOf(extract);
  }

  resources(): Resource[] {
    const { parties, practices, messages, asked, log } = this.#extract;
    return [
      ...(isOwnLog(this.#extract) ? [] : [this.#thread()]),
      ...messages.map((each) => this.#message(each)),
      ...asked.flatMap((each) => [this.#request(each), this.#task(each)]),
      ...log.map((each) => this.#event(each)),
      ...practices.map(organization),
      ...parties.flatMap(who),
    ];
  }

  #thread(): Resource {
    const { about, members, asked } = this.#extract;
    const patients = members.filter((each) => this.#parties.get(each)?.patient);
    const told = {
      status: "in-progress",
      ...unlessEmpty("recipient", members.map((each) => this.#refer(each))),
      ...(patients.length === 1 ? { subject: this.#refer(patients[0]!) } : {}),
      ...unlessEmpty("basedOn", asked.map(({ id }) => reference("ServiceRequest", id))),
    };
    return { resourceType: "Communication", id: toFhir(about), ...told };
  }

  #message({ id, sent, sender, kind, text, state, answered, files }: Said): Resource {
    const attachments = files.map(({ name, type, size, path }) => ({
      contentAttachment: { contentType: type, title: name, size, ...(path ? { url: path } : {}) },
    }));
    const told = {
      identifier: [{ system: "urn:balie:message", value: id }],
      partOf: [reference("Communication", this.#extract.about)],
      status: STATUS.get(state) ?? "completed",
      sent,
      sender: this.#refer(sender),
      ...(kind ? { category: [{ coding: [{ system: "urn:balie:message-kind", code: kind }] }] } : {}),
      ...(state ? { statusReason: { coding: [{ system: "urn:balie:message-state", code: state }] } } : {}),
      ...(answered ? { inResponseTo: [reference("Communication", answered)] } : {}),
      ...unlessEmpty<object>("payload", [...(text ? [{ contentString: text }] : []), ...attachments]),
    };
    return { resourceType: "Communication", id: toFhir(id), ...told };
  }

  #request(asked: Asked): Resource {
    const urgent = {
      priority: asked.urgency === "U3" ? "urgent" : "routine",
      category: [{ coding: [{ system: "urn:balie:urgency", code: asked.urgency }] }],
    };
    const told = {
      status: asked.moved || asked.withdrawn_at ? "revoked" : asked.concluded_at ? "completed" : "active",
      intent: "order",
      code: { coding: [{ system: "urn:balie:consultation-kind", code: asked.kind }] },
      subject: asked.patient ? this.#refer(asked.patient) : { extension: [ABSENT] },
      authoredOn: asked.asked_at,
      requester: this.#refer(asked.asked_by),
      performer: [this.#refer(asked.asked_of)],
      ...(asked.kind === "econsult" ? urgent : {}),
    };
    return { resourceType: "ServiceRequest", id: toFhir(asked.id), ...told };
  }

  #task(asked: Asked): Resource {
    const { picked_up_at: start, concluded_at: end, withdrawn_at: withdrawn } = asked;
    const told = {
      basedOn: [reference("ServiceRequest", asked.id)],
      status: standing(asked),
      intent: "order",
      authoredOn: asked.asked_at,
      lastModified: withdrawn ?? end ?? start ?? asked.asked_at,
      requester: this.#refer(asked.asked_by),
      owner: this.#refer(asked.holder ?? asked.asked_of),
      restriction: { period: { end: asked.due_at } },
      ...(asked.patient ? { for: this.#refer(asked.patient) } : {}),
      ...(start ? { executionPeriod: { start, ...(end ? { end } : {}) } } : {}),
      ...(asked.billing_code ? { output: [{ type: { text: "billing-code" }, valueString: asked.billing_code }] } : {}),
    };
    return { resourceType: "Task", id: toFhir(asked.id), ...told };
  }

  #event({ number, at, what, who: author, ...chain }: Logged): Resource {
    const { about } = this.#extract;
    const [lifecycle, action] = ACTS.get(what) ?? AMENDED;
    const { detail, previous, hash } = chain;
    const told = Object.entries({ detail, previous, hash }).filter(([, value]) => value !== "");
    const details = told.map(([type, valueString]) => ({ type, valueString }));
    const subject = isOwnLog(this.#extract) ? this.#refer(about) : reference("Communication", about);
    const event = {
      type: { system: LIFECYCLE, code: lifecycle },
      subtype: [{ system: "urn:balie:act", code: what }],
      action,
      recorded: at,
      outcome: "0",
      agent: [{ who: this.#refer(author), requestor: true }],
      source: { observer: { display: "Balie" } },
      entity: [{ what: subject, ...unlessEmpty("detail", details) }],
    };
    return { resourceType: "AuditEvent", id: `${toFhir(bare(about))}.${number}`, ...event };
  }

  #refer(member: string): Reference {
    const party = this.#parties.get(member);
    return party ? { ...reference(kindOf(party), bare(member)), display: party.name } : { display: "?" };
  }
}

function standing({ moved, withdrawn_at, concluded_at: end, picked_up_at: start }: Asked): string {
  if (moved || withdrawn_at) return "cancelled";
  return end ? "completed" : start ? "accepted" : "requested";
}

/** Which resource stands for somebody. */
function kindOf({ member, patient, practice }: Party): string {
  if (member.startsWith("team:")) return "CareTeam";
  if (patient) return "Patient";
  return practice ? "PractitionerRole" : "Practitioner";
}

function organization({ agb, name }: PracticeNamed): Resource {
  const told = { identifier: [{ system: AGB, value: agb }], name };
  return { resourceType: "Organization", id: ofAgb(agb), ...told };
}

function who(party: Party): Resource[] {
  const [kind, id] = [kindOf(party), toFhir(bare(party.member))];
  const practice = party.practice ? reference("Organization", ofAgb(party.practice)) : null;
  if (kind === "CareTeam") {
    const told = { name: party.name, ...(practice ? { managingOrganization: [practice] } : {}) };
    return [{ resourceType: kind, id, ...told }];
  }
  const known = { ...(party.bsn ? { identifier: [{ system: BSN, value: party.bsn }] } : {}), name: [{ text: party.name }] };
  const person: Resource = { resourceType: party.patient ? "Patient" : "Practitioner", id, ...known };
  if (kind !== "PractitionerRole") return [person];
  const role = { practitioner: { reference: `Practitioner/${id}` }, organization: practice };
  return [person, { resourceType: kind, id, ...role }];
}
