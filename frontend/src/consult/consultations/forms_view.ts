/** The dialogs of a consultatie: asking by a form, handing over, concluding, and what is copied for the record. */

import type { Question } from "../../crypto/messages.ts";
import { create, find, setText, show } from "../../lib/dom.ts";
import { openForm } from "../acting.ts";
import { texts } from "../texts.ts";
import type { ConsultationListed } from "../api.ts";
import type { Conversation } from "../talk/conversation.ts";
import { PERSON } from "../talk/group.ts";
import type { Talk } from "../talk/talk.ts";
import { page, type QuestionForm } from "../world.ts";
import { forRecord } from "./record.ts";
import type { Register } from "./register.ts";
import { agreed } from "./standing.ts";
import { successorsOf, whomOf } from "./whom.ts";

const words = texts.consultations;

export class FormsView {
  readonly #talk: Talk;
  readonly #register: Register;
  readonly #changed: () => void;
  readonly #ask = find<HTMLDialogElement>("[data-ask-dialog]");
  readonly #hand = find<HTMLDialogElement>("[data-hand-dialog]");
  readonly #conclude = find<HTMLDialogElement>("[data-conclude-dialog]");
  readonly #takeOver = find<HTMLDialogElement>("[data-take-over-dialog]");
  readonly #withdraw = find<HTMLDialogElement>("[data-withdraw-dialog]");
  readonly #copy = find<HTMLDialogElement>("[data-copy-dialog]");

  constructor(talk: Talk, register: Register, changed: () => void) {
    this.#talk = talk;
    this.#register = register;
    this.#changed = changed;
    for (const dialog of [this.#ask, this.#hand, this.#takeOver, this.#conclude, this.#withdraw, this.#copy]) find("[data-close]", dialog).onclick = () => dialog.close();
    find<HTMLSelectElement>("#afspraak").onchange = () => this.#fit();
    find<HTMLSelectElement>("#vraagaan").onchange = () => this.#agree();
    find<HTMLSelectElement>("#vraagformulier").onchange = () => this.#layOut();
  }

  ask(conversation: Conversation): void {
    const whom = whomOf(this.#talk, conversation);
    options("#vraagaan", whom.map((member) => [member, this.#talk.circle.name(member)]));
    options("#afspraak", this.#register.agreements.map((each) => [each.code, `${words.kinds[each.kind]}, ${agreed(each)}`]));
    find<HTMLInputElement>("#nietinbehandeling").checked = false;
    this.#agree();
    // Of a team that one began to write with just now, what it agreed is not here yet; what was chosen meanwhile stays.
    const before = chosen("#afspraak");
    void this.#register.load().then(() => chosen("#afspraak") === before && this.#agree(), () => {});
    this.#open(this.#ask, async () => {
      const [of, agreement] = [chosen("#vraagaan"), chosen("#afspraak")];
      const question = this.#filledIn();
      if (typeof question === "string") return question;
      const untreated = find<HTMLInputElement>("#nietinbehandeling");
      if (this.#kind() === "advice-consult" && !untreated.checked) {
        untreated.focus();
        return words.needsUntreated;
      }
      await this.#register.ask({ conversation: conversation.group, of, agreement, untreated: untreated.checked });
      await this.#talk.write(conversation, { kind: "question", text: "", to: null, attachments: [], question });
      return null;
    });
  }

  handOver(conversation: Conversation, consultation: ConsultationListed): void {
    const whom = successorsOf(this.#talk, conversation, consultation);
    options("#overdragenaan", whom.map((member) => [member, member === this.#talk.circle.self ? texts.talk.me : this.#talk.circle.name(member)]));
    this.#open(this.#hand, async () => {
      if (whom.length === 0) return words.nobodyElse;
      await this.#register.handOver(consultation, chosen("#overdragenaan"));
      return null;
    });
  }

  /** From a colleague of one's team who is away: the same as when they had handed it over. */
  takeOver(consultation: ConsultationListed): void {
    const holder = this.#talk.circle.name(PERSON + (consultation.holder ?? ""));
    setText(find("[data-take-over-say]", this.#takeOver), words.takeOverSay(holder));
    this.#open(this.#takeOver, async () => {
      await this.#register.handOver(consultation, this.#talk.circle.self);
      return null;
    });
  }

  withdraw(conversation: Conversation, consultation: ConsultationListed): void {
    const field = find<HTMLTextAreaElement>("#waarom");
    this.#open(this.#withdraw, async () => {
      const text = field.value.trim();
      await this.#register.withdraw(consultation);
      if (text !== "") await this.#talk.write(conversation, { kind: "text", text, to: null, attachments: [] });
      return null;
    });
  }

  conclude(conversation: Conversation, consultation: ConsultationListed): void {
    const field = find<HTMLTextAreaElement>("#conclusie");
    this.#open(this.#conclude, async () => {
      const text = field.value.trim();
      if (text === "") {
        field.focus();
        return words.needsConclusion;
      }
      await this.#register.conclude(consultation, find<HTMLInputElement>("#declaratiecode").value.trim());
      await this.#talk.write(conversation, { kind: "conclusion", text, to: null, attachments: [] });
      return null;
    });
  }

  copy(consultation: ConsultationListed): void {
    const field = find<HTMLTextAreaElement>("#verslag");
    field.value = forRecord(this.#talk, consultation);
    this.#open(this.#copy, async () => {
      await navigator.clipboard.writeText(field.value).catch(() => field.select());
      await this.#talk.tellExported(consultation.conversation, consultation.id);
      setText(find("[data-copied]", this.#copy), words.copied);
      return "";
    });
  }

  /** `act` gives what is wrong, null when all is done, and nothing ("") when the dialog stays. */
  #open(dialog: HTMLDialogElement, act: () => Promise<string | null>): void {
    if (dialog !== this.#copy && dialog !== this.#ask) for (const each of dialog.querySelectorAll<HTMLTextAreaElement | HTMLInputElement>("textarea, input")) each.value = "";
    for (const each of dialog.querySelectorAll("[data-copied]")) setText(each, "");
    openForm(dialog, act, this.#changed);
  }

  /** Another to ask: what was agreed with them, else what everybody gets. */
  #agree(): void {
    const agreement = this.#register.agreementOf(chosen("#vraagaan")) ?? this.#register.agreements[0]?.code;
    if (agreement !== undefined) find<HTMLSelectElement>("#afspraak").value = agreement;
    this.#fit();
  }

  #kind(): string {
    const code = chosen("#afspraak");
    return this.#register.agreements.find((each) => each.code === code)?.kind ?? "consultation";
  }

  /** The forms and rules that belong to the agreement. */
  #fit(): void {
    const kind = this.#kind();
    show(find("[data-untreated]"), kind === "advice-consult");
    const forms = (page.forms ?? []).filter(({ kinds }) => kinds.some((each) => each === kind));
    options("#vraagformulier", forms.map(({ form, name }) => [form, name]));
    show(find("[data-which-form]"), forms.length > 1);
    this.#layOut();
  }

  #form(): QuestionForm | undefined {
    return (page.forms ?? []).find(({ form }) => form === chosen("#vraagformulier"));
  }

  #layOut(): void {
    const form = this.#form();
    const root = find("[data-fields]");
    if (!form || root.dataset["form"] === `${form.form} ${form.version}`) return;
    root.dataset["form"] = `${form.form} ${form.version}`;
    root.replaceChildren(
      ...form.fields.map(({ label, rows, most, required }, at) => {
        const name = required ? label : words.optional(label);
        const field = create("textarea", { class: "utrecht-textarea utrecht-textarea--html-textarea", id: `veld${at}`, rows, maxlength: most, ...(required ? { "aria-required": "true" } : {}) });
        return create("div", {}, create("label", { class: "utrecht-form-label", for: `veld${at}` }, name), field);
      }),
    );
  }

  /** What was filled in, or what is wrong with it. */
  #filledIn(): Question | string {
    const form = this.#form();
    if (!form) return texts.fault;
    const answers: Question["answers"] = [];
    for (const [at, { label, required }] of form.fields.entries()) {
      const field = find<HTMLTextAreaElement>(`#veld${at}`);
      const value = field.value.trim();
      if (value === "" && required) {
        field.focus();
        return words.needs(label);
      }
      if (value !== "") answers.push({ label, value });
    }
    return { form: form.form, version: form.version, answers };
  }
}

const chosen = (selector: string): string => find<HTMLSelectElement>(selector).value;

function options(selector: string, offered: [string, string][]): void {
  find(selector).replaceChildren(...offered.map(([value, name]) => create("option", { value }, name)));
}
