/** The page of conversations, once the keyset is open: the list, one conversation, a new one, and what is written. */

import { find, setText, show } from "../../lib/dom.ts";
import { formatMinutes } from "../../lib/format.ts";
import type { Failure } from "../../lib/live.ts";
import { texts } from "../texts.ts";
import { watchAdmissions } from "../admission_view.ts";
import { api } from "../api.ts";
import { ConsultationsView } from "../consultations/view.ts";
import { EconsultsView } from "../econsults/view.ts";
import { page, sayIn, sayOf } from "../world.ts";
import { ChoiceView } from "./choice_view.ts";
import { ComposeView } from "./compose_view.ts";
import type { Conversation } from "./conversation.ts";
import { showDestroyed } from "./destroyed_view.ts";
import { ExportView } from "./export_view.ts";
import { openFile } from "./files.ts";
import { FilesView } from "./files_view.ts";
import { follow } from "./follow.ts";
import { InboxView } from "./inbox_view.ts";
import { LogView } from "./log_view.ts";
import type { LocalStore } from "./local_store.ts";
import { Marks } from "./marks.ts";
import { SearchView } from "./search_view.ts";
import { MembersView } from "./members_view.ts";
import { Talk } from "./talk.ts";
import { TeamsView } from "./teams_view.ts";
import type { Line } from "./thread.ts";
import { ThreadView } from "./thread_view.ts";

const words = texts.talk;
const NEW = "#nieuw";
const TEAMS = "#teams";
const CONSULTATIONS = "#consultaties";
/** To a patient the questionnaire, to a team its queue. */
const ECONSULTS = page.patient ? "#econsult" : "#e-consulten";

export class TalkView {
  readonly #talk: Talk;
  readonly #marks = new Marks();
  readonly #inbox: InboxView;
  readonly #search: SearchView;
  readonly #compose: ComposeView;
  readonly #thread: ThreadView;
  readonly #members: MembersView;
  readonly #teams: TeamsView;
  readonly #choice: ChoiceView;
  readonly #log: LogView;
  readonly #export: ExportView;
  /** Patients have none. */
  readonly #consultations: ConsultationsView | null;
  readonly #econsults: EconsultsView;
  #current: Conversation | null = null;
  /** Patients begin conversations where their practice has a team for them. */
  #mayBegin = !page.patient;

  constructor(session: Talk["session"], local: LocalStore) {
    this.#talk = new Talk(session, local, {
      changed: () => this.#show(),
      stuck: (why) => this.#stuck(why),
      progress: (id, share) => this.#thread.progress(id, share),
      destroyed: () => this.#forget(),
      renewed: () => void this.#compose.keep().finally(() => location.reload()),
    });
    this.#compose = new ComposeView(local, async (group, written) => {
      const conversation = this.#talk.conversations.get(group);
      if (conversation) await this.#talk.write(conversation, written);
      this.#thread.toEnd();
    });
    const files = new FilesView({
      open: (group, attachment) => openFile(local, group, attachment),
      grow: (act) => this.#thread.grow(act),
      kept: (group, { hash }) => void this.#talk.tellExported(group, hash),
    });
    this.#inbox = new InboxView(this.#talk, this.#marks, () => this.#show());
    this.#search = new SearchView(this.#talk);
    this.#log = new LogView(this.#talk);
    this.#export = new ExportView(this.#talk, (group, attachment) => openFile(local, group, attachment));
    this.#thread = new ThreadView(this.#talk, this.#marks, files, {
      reply: (line) => void this.#compose.begin("text", line),
      edit: (line) => void this.#compose.begin("edit", line),
      recall: (line) => void this.#recall(line),
      retry: ({ id }) => this.#talk.outbox.retry(id),
      discard: (line) => void this.#discard(line),
    });
    this.#members = new MembersView(this.#talk);
    this.#teams = new TeamsView(this.#talk, (team) => this.#members.open(team));
    this.#choice = new ChoiceView(find("[data-new-form]"), this.#talk, { teams: true, one: page.patient });
    this.#consultations = page.patient ? null : new ConsultationsView(this.#talk, () => this.#show());
    this.#econsults = new EconsultsView(this.#talk, local, () => this.#show());
    this.#listen();
    setText(find("[data-until]"), words.openUntil(formatMinutes(session.until * 1000)));
  }

  async begin(): Promise<void> {
    await this.#marks.load();
    await this.#talk.begin();
    if (page.patient) {
      const answer = await api.teams("");
      this.#mayBegin = answer.ok && answer.value.teams.length > 0;
    }
    show(find("[data-new]"), this.#mayBegin);
    showDestroyed(this.#talk);
    await this.#route();
    void this.#talk.askReadsOfOwn().then(() => this.#show(), () => {});
    if (!page.patient) void watchAdmissions(this.#talk);
    follow(this.#talk, {
      reads: () => this.#show(),
      connected: (yes) => {
        const say = find("[data-connection]");
        setText(say, yes ? "" : texts.noConnection);
        show(say, !yes);
      },
    });
  }

  #listen(): void {
    addEventListener("hashchange", () => void this.#route());
    find("[data-new]").onclick = () => {
      location.hash = NEW;
    };
    find("[data-new-form]").onsubmit = (event) => {
      event.preventDefault();
      void this.#create();
    };
    find("[data-members-open]").onclick = () => this.#current && this.#members.open(this.#current);
    find("[data-lock-now]").onclick = () => void this.#lock();
    find("[data-flag]").onclick = () => this.#mark((current) => this.#marks.flag(current, !this.#marks.flagged(current)));
    find("[data-archive]").onclick = () => this.#mark((current) => this.#marks.archive(current, !this.#marks.archived(current)));
    addEventListener("visibilitychange", () => void this.#lookAgain());
  }

  /** Another device may have put marks since; without an answer these stay. */
  async #lookAgain(): Promise<void> {
    this.#show();
    if (document.visibilityState !== "visible") return;
    await this.#marks.load().catch(() => {});
    this.#show();
  }

  #mark(act: (current: Conversation) => Promise<void>): void {
    if (!this.#current) return;
    const done = act(this.#current);
    this.#show();
    done.then(
      () => sayIn(find("[data-mark-fault]"), null),
      (error: unknown) => {
        sayIn(find("[data-mark-fault]"), sayOf(error));
        this.#show();
      },
    );
  }

  /** By what stands behind the `#`: nothing, a conversation, one of its messages (`#NAME/ID`), or a new one. */
  async #route(): Promise<void> {
    const [group = "", message = ""] = location.hash.slice(1).split("/");
    if (message !== "" && this.#current?.group === group) return void this.#thread.goTo(message);
    const [making, teams] = [location.hash === NEW && this.#mayBegin, location.hash === TEAMS && !page.patient];
    const consultations = location.hash === CONSULTATIONS ? this.#consultations : null;
    if (this.#consultations) show(find("[data-consultations]"), consultations !== null);
    const econsults = location.hash === ECONSULTS ? this.#econsults : null;
    show(find("[data-econsults]"), econsults !== null);
    const before = this.#current;
    await this.#talk.reach([group]).catch(() => {}); // without an answer it comes in its turn
    if (location.hash.slice(1).split("/")[0] !== group) return; // by now one is elsewhere
    this.#current = this.#talk.conversations.get(group) ?? null;
    this.#log.turnTo(this.#current);
    this.#export.turnTo(this.#current);
    this.#consultations?.turnTo(this.#current);
    this.#econsults.turnTo(this.#current);
    if (this.#current && this.#current !== before) void this.#talk.tellOpened(this.#current.group).catch(() => {});
    await this.#compose.turnTo(this.#current?.group ?? null);
    find("[data-talk]").setAttribute("data-view", this.#current || making || teams || consultations || econsults ? "thread" : "list");
    show(find("[data-thread]"), this.#current !== null);
    show(find("[data-new-form]"), making);
    show(find("[data-teams]"), teams);
    show(find("[data-choose]"), this.#current === null && !making && !teams && !consultations && !econsults);
    this.#show();
    if (making) return this.#offer();
    if (teams) return this.#teams.begin();
    if (consultations) return consultations.begin();
    if (econsults) return econsults.begin();
    if (!this.#current) return;
    if (message === "" || !this.#thread.goTo(message)) find<HTMLElement>("[data-title]").focus();
    await this.#talk.readings.ask(this.#current).catch(() => {});
    this.#show();
  }

  /** Conversations are gone for everybody: their words leave the page, and what was begun in the one that stands here. */
  #forget(): void {
    this.#thread.forget();
    this.#search.forget();
    if (this.#current && !this.#talk.conversations.has(this.#current.group)) {
      this.#current = null;
      this.#compose.forget();
      location.hash = "";
      const say = find("[data-destroyed-say]");
      setText(say, words.destroyedNow);
      show(say, true);
      showDestroyed(this.#talk);
    }
    this.#show();
  }

  #show(): void {
    const current = this.#current;
    if (current) {
      if (document.visibilityState === "visible") void this.#talk.readings.mark(current);
      this.#thread.show(current);
    }
    this.#members.show();
    this.#consultations?.show();
    this.#econsults.show();
    if (location.hash === TEAMS) this.#teams.show();
    this.#inbox.show(current?.group ?? null);
    this.#search.show();
  }

  /** With the only message of a conversation goes the conversation. */
  async #discard({ id, kind }: Line): Promise<void> {
    const current = this.#current;
    if (!current || kind !== "econsult") return this.#talk.outbox.drop(id).then(() => this.#compose.focus());
    await this.#talk.leave(current).catch(() => {});
    if (location.hash !== `#${current.group}`) return; // they are elsewhere already
    location.hash = "";
    find<HTMLElement>("#zoek").focus();
  }

  async #recall({ id }: Line): Promise<void> {
    if (this.#current) await this.#talk.write(this.#current, { kind: "recall", text: "", to: id, attachments: [] });
    this.#compose.focus();
  }

  async #offer(): Promise<void> {
    find<HTMLElement>("#nieuw").focus();
    await this.#choice.offer([]);
  }

  async #create(): Promise<void> {
    const form = find<HTMLFormElement>("[data-new-form]");
    const fault = find("[data-new-fault]", form);
    const { chosen } = this.#choice;
    if (chosen.length === 0) return setText(fault, words.nobodyChosen);
    const button = find<HTMLButtonElement>("button[type=submit]", form);
    button.disabled = true;
    setText(fault, "");
    try {
      location.hash = `#${await this.#talk.create("conversation", chosen)}`;
    } catch (error) {
      setText(fault, sayOf(error));
    } finally {
      button.disabled = false;
    }
  }

  async #lock(): Promise<void> {
    await this.#compose.keep();
    await this.#talk.session.store.forget(this.#talk.me);
    location.reload();
  }

  #stuck(why: Failure | null): void {
    const say = why && (why.code === "no_connection" ? words.waits : why.title || (why.code === "behind" ? words.waitsForKey : texts.fault));
    sayIn(find("[data-stuck]"), say);
  }
}
