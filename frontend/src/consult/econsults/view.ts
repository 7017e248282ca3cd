/** E-consults on the page of conversations: the questionnaire of a patient; the queue of a team; and the one beside. */

import { create, find, setText, show } from "../../lib/dom.ts";
import { pause, spread } from "../../lib/live.ts";
import { openForm } from "../acting.ts";
import type { EconsultListed } from "../api.ts";
import type { Conversation } from "../talk/conversation.ts";
import { PERSON } from "../talk/group.ts";
import type { LocalStore } from "../talk/local_store.ts";
import type { Talk } from "../talk/talk.ts";
import { page, sayOf } from "../world.ts";
import { ArrivalSound } from "./arrivals.ts";
import { IntakeView } from "./intake_view.ts";
import { Mover } from "./moving.ts";
import { PanelView, rowOf } from "./panel_view.ts";
import { Queue } from "./queue.ts";
import { words } from "./texts.ts";

const AGAIN_MS = 10_000;
const HEARD_LATER_MS = 1_000;
/** The choice that is nobody: back in the queue. */
const NOBODY = "";

export class EconsultsView {
  readonly #talk: Talk;
  readonly #queue = new Queue();
  readonly #panel: PanelView;
  readonly #intake: IntakeView | null;
  readonly #mover: Mover | null;
  readonly #sound: ArrivalSound | null;
  readonly #changed: () => void;
  readonly #sought = new Set<string>();
  #current: Conversation | null = null;

  constructor(talk: Talk, local: LocalStore, changed: () => void) {
    this.#talk = talk;
    this.#changed = changed;
    this.#intake = page.patient ? new IntakeView(talk, local) : null;
    this.#mover = page.patient ? new Mover(talk, this.#queue) : null;
    this.#sound = page.patient ? null : new ArrivalSound(find<HTMLButtonElement>("[data-econsult-sound]"), find("[data-econsult-sound-say]"), talk.me);
    this.#panel = new PanelView(talk, this.#queue, {
      practiceOf: (conversation) => this.#intake?.with(conversation),
      handOver: (found) => this.#handOver(found),
      close: (found) => this.#close(found),
      changed,
    });
    if (!page.patient) find("[data-econsult-first]").onclick = () => void this.#first();
    if (!page.patient) for (const each of document.querySelectorAll<HTMLDialogElement>("[data-econsult-dialog]")) find("[data-close]", each).onclick = () => each.close();
    // A post that closes says so at once; another process may hear it a little later than the one that told us.
    addEventListener("balie-functions", () => void this.#look().then(() => pause(HEARD_LATER_MS)).then(() => this.#look()));
    void this.#follow();
  }

  async #look(): Promise<void> {
    // What was answered is in the conversations of those that are open.
    const reach = (): Promise<void> => this.#talk.reach(this.#queue.open.map(({ conversation }) => conversation));
    await this.#queue.load().then(reach).then(this.#changed, () => {});
    this.#sound?.hear(this.#queue.waiting);
    await this.#mover?.tend();
  }

  /** Others act too, and time passes. Without an answer what is there stays. */
  async #follow(): Promise<void> {
    await this.#intake?.load().then((any) => show(find("[data-econsult-new]"), any), () => {});
    for (;;) {
      if (document.visibilityState === "visible" || this.#waits() || this.#sound?.wanted) await this.#look();
      await pause(spread(AGAIN_MS));
    }
  }

  /** What waits may have to go on elsewhere, whether one looks or not. */
  #waits(): boolean {
    return page.patient && this.#queue.open.some(({ holder }) => holder === null);
  }

  /** The failure of what one tried stays until another conversation is looked at. */
  turnTo(conversation: Conversation | null): void {
    this.#current = conversation;
    this.#panel.say(null);
    if (conversation) void this.#queue.load().then(this.#changed, () => {});
  }

  /** By what stands behind the `#`. */
  async begin(): Promise<void> {
    if (this.#intake) return this.#intake.begin();
    find<HTMLElement>("#e-consulten").focus();
  }

  show(): void {
    if (this.#current) {
      this.#seek(this.#current);
      this.#panel.show(this.#current);
    }
    if (page.patient) return;
    const { waiting, open } = this.#queue;
    setText(find("[data-econsults-say]"), waiting.length > 0 ? words.listCounted(waiting.length) : words.list);
    find<HTMLButtonElement>("[data-econsult-first]").disabled = waiting.length === 0;
    this.#rows("waiting", waiting);
    this.#rows("held", open.filter((each) => !waiting.includes(each)));
  }

  /** Of an e-consult that was sent or came just now its place is asked at once. */
  #seek(conversation: Conversation): void {
    const { group } = conversation;
    if (this.#queue.of(group) || this.#sought.has(group)) return;
    if (!this.#talk.lines(conversation).some(({ kind, place }) => kind === "econsult" && place !== null)) return;
    this.#sought.add(group);
    void this.#queue.load().then(this.#changed, () => {});
  }

  /** Whatever came or went meanwhile: the one with the most haste. */
  async #first(): Promise<void> {
    const fault = find("[data-econsult-first-fault]");
    setText(fault, "");
    try {
      const taken = await this.#queue.pickUpFirst();
      if (taken) location.hash = `#${taken.conversation}`;
      else setText(fault, words.nobodyWaits);
    } catch (error) {
      setText(fault, sayOf(error));
    }
    this.#changed();
  }

  #rows(which: string, found: EconsultListed[]): void {
    find(`[data-econsults-${which}]`).replaceChildren(...found.map((each) => rowOf(this.#talk, this.#queue, each)));
    show(find(`[data-econsults-none-${which}]`), found.length === 0);
  }

  #handOver(found: EconsultListed): void {
    const select = find<HTMLSelectElement>("#econsult-aan");
    const colleagues = this.#talk.circle.readers(`team:${found.team}`).filter((person) => person !== found.holder);
    const names = colleagues.map((person) => [person, this.#talk.circle.name(PERSON + person)] as const);
    select.replaceChildren(...[...names, [NOBODY, words.putBack] as const].map(([value, name]) => create("option", { value }, name)));
    this.#open("hand", async () => {
      await this.#queue.handOver(found, select.value === NOBODY ? null : select.value);
      return null;
    });
  }

  #close(found: EconsultListed): void {
    const [field, conversation] = [find<HTMLTextAreaElement>("#econsult-samenvatting"), this.#current];
    field.value = "";
    this.#open("close", async () => {
      const text = field.value.trim();
      if (text === "" || !conversation) {
        field.focus();
        return words.needsSummary;
      }
      await this.#queue.close(found);
      await this.#talk.write(conversation, { kind: "conclusion", text, to: null, attachments: [] });
      return null;
    });
  }

  #open(which: string, act: () => Promise<string | null>): void {
    openForm(find<HTMLDialogElement>(`[data-econsult-dialog="${which}"]`), act, this.#changed);
  }
}
