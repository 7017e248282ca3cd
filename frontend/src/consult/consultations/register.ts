/** Consultaties as the server has them: who asked whom, by when, and who has it. Their words are in the conversations. */

import { b64 } from "../../crypto/encoding.ts";
import { api, type AgreementListed, type ConsultationListed, type ConsultationsListed } from "../api.ts";
import { must } from "../unanswered.ts";

const ID_BYTES = 16;

export const isOpen = ({ concluded_at, withdrawn_at }: ConsultationListed): boolean => concluded_at === null && withdrawn_at === null;

export class Register {
  all: ConsultationListed[] = [];
  agreements: AgreementListed[] = [];
  #ofTeams: Record<string, string> = {};

  /** Throws Unanswered. */
  async load(): Promise<void> {
    this.#hear(await must(api.consultations()));
  }

  #hear({ consultations, agreements, of_teams }: ConsultationsListed): void {
    this.all = consultations;
    this.agreements = agreements;
    this.#ofTeams = of_teams ?? {};
  }

  /** What a member of a conversation agreed with those who ask it: a team may have done so. */
  agreementOf(member: string): string | undefined {
    return this.#ofTeams[member.replace("team:", "")];
  }

  /** Of a conversation: the one that is open, else the one that ended last. */
  of(group: string): ConsultationListed | undefined {
    return this.all.find(({ conversation }) => conversation === group);
  }

  get open(): ConsultationListed[] {
    return this.all.filter(isOpen);
  }

  /** Those of teams of ours that nobody has. */
  get waiting(): ConsultationListed[] {
    return this.open.filter(({ holder, of_own_team }) => holder === null && of_own_team);
  }

  /** Each throws Unanswered. */
  async ask(asked: { conversation: string; of: string; agreement: string; untreated: boolean }): Promise<void> {
    const id = b64(crypto.getRandomValues(new Uint8Array(ID_BYTES)));
    this.#hear(await must(api.ask({ id, ...asked })));
  }

  async pickUp({ id }: ConsultationListed): Promise<void> {
    this.#hear(await must(api.pickUp(id)));
  }

  async handOver({ id, holder }: ConsultationListed, to: string): Promise<void> {
    this.#hear(await must(api.handOver({ id, holder, to })));
  }

  async conclude({ id }: ConsultationListed, billingCode: string): Promise<void> {
    this.#hear(await must(api.conclude(id, billingCode)));
  }
  async withdraw({ id }: ConsultationListed): Promise<void> {
    this.#hear(await must(api.withdraw(id)));
  }

  async agree(team: string, agreement: string | null): Promise<void> {
    this.#hear(await must(api.agree(team, agreement)));
  }
}
