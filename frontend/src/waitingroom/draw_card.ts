/** The card on which this browser recomputes the draw, step by step. */

import { create, find, icon, setText, show } from "../lib/dom.ts";
import { formatNumber, formatSeconds, formatMinutes } from "../lib/format.ts";
import { pause, type LiveClient, type PublishedDraw, type Ticket } from "../lib/live.ts";
import { verifyDraw, type DrawResult } from "./draw.ts";
import { shortCode } from "./seal.ts";
import { words } from "./texts.ts";

/** Thousands of browsers fetch the list when the draw is done; they spread over this long. */
const SPREAD_MS = 10_000;
const AGAIN_MS = 30_000;

type Mark = "right" | "wrong" | "trust";

interface Step {
  mark: Mark;
  head: string;
  text: string;
  detail?: string;
}

export class DrawCard {
  readonly #card = find("[data-draw]");
  readonly #client: LiveClient;
  #started = false;

  constructor(client: LiveClient) {
    this.#client = client;
  }

  /** Fetches the published draw and recomputes it for our ticket; `sealSeen` is what we read beforehand. */
  async start(ticket: Ticket | null, sealSeen: string | null, spread: number = SPREAD_MS): Promise<void> {
    if (this.#started) return;
    this.#started = true;
    this.#title(words.draw.busy, "neutral", words.draw.badgeBusy);
    show(this.#card, true);
    if (!("subtle" in crypto)) return this.#note(words.draw.unsupported);
    await pause(spread * Math.random());
    for (;;) {
      const answer = await this.#client.draw();
      if (answer.ok) return this.#judge(answer.value, ticket, sealSeen);
      this.#note(words.draw.unavailable);
      await pause(AGAIN_MS * (0.5 + Math.random()));
    }
  }

  async #judge(draw: PublishedDraw, ticket: Ticket | null, sealSeen: string | null): Promise<void> {
    const number = ticket?.number ?? null;
    const own = ticket && number !== null && number <= draw.tickets.length ? { ticket: ticket.ticket, number } : null;
    const result = await verifyDraw(draw, own, sealSeen);
    find("[data-draw-steps]").replaceChildren(...stepsOf(draw, result).map(stepItem));
    if (result.right) this.#title(words.draw.right, "success", words.draw.badge);
    else this.#title(words.draw.wrong, "error", words.draw.badgeWrong);
    this.#note(result.right ? "" : words.draw.wrongRepair);
  }

  #title(title: string, kind: string, text: string): void {
    setText(find("[data-draw-title]"), title);
    const mark = find("[data-draw-badge]");
    mark.className = `utrecht-status-badge utrecht-status-badge--${kind}`;
    setText(mark, text);
  }

  #note(text: string): void {
    const note = find("[data-draw-note]");
    show(note, text !== "");
    setText(note, text);
  }
}

function stepsOf(draw: PublishedDraw, { checks, number }: DrawResult): Step[] {
  const listed = checks.version && checks.order && checks.list && checks.member !== false;
  const count = formatNumber(draw.tickets.length);
  const steps: Step[] = [
    {
      mark: checks.seal ? "right" : "wrong",
      head: words.draw.seal,
      text: checks.seal ? words.draw.sealRight(formatMinutes(draw.sealed_at)) : words.draw.sealWrong,
      detail: shortCode(draw.seed_hash, 2),
    },
    {
      mark: listed ? "right" : "wrong",
      head: words.draw.list,
      text: listed ? (checks.member ? words.draw.listRight(count) : words.draw.listOthers(count)) : words.draw.listWrong,
      detail: `${formatSeconds(draw.frozen_at)} uur · ${shortCode(draw.list_hash, 2)}`,
    },
    draw.beacon
      ? {
          mark: "right",
          head: words.draw.beacon,
          text: words.draw.beaconRight,
          detail: words.draw.beaconRound(draw.beacon.source, formatNumber(draw.beacon.round)),
        }
      : { mark: "trust", head: words.draw.beacon, text: words.draw.beaconNone },
  ];
  if (checks.number !== null) {
    const own = number === null ? "–" : formatNumber(number);
    const text = checks.number ? words.draw.numberRight(own) : words.draw.numberWrong(own);
    steps.push({ mark: checks.number ? "right" : "wrong", head: words.draw.number, text });
  }
  return steps;
}

const MARKS: Record<Mark, [modifier: string, icon: string]> = {
  right: ["", "check"],
  wrong: [" balie-step--fault", "x"],
  trust: [" balie-step--wait", "info"],
};

function stepItem({ mark, head, text, detail }: Step): HTMLLIElement {
  const [modifier, sign] = MARKS[mark];
  const body = create("div", { class: "balie-step__body" }, create("p", {}, create("strong", {}, head), ` ${text}`));
  if (detail) body.append(create("p", { class: "xs soft code" }, detail));
  const sticker = create("span", { class: "balie-step__mark" }, icon(sign));
  return create("li", { class: `balie-step${modifier}` }, sticker, body);
}
