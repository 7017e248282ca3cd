/** A patient fills in a questionnaire. What follows stays in this browser, until they send what can wait. */

import type { Intake } from "../../crypto/messages.ts";
import { create, find, setText, show } from "../../lib/dom.ts";
import { language } from "../../lib/texts.ts";
import { api, type IntakeListed } from "../api.ts";
import type { Conversation } from "../talk/conversation.ts";
import type { LocalStore } from "../talk/local_store.ts";
import type { Talk } from "../talk/talk.ts";
import { must } from "../unanswered.ts";
import { sayOf } from "../world.ts";
import { alert, callThem } from "./phone.ts";
import { Photos } from "./photos_view.ts";
import { words } from "./texts.ts";
import { type Outcome, type Questionnaire, readQuestionnaire, triage, type Urgency } from "./triage.ts";

export class IntakeView {
  readonly #talk: Talk;
  readonly #root = find("[data-intake]");
  readonly #practice = find<HTMLSelectElement>("#vraag-aan-praktijk");
  readonly #questions = find<HTMLFormElement>("[data-intake-questions]");
  readonly #story = find<HTMLFormElement>("[data-intake-story]");
  readonly #outcome = find("[data-intake-outcome]");
  readonly #fault = find("[data-intake-fault]");
  readonly #photos: Photos;
  #intakes: IntakeListed[] = [];
  #asked: Questionnaire | null = null;

  constructor(talk: Talk, local: LocalStore) {
    this.#talk = talk;
    this.#photos = new Photos(local);
    this.#practice.onchange = () => this.#layOut();
    this.#questions.onsubmit = (event) => {
      event.preventDefault();
      this.#judge();
    };
    this.#story.onsubmit = (event) => {
      event.preventDefault();
      void this.#send();
    };
    find("[data-intake-back]").onclick = () => {
      this.#turn(true);
      this.#questions.querySelector<HTMLElement>("input")?.focus();
    };
  }

  /** Whether there is any practice to ask. Throws Unanswered. */
  async load(): Promise<boolean> {
    this.#intakes = (await must(api.intakes())).practices;
    return this.#intakes.length > 0;
  }

  /** The practice that a conversation is with. */
  with({ membership }: Conversation): IntakeListed | undefined {
    return this.#intakes.find(({ team }) => membership.members.has(`team:${team}`));
  }

  async begin(): Promise<void> {
    find<HTMLElement>("#econsult").focus();
    setText(this.#fault, "");
    try {
      await this.load();
    } catch (error) {
      setText(this.#fault, sayOf(error));
    }
    this.#practice.replaceChildren(...this.#intakes.map(({ practice, team }) => create("option", { value: team }, practice)));
    show(find("[data-intake-practice]"), this.#intakes.length > 1);
    this.#layOut();
  }

  get #intake(): IntakeListed | undefined {
    return this.#intakes.find(({ team }) => team === this.#practice.value);
  }

  /** What one answers by choosing, and what one tells. Closed, or without a questionnaire that holds: whom to phone. */
  #layOut(): void {
    const intake = this.#intake;
    this.#asked = readQuestionnaire(intake?.questionnaire ?? null);
    this.#turn(true);
    if (!intake) return;
    const { practice, closed, phone, say, away } = intake;
    if (closed) this.#say(alert("error", "phone", words.closed(practice), `${[closed.say, say].filter(Boolean).join(" ")} `, ...callThem(practice, closed.phone || phone)));
    else if (!this.#asked) this.#tell({ urgency: null, route: "phone" });
    else if (away) this.#say(alert("info", "info", words.away(practice), away));
    show(this.#questions, !closed && this.#asked !== null);
    if (!this.#asked) return;
    find("[data-intake-choices]").replaceChildren(...this.#asked.questions.map(asked));
    find("[data-intake-fields]").replaceChildren(...this.#asked.story.map(told));
  }

  /** The questions, or what follows from them. */
  #turn(asking: boolean): void {
    show(this.#questions, asking);
    show(this.#story, false);
    show(find("[data-intake-again]"), !asking);
    this.#outcome.replaceChildren();
    setText(find("[data-intake-missing]"), "");
  }

  #chosen(): Map<string, string> {
    return new Map([...new FormData(this.#questions)].map(([code, choice]) => [code, String(choice)]));
  }

  #judge(): void {
    const answers = this.#chosen();
    const missing = this.#asked?.questions.find(({ code }) => !answers.has(code));
    setText(find("[data-intake-missing]"), missing ? words.answerAll(missing.label[language]) : "");
    if (missing) return this.#questions.querySelector<HTMLElement>(`input[name="${missing.code}"]`)?.focus();
    this.#turn(false);
    this.#tell(triage(this.#asked, answers));
    this.#outcome.focus();
  }

  #tell({ urgency, route }: Outcome): void {
    const intake = this.#intake!;
    const call = callThem(intake.practice, intake.phone);
    if (route === "112") this.#say(alert("error", "phone", words.call112, `${words.call112Why} `, create("a", { class: "utrecht-link", href: "tel:112" }, words.phone112)));
    if (route === "phone") this.#say(alert("error", "phone", words.callUs, `${urgency ? words.callUsWhy : words.failedWhy} `, ...call));
    if (route === "queue") this.#say(alert("info", "check", words.canWait, words.canWaitWhy(span(this.#asked!, urgency!)), ...(intake.takes_over ? [` ${words.ifItCloses(intake.practice, intake.takes_over)}`] : [])));
    if (route === "self-care") this.#say(alert("info", "info", words.selfCare, this.#asked!.advice[language]), create("p", { class: "utrecht-paragraph" }, words.selfCareWhy));
    show(this.#story, route === "queue" || route === "self-care");
  }

  #say(...said: HTMLElement[]): void {
    this.#outcome.replaceChildren(...said);
  }

  async #send(): Promise<void> {
    const [asked, answers] = [this.#asked, this.#chosen()];
    const { urgency } = triage(asked, answers);
    if (!asked || !urgency) return;
    const missing = asked.story.find(({ code, required }) => required && this.#toldOf(code) === "");
    setText(this.#fault, missing ? words.needs(missing.label[language]) : "");
    if (missing) return find<HTMLElement>(`#vraag-${missing.code}`).focus();
    const button = find<HTMLButtonElement>("button[type=submit]", this.#story);
    button.disabled = true;
    try {
      const group = await this.#talk.create("conversation", [`team:${this.#practice.value}`]);
      const conversation = this.#talk.conversations.get(group)!;
      await this.#talk.write(conversation, { kind: "econsult", text: "", to: null, attachments: this.#photos.chosen, intake: this.#filledIn(asked, answers, urgency) });
      this.#photos.clear();
      location.hash = `#${group}`;
    } catch (error) {
      setText(this.#fault, sayOf(error));
    } finally {
      button.disabled = false;
    }
  }

  #toldOf = (code: string): string => find<HTMLTextAreaElement>(`#vraag-${code}`, this.#root).value.trim();

  /** In the order of the questionnaire, what was told first; with codes, so that who reads it can judge again. */
  #filledIn({ code: form, version, questions, story }: Questionnaire, answers: ReadonlyMap<string, string>, urgency: Urgency): Intake {
    const stories = story.map(({ code, label }) => ({ question: code, choice: null, label: label[language], value: this.#toldOf(code) }));
    const choices = questions.map(({ code, label, choices: offered }) => {
      const choice = offered.find((each) => each.code === answers.get(code))!;
      return { question: code, choice: choice.code, label: label[language], value: choice.label[language] };
    });
    return { form, version, urgency, answers: [...stories.filter(({ value }) => value !== ""), ...choices] };
  }
}

const span = ({ within }: Questionnaire, urgency: Urgency): string => words.hours(Math.ceil(within[urgency as keyof typeof within] / 60));

function asked({ code, label, choices }: Questionnaire["questions"][number]): HTMLElement {
  const rows = choices.map((choice) => create("label", { class: "balie-person balie-person--plain" }, create("input", { type: "radio", name: code, value: choice.code }), create("span", {}, choice.label[language])));
  return create("fieldset", {}, create("legend", { class: "utrecht-form-label" }, label[language]), ...rows);
}

function told({ code, label, most, required }: Questionnaire["story"][number]): HTMLElement {
  const name = required ? label[language] : words.optional(label[language]);
  const id = `vraag-${code}`;
  const field = create("textarea", { class: "utrecht-textarea utrecht-textarea--html-textarea", id, rows: 4, maxlength: most, ...(required ? { "aria-required": "true" } : {}) });
  return create("div", {}, create("label", { class: "utrecht-form-label", for: id }, name), field);
}
