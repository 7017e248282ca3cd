/** E-consults as the server has them: the queue, who has which, and when. What was answered is in the conversations. */

import { api, type EconsultListed, type EconsultsListed } from "../api.ts";
import type { Conversation } from "../talk/conversation.ts";
import type { Talk } from "../talk/talk.ts";
import { must, Unanswered } from "../unanswered.ts";
import { readQuestionnaire, triage, type Outcome } from "./triage.ts";

/** Colleagues take what is first too. */
const ATTEMPTS = 5;
const OVERTAKEN = ["not_first", "picked_up", "moved", "concluded"];

export class Queue {
  all: EconsultListed[] = [];
  #questionnaires: Record<string, unknown> = {};

  /** Throws Unanswered. */
  async load(): Promise<void> {
    this.#hear(await must(api.econsults()));
  }

  #hear({ econsults, questionnaires = {} }: EconsultsListed): void {
    this.all = econsults;
    this.#questionnaires = questionnaires;
  }

  of(group: string): EconsultListed | undefined {
    return this.all.find(({ conversation }) => conversation === group);
  }

  get open(): EconsultListed[] {
    return this.all.filter(({ closed_at, moved_to }) => closed_at === null && moved_to === null);
  }

  /** Those of teams of ours that nobody has, in the order of the queue. */
  get waiting(): EconsultListed[] {
    return this.open.filter(({ holder, of_own_team }) => holder === null && of_own_team);
  }

  /** What follows from the answers themselves, where it is not what the patient's browser told; for who can read them. */
  differs(talk: Talk, conversation: Conversation, { urgency, questionnaire }: EconsultListed): Outcome | null {
    const intake = talk.lines(conversation).find(({ kind, place }) => kind === "econsult" && place !== null)?.intake;
    if (!intake || !(questionnaire.of in this.#questionnaires)) return null;
    const answers = new Map(intake.answers.flatMap(({ question, choice }) => (choice === null ? [] : [[question, choice] as const])));
    const outcome = triage(readQuestionnaire(this.#questionnaires[questionnaire.of]), answers);
    const same = intake.form === questionnaire.code && intake.version === questionnaire.version;
    return same && outcome.urgency === urgency ? null : outcome;
  }

  /** Each throws Unanswered. */
  async pickUp({ id }: EconsultListed): Promise<void> {
    this.#hear(await must(api.pickUpEconsult(id, false)));
  }

  /** The first in the queue, as it is when the server looks: meanwhile another may have come first. Null: nobody waits. */
  async pickUpFirst(): Promise<EconsultListed | null> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const [first] = this.waiting;
      if (!first) break;
      const answer = await api.pickUpEconsult(first.id, true);
      if (answer.ok) {
        this.#hear(answer.value);
        return first;
      }
      if (!OVERTAKEN.includes(answer.code)) throw new Unanswered(answer);
      await this.load();
    }
    return null;
  }

  /** To null: back in the queue. */
  async handOver({ id, holder }: EconsultListed, to: string | null): Promise<void> {
    this.#hear(await must(api.handOverEconsult({ id, holder, to })));
  }

  async close({ id }: EconsultListed): Promise<void> {
    this.#hear(await must(api.closeEconsult(id)));
  }
}
