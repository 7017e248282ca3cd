/** One's keys, once they are open: how they open elsewhere, which devices have them, and numbers to compare. */

import { approvalCode } from "../crypto/approvals.ts";
import { safetyNumber } from "../crypto/persons.ts";
import { unb64 } from "../crypto/encoding.ts";
import { THRESHOLD } from "../crypto/shares.ts";
import { create, find, icon, setText, show } from "../lib/dom.ts";
import { pause } from "../lib/live.ts";
import { dayOf, formatDate, formatMinutes, listed } from "../lib/format.ts";
import type { ListedDevice } from "./account.ts";
import { api } from "./api.ts";
import { makeCard } from "./card_view.ts";
import { unlocking } from "./doors.ts";
import { approve } from "./keyring/approval.ts";
import { rehearse } from "./keyring/enrolment.ts";
import { type AskedApproval, postApproval, watchApproval } from "./mailbox.ts";
import { addCode, addPasskey, revoke, share, ways } from "./own_keys.ts";
import { nowS, type Session } from "./session.ts";
import { Directory } from "./talk/directory.ts";
import { renewTeams } from "./team_keys.ts";
import { texts } from "./texts.ts";
import { TrusteesView } from "./trustees_view.ts";
import { must } from "./unanswered.ts";
import { spaced } from "./unlock_view.ts";
import { sayIn, sayOf } from "./world.ts";

const words = texts.keys;
const REHEARSE_WITHIN_MS = 5000;
/** A key server that is away is asked again, for as long as the page is open. */
const REHEARSE_EVERY_MS = 30_000;

export class KeysView {
  readonly #root = find("[data-open]");
  #session: Session;
  readonly #trustees = new TrusteesView(() => this.#session, (session) => this.#take(session));
  #asked: AskedApproval | null = null;
  #asking = 0;
  #devicesDrawn = "";

  constructor(session: Session) {
    this.#session = session;
    find("[data-add-passkey]").onclick = (event) => void this.#act(event, () => this.#addPasskey());
    find("[data-add-code]").onclick = (event) => void this.#act(event, () => this.#addCode());
    find("[data-approve]").onclick = (event) => void this.#act(event, () => this.#approve());
    show(this.#root, true);
    this.#show();
    void this.#readTrustees().then(() => this.#askServers());
    void this.#listNumbers();
    void this.#watchOthers();
  }

  async #readTrustees(): Promise<void> {
    try {
      await this.#trustees.read();
      this.#show();
    } catch (error) {
      sayIn(find("[data-fault]"), sayOf(error));
    }
  }

  /** One thing at a time; what goes wrong is said above. */
  async #act(event: Event, act: () => Promise<void>): Promise<void> {
    const button = event.currentTarget as HTMLButtonElement;
    button.disabled = true;
    sayIn(find("[data-fault]"), null);
    try {
      await act();
    } catch (error) {
      sayIn(find("[data-fault]"), sayOf(error));
    } finally {
      button.disabled = false;
    }
  }

  #show(): void {
    const open = ways(this.#session);
    const { passkeys } = this.#session.account;
    this.#check("passkey", open.passkey, this.#passkeyNote());
    this.#check("code", open.code, open.code ? words.codeDone : words.codeTodo);
    this.#check("trustees", this.#trustees.ready, this.#trustees.note);
    setText(find("[data-add-passkey]"), passkeys.length > 0 ? words.passkeyMore : words.passkeyFirst);
    setText(find("[data-add-code]"), open.code ? words.codeMore : words.codeFirst);
    // One primary button: the next step.
    primary(find("[data-add-passkey]"), !open.passkey);
    primary(find("[data-add-code]"), open.passkey && !open.code && !this.#trustees.ready);
    this.#complete(open);
    this.#listDevices();
  }

  #passkeyNote(): string {
    const { kept, account } = this.#session;
    if (account.passkeys.length === 0) return words.passkeyTodo;
    const done = words.passkeyDone(account.passkeys.length);
    if (kept?.wraps.some(({ method }) => method === "passkey")) return done;
    return `${done} ${ways(this.#session).servers ? words.passkeyByServers : words.passkeyWithout}`;
  }

  #check(name: string, done: boolean, note: string): void {
    const line = find(`[data-check="${name}"]`, this.#root);
    line.classList.toggle("balie-check--todo", !done);
    const mark = icon(done ? "circle-check" : "triangle-alert");
    mark.dataset["mark"] = "";
    find("[data-mark]", line).replaceWith(mark);
    setText(find("[data-note]", line), note);
  }

  /** Two ways that work; colleagues are one of them. */
  #complete({ passkey, code }: { passkey: boolean; code: boolean }): void {
    const complete = [passkey, code, this.#trustees.ready].filter(Boolean).length >= 2;
    const done = passkey && code ? words.completeBody : words.completeByTrustees;
    const todo = this.#trustees.possible ? words.incompleteOrTrustees : words.incompleteBody;
    const [title, body] = complete ? [words.complete, done] : [words.incomplete, todo];
    const alert = create(
      "div",
      { class: `utrecht-alert utrecht-alert--${complete ? "ok" : "warning"} balie-no-print` },
      icon(complete ? "circle-check" : "triangle-alert"),
      create(
        "div",
        { class: "utrecht-alert__content" },
        create("p", { class: "utrecht-paragraph balie-alert__title" }, title),
        create("p", { class: "utrecht-paragraph" }, body),
      ),
    );
    find("[data-complete]", this.#root).replaceChildren(alert);
  }

  async #addPasskey(): Promise<void> {
    const { session } = await addPasskey(this.#session);
    this.#take(session);
  }

  async #addCode(): Promise<void> {
    const code = await makeCard();
    this.#take(await addCode(this.#session, code));
    find("[data-add-code]").focus();
  }

  #take(session: Session): void {
    this.#session = session;
    this.#show();
    void this.#askServers();
  }

  /** Whether each key server still has its share; whoever lost it, or has not heard of what was stated, gets another. */
  async #askServers(mend = true): Promise<void> {
    const asking = (this.#asking += 1);
    const { servers, token, account } = this.#session;
    if (mend && account.untold) await this.#share(asking);
    const asked = unlocking(this.#session);
    show(find('[data-check="servers"]', this.#root), servers.length > 0);
    if (!asked) return this.#check("servers", false, words.serversTodo);
    this.#check("servers", true, words.serversAsking);
    const found = await rehearse(asked.servers, asked.stated, { token, signal: AbortSignal.timeout(REHEARSE_WITHIN_MS) });
    if (asking !== this.#asking) return;
    const well = found.filter(({ did }) => did === "holds");
    if (mend && found.some(({ did }) => did === "bad-share" || did === "refused")) {
      await this.#share(asking);
      return this.#askServers(false);
    }
    const named = listed(well.map(({ server }) => server));
    const ill = found.flatMap(({ server, did }) => (did === "holds" ? [] : [words.server(server, texts.unlock.part[did])]));
    const say = ill.length === 0 ? words.serversHold(named) : words.serversSome(named, listed(ill));
    const enough = well.length >= THRESHOLD;
    this.#check("servers", enough, enough ? say : words.serversFew(listed(ill)));
    if (ill.length === 0) return;
    await pause(REHEARSE_EVERY_MS);
    if (asking === this.#asking) await this.#askServers();
  }

  /** For the servers that have not what they should; other keys may have been made meanwhile. */
  async #share(asking: number): Promise<void> {
    const { session } = await share(this.#session);
    if (asking === this.#asking) this.#session = session;
  }

  /** Drawn again when they changed only: one of them may be open. */
  #listDevices(): void {
    const devices = [...this.#session.account.devices].sort((one, other) => Number(one.revoked) - Number(other.revoked));
    const drawn = JSON.stringify(devices);
    if (drawn === this.#devicesDrawn) return;
    this.#devicesDrawn = drawn;
    find("[data-devices]", this.#root).replaceChildren(...devices.map((each) => this.#device(each)));
  }

  #device({ device, since, revoked }: ListedDevice): HTMLElement {
    const name = words.device(formatDate(dayOf(since)), formatMinutes(since));
    const ours = device === this.#session.own.device;
    const line = create("li", {}, create("span", { class: "balie-devices__name" }, icon("smartphone"), ` ${name}`));
    if (ours || revoked) {
      const badge = `utrecht-status-badge utrecht-status-badge--${ours ? "active" : "neutral"}`;
      line.append(create("span", { class: badge }, ours ? words.thisDevice : words.revoked));
      return line;
    }
    const sure = create("button", { type: "button", class: "utrecht-button utrecht-button--primary-action" }, words.revokeSure);
    sure.onclick = (event) => void this.#act(event, () => this.#revoke(device, sure));
    line.append(
      create(
        "details",
        { class: "balie-ask" },
        create("summary", { class: "utrecht-button utrecht-button--secondary-action" }, words.revoke, create("span", { class: "sr" }, words.revokeName(name))),
        create("div", { class: "stack stack--3" }, create("p", { class: "small soft" }, words.revokeAsk), sure),
      ),
    );
    return line;
  }

  async #revoke(device: string, button: HTMLButtonElement): Promise<void> {
    setText(button, words.revoking);
    const session = await revoke(this.#session, device);
    this.#take(session);
    await renewTeams(session);
    find<HTMLElement>("#manieren").focus();
  }

  async #listNumbers(): Promise<void> {
    const { people, you } = await must(api.people());
    const others = people.filter(({ person }) => person !== you);
    const directory = new Directory(this.#session.account.person.person, this.#session.log);
    await directory.meet(others.map(({ person }) => person));
    const lines = await Promise.all(
      others.map(async ({ person, name }) => {
        const keys = directory.get(person)?.keys;
        if (!keys) return [];
        const digits = await safetyNumber(this.#session.account.person, keys.person);
        const number = create("span", { class: "balie-devices__number num" }, digits.replace(/(\d{5})(?=\d)/g, "$1 "));
        return [create("li", {}, create("strong", {}, name), number)];
      }),
    );
    find("[data-numbers]", this.#root).replaceChildren(...lines.flat());
    show(find("[data-no-numbers]", this.#root), lines.flat().length === 0);
  }

  /** Another device of ours may ask to be let in, for as long as this page is open. */
  async #watchOthers(): Promise<void> {
    await watchApproval((asked) => {
      const waits = asked !== null && asked.approval === null && asked.set === this.#session.account.shares?.set;
      if (!waits) show(find("[data-asked]"), false);
      else if (asked.challenge !== this.#asked?.challenge) void this.#showAsked(asked);
      return false;
    }, new AbortController().signal);
  }

  async #showAsked(asked: AskedApproval): Promise<void> {
    this.#asked = asked;
    setText(find("[data-asked-code]"), spaced(await approvalCode(unb64(asked.challenge))));
    show(find("[data-asked]"), true);
  }

  async #approve(): Promise<void> {
    const asked = this.#asked;
    if (!asked) return;
    const approval = await approve(this.#session.own, asked.set, unb64(asked.challenge), nowS());
    await postApproval({ ...asked, approval });
    show(find("[data-asked]"), false);
    setText(find("[data-approved]"), words.approved);
  }
}

function primary(button: HTMLElement, yes: boolean): void {
  button.classList.toggle("utrecht-button--primary-action", yes);
  button.classList.toggle("utrecht-button--secondary-action", !yes);
}
