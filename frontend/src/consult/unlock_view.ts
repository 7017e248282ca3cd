/** The lock: ways that work first, dead ones say why; and what one does with each. */

import { approvalCode } from "../crypto/approvals.ts";
import { b64 } from "../crypto/encoding.ts";
import { Rejected } from "../crypto/reasons.ts";
import { THRESHOLD } from "../crypto/shares.ts";
import type { Statement } from "../crypto/statements.ts";
import { find, setAttribute, setText, show } from "../lib/dom.ts";
import { listed } from "../lib/format.ts";
import { pause } from "../lib/live.ts";
import { offerAdmission } from "./admission_view.ts";
import { type Opening, openWithApproval, openWithCode, openWithPasskey, unlocking } from "./doors.ts";
import { reachable } from "./keyring/reachable.ts";
import { readCode, wordList } from "./keyring/recovery_code.ts";
import { type Part, prepare, SharesError } from "./keyring/unlock_by_shares.ts";
import { postApproval, watchApproval } from "./mailbox.ts";
import type { Known } from "./session.ts";
import { texts } from "./texts.ts";
import { sayIn, sayOf } from "./world.ts";

const PROBE_EVERY_MS = 10_000;
/** As long as key servers keep a nonce. */
const APPROVAL_WITHIN_MS = 115_000;
const HASH = "#herstel=";

type Way = "passkey" | "code" | "device";

export class UnlockView {
  readonly #root = find("[data-unlock]");
  readonly #fault = find("[data-unlock-fault]", this.#root);
  readonly #known: Known;
  readonly #opened: (opening: Opening) => Promise<void>;
  readonly #usual = this.#buttons();
  readonly #over = new AbortController();
  #approving = new AbortController();
  #busy = false;

  /** `opened` is called once, with the keyset. */
  constructor(known: Known, opened: (opening: Opening) => Promise<void>) {
    this.#known = known;
    this.#opened = opened;
    for (const way of this.#buttons()) {
      way.addEventListener("click", () => void this.#choose(way.dataset["way"] as Way));
    }
    find("[data-code]", this.#root).addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#byCode();
    });
    offerAdmission(known);
    show(this.#root, true);
    this.#order(null);
    void this.#watchServers();
    void this.#scanned();
  }

  #buttons(): HTMLButtonElement[] {
    return [...this.#root.querySelectorAll<HTMLButtonElement>("[data-way]")];
  }

  /** A card that was scanned opens this page with its words behind the `#`, which no server sees. */
  async #scanned(): Promise<void> {
    if (!location.hash.startsWith(HASH)) return;
    find<HTMLTextAreaElement>("textarea", this.#root).value = decodeURIComponent(location.hash.slice(HASH.length));
    history.replaceState(null, "", location.pathname);
    this.#unfold("code");
    await this.#byCode();
  }

  async #watchServers(): Promise<void> {
    const asked = unlocking(this.#known);
    while (asked && !this.#over.signal.aborted) {
      this.#order((await reachable(asked.servers)).size >= THRESHOLD);
      await pause(PROBE_EVERY_MS);
    }
  }

  /** `serversWell`: null as long as nobody knows. */
  #order(serversWell: boolean | null): void {
    const { kept, account } = this.#known;
    const has = (method: string): boolean => kept?.wraps.some((each) => each.method === method) ?? false;
    const servers = unlocking(this.#known) !== null;
    const there: Record<Way, boolean> = {
      passkey: account.passkeys.length > 0 && (servers || has("passkey")),
      code: has("code"),
      device: servers,
    };
    const dead: Record<Way, boolean> = {
      passkey: serversWell === false && !has("passkey"),
      code: false,
      device: serversWell === false,
    };
    const works = (way: HTMLElement): boolean => !dead[way.dataset["way"] as Way];
    const sorted = [...this.#usual].sort((one, other) => Number(works(other)) - Number(works(one)));
    this.#arrange(sorted);
    const shown = sorted.filter((way) => there[way.dataset["way"] as Way]);
    for (const way of sorted) {
      const name = way.dataset["way"] as Way;
      show(way, there[name]);
      way.classList.toggle("balie-way--first", way === shown[0] && works(way));
      way.classList.toggle("balie-way--off", dead[name]);
      setAttribute(way, "aria-disabled", dead[name] ? "true" : null);
      this.#note(way, dead[name]);
    }
    show(find("[data-no-way]", this.#root), shown.length === 0);
    const others = [there.passkey && !dead.passkey ? texts.unlock.byPasskey : "", there.code ? texts.unlock.byCode : ""];
    setText(find("[data-servers-say]", this.#root), texts.unlock.servers(listed(others.filter(Boolean))));
    show(find("[data-servers-away]", this.#root), serversWell === false);
  }

  /** Whoever stands on one of them with the keyboard goes along. */
  #arrange(ways: HTMLButtonElement[]): void {
    const before = this.#buttons();
    if (ways.every((way, at) => way === before[at])) return;
    const focused = document.activeElement;
    find("[data-ways]", this.#root).append(...ways);
    if (ways.some((way) => way === focused)) (focused as HTMLElement).focus();
  }

  #note(way: HTMLElement, dead: boolean): void {
    const note = way.querySelector<HTMLElement>("[data-note]");
    if (!note) return;
    note.dataset["usual"] ??= note.textContent;
    setText(note, dead ? texts.unlock.needsServers : (note.dataset["usual"] ?? ""));
  }

  async #choose(way: Way): Promise<void> {
    const button = find(`[data-way="${way}"]`, this.#root);
    if (this.#busy || button.getAttribute("aria-disabled") === "true") return;
    sayIn(this.#fault, null);
    this.#unfold(way);
    if (way === "passkey") await this.#attempt(() => openWithPasskey(this.#known));
    else if (way === "code") find<HTMLElement>("textarea", this.#root).focus();
    else await this.#byDevice();
  }

  #unfold(way: Way): void {
    this.#approving.abort();
    for (const each of ["code", "device"] as const) {
      show(find(`[data-${each}]`, this.#root), each === way);
      setAttribute(find(`[data-way="${each}"]`, this.#root), "aria-expanded", String(each === way));
    }
  }

  async #attempt(open: () => Promise<Opening>): Promise<boolean> {
    this.#busy = true;
    try {
      const opening = await open();
      this.#over.abort();
      this.#approving.abort();
      show(this.#root, false);
      await this.#opened(opening);
      return true;
    } catch (error) {
      sayIn(this.#fault, unlockFault(error));
      return false;
    } finally {
      this.#busy = false;
    }
  }

  async #byCode(): Promise<void> {
    const list = new Set(await wordList());
    const typed = readCode(find<HTMLTextAreaElement>("textarea", this.#root).value, list);
    const unknown = typed.unknown.map(({ place, word }) => texts.unlock.word(place, word)).join(", ");
    const again = unknown ? ` ${texts.unlock.lookAgain(unknown)}` : "";
    const say = (words: string): void => setText(find("[data-code-fault]", this.#root), words);
    sayIn(this.#fault, null);
    if (typed.code === null) return say((typed.words === 10 ? "" : texts.unlock.words(typed.words)) + again);
    const code = typed.code;
    say("");
    await this.#attempt(() =>
      openWithCode(this.#known, code).catch((error: unknown) => {
        if (error instanceof Rejected && error.reason === "unopenable") say(texts.unlock.wrongCode + again);
        throw error;
      }),
    );
    if (find("[data-code-fault]", this.#root).textContent) sayIn(this.#fault, null);
  }

  async #byDevice(): Promise<void> {
    const asked = unlocking(this.#known);
    if (!asked) return;
    const say = find("[data-approval-say]", this.#root);
    const ended = (this.#approving = new AbortController()).signal;
    try {
      const question = await prepare(asked);
      const challenge = b64(question.challenge);
      setText(find("[data-approval-code]", this.#root), spaced(await approvalCode(question.challenge)));
      await postApproval({ set: asked.stated.set, challenge, approval: null });
      setText(say, texts.unlock.waiting);
      const late = AbortSignal.any([ended, AbortSignal.timeout(APPROVAL_WITHIN_MS)]);
      let approval: Statement | null = null;
      await watchApproval((found) => {
        if (found?.challenge === challenge) approval = found.approval;
        return approval !== null;
      }, late);
      if (ended.aborted) return;
      if (approval === null) return setText(say, texts.unlock.lapsed);
      const given = approval;
      await this.#attempt(() => openWithApproval(this.#known, question, given));
    } catch (error) {
      sayIn(this.#fault, unlockFault(error));
    }
  }
}

/** `123 456`: as one reads it aloud. */
export const spaced = (code: string): string => code.replace(/(\d{3})(?=\d)/g, "$1 ");

/** What somebody reads when a way did not open. */
export function unlockFault(error: unknown): string {
  if (error instanceof SharesError) {
    const ill = error.parts.filter(({ did }) => did !== "gave" && did !== "not-asked");
    return texts.unlock.tooFew(ill.map(partSaid).join(", "));
  }
  if (error instanceof Rejected) return texts.unlock.notHere;
  return sayOf(error);
}

const partSaid = ({ server, did }: Part): string => `${server} ${texts.unlock.part[did]}`;
