/** Consultaties on the page of conversations: the list of those that are open, and the one of the conversation beside it. */

import { find, show } from "../../lib/dom.ts";
import { pause, spread } from "../../lib/live.ts";
import type { ConsultationListed } from "../api.ts";
import type { Conversation } from "../talk/conversation.ts";
import type { Talk } from "../talk/talk.ts";
import { FormsView } from "./forms_view.ts";
import { countIn, PanelView, rowOf } from "./panel_view.ts";
import { Register } from "./register.ts";

const AGAIN_MS = 10_000;

export class ConsultationsView {
  readonly #talk: Talk;
  readonly #register = new Register();
  readonly #panel: PanelView;
  #current: Conversation | null = null;

  constructor(talk: Talk, changed: () => void) {
    this.#talk = talk;
    const forms = new FormsView(talk, this.#register, changed);
    const here = (act: (current: Conversation) => void) => (): void => void (this.#current && act(this.#current));
    this.#panel = new PanelView(talk, this.#register, {
      ask: here((current) => forms.ask(current)),
      handOver: (found) => here((current) => forms.handOver(current, found))(),
      conclude: (found) => here((current) => forms.conclude(current, found))(),
      takeOver: (found) => forms.takeOver(found),
      withdraw: (found) => here((current) => forms.withdraw(current, found))(),
      copy: (found) => forms.copy(found),
      changed,
    });
    void this.#follow(changed);
  }

  /** Others act too, and time passes. Without an answer what is there stays. */
  async #follow(changed: () => void): Promise<void> {
    for (;;) {
      if (document.visibilityState === "visible") await this.#load().then(changed, () => {});
      await pause(spread(AGAIN_MS));
    }
  }

  /** And the conversations of those that are open: who asks and is asked is known by them. */
  async #load(): Promise<void> {
    await this.#register.load();
    await this.#talk.reach(this.#register.open.map(({ conversation }) => conversation));
  }

  turnTo(conversation: Conversation | null): void {
    this.#current = conversation;
    this.#panel.turnTo();
  }

  begin(): void {
    this.showList();
    find<HTMLElement>("#consultaties").focus();
  }

  show(): void {
    countIn(find("[data-consultations-say]"), this.#register.waiting.length);
    if (this.#current) this.#panel.show(this.#current);
    this.showList();
  }

  showList(): void {
    const rows = (which: string, found: ConsultationListed[]): void => {
      find(`[data-list-${which}]`).replaceChildren(...found.map((each) => rowOf(this.#talk, each)));
      show(find(`[data-none-${which}]`), found.length === 0);
    };
    const { waiting, open } = this.#register;
    rows("waiting", waiting);
    rows("others", open.filter((each) => !waiting.includes(each)));
  }
}
