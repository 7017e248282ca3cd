/** What one takes out, for people: HTML that needs nothing from anywhere and may load nothing, as `page.py` makes it. */

import { type Asked, type Extract, isOwnLog, type Logged, partiesOf, type Party, type Said, type When, type Words } from "./extract.ts";
import { isOfOwnLog, isOfWhole } from "./log.ts";

const STYLE =
  "body{font:1rem/1.5 sans-serif;max-width:45rem;margin:2rem auto;padding:0 1rem}" +
  "article{border-top:1px solid;padding:.5rem 0;break-inside:avoid}" +
  "h3{font-size:1rem;margin:0}.said{white-space:pre-wrap;overflow-wrap:anywhere}";
const ALLOWED = "default-src 'none'; style-src 'unsafe-inline'";
const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;" };
const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character]!);
const paragraph = (text: string): string => `<p class="said">${escape(text)}</p>`;
const section = (title: string, parts: string[]): string =>
  parts.length > 0 ? `<section><h2>${escape(title)}</h2>${parts.join("")}</section>` : "";

export function page(extract: Extract, words: Words, when: When): string {
  const reader = new Reader(extract, words, when);
  const own = isOwnLog(extract);
  const title = escape(reader.word(own ? "own_title" : "title"));
  const sections = [
    section(reader.word("messages"), extract.messages.map((each) => reader.article(each))),
    section(reader.word("consultations"), extract.asked.map((each) => reader.asked(each))),
    section(reader.word(own ? "own_log" : "log"), extract.log.map((each) => reader.line(each))),
  ];
  return (
    `<!doctype html>\n<html lang="${escape(reader.word("lang"))}"><head><meta charset="utf-8">` +
    `<meta http-equiv="Content-Security-Policy" content="${ALLOWED}">` +
    '<meta name="viewport" content="width=device-width">' +
    `<title>${title}</title><style>${STYLE}</style></head><body><main>` +
    `<h1>${title}</h1>${paragraph(reader.members())}` +
    `<p>${escape(reader.word("taken"))} ${escape(when(extract.at))}</p>${sections.join("")}</main></body></html>\n`
  );
}

/** Knows what everybody is called. */
class Reader {
  readonly #extract: Extract;
  readonly #parties: ReadonlyMap<string, Party>;
  readonly #practices: ReadonlyMap<string, string>;
  readonly #words: Words;
  readonly #when: When;

  constructor(extract: Extract, words: Words, when: When) {
    this.#extract = extract;
    this.#parties = partiesOf(extract);
    this.#practices = new Map(extract.practices.map(({ agb, name }) => [agb, name]));
    this.#words = words;
    this.#when = when;
  }

  /** Kinds and acts come from others: none may be taken for a name that every object has. */
  word(name: string): string {
    return Object.hasOwn(this.#words, name) ? this.#words[name]! : "";
  }

  /** A line for each. */
  members(): string {
    return this.#extract.members.map((each) => this.#member(each)).join("\n");
  }

  #member(member: string): string {
    const { practice = null, bsn = null } = this.#parties.get(member) ?? {};
    const told = [this.#name(member), ...(practice ? [this.#practices.get(practice) ?? "", `AGB ${practice}`] : []), ...(bsn ? [`BSN ${bsn}`] : [])];
    return told.filter(Boolean).join(" · ");
  }

  #name(member: string): string {
    return this.#parties.get(member)?.name ?? "?";
  }

  article({ sender, sent, kind, state, text, files }: Said): string {
    const marks = [this.#name(sender), this.#when(sent), this.word(kind), this.word(state)];
    const items = files.map(({ name, path }) => `<li>${path ? `<a href="${escape(path)}">${escape(name)}</a>` : escape(name)}</li>`);
    const list = items.length > 0 ? `<ul>${items.join("")}</ul>` : "";
    return `<article><h3>${escape(marks.filter(Boolean).join(" · "))}</h3>${text ? paragraph(text) : ""}${list}</article>`;
  }

  asked(asked: Asked): string {
    const told = {
      asked_by: this.#name(asked.asked_by),
      asked_of: this.#name(asked.asked_of),
      urgency: asked.urgency,
      asked_at: this.#when(asked.asked_at),
      due_at: this.#when(asked.due_at),
      holder: asked.holder && this.#name(asked.holder),
      picked_up_at: asked.picked_up_at && this.#when(asked.picked_up_at),
      concluded_at: asked.concluded_at && this.#when(asked.concluded_at),
      withdrawn_at: asked.withdrawn_at && this.#when(asked.withdrawn_at),
      billing_code: asked.billing_code,
    };
    const lines = Object.entries(told).flatMap(([name, value]) => (value ? `${this.word(name)}: ${value}` : []));
    const moved = asked.moved ? [this.word("moved")] : [];
    return `<article><h3>${escape(this.word(asked.kind) || asked.kind)}</h3>${paragraph([...lines, ...moved].join("\n"))}</article>`;
  }

  line(logged: Logged): string {
    const name = isOwnLog(this.#extract) ? "" : this.#name(logged.who);
    const act = isOfWhole(logged) ? "whole" : isOfOwnLog(logged) ? "own" : logged.what;
    return paragraph([this.#when(logged.at), name, this.word(act) || logged.what].filter(Boolean).join(" · "));
  }
}
