/** The card on which this browser recomputes the draw, step by step. */

import { create, find, icon, setText, show } from "../lib/dom.ts";
import { formatNumber, formatSeconds, formatMinutes } from "../lib/format.ts";
import { pause, type LiveClient, type PublishedDraw, type Ticket } from "../lib/live.ts";
import { verifyDraw, type Own, type RoundResult, type Seals } from "./draw.ts";
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

  /**
   * Fetches the published draw and recomputes it: our own round when we have a ticket, once it is drawn, and every round
   * when `all` is asked. `sealsSeen` are what we read beforehand.
   */
  async start(ticket: Ticket | null, sealsSeen: Seals, { spread = SPREAD_MS, all = false } = {}): Promise<void> {
    if (this.#started) return;
    this.#started = true;
    this.#title(words.draw.busy, "neutral", words.draw.badgeBusy);
    show(this.#card, true);
    if (!("subtle" in crypto)) return this.#note(words.draw.unsupported);
    await pause(spread * Math.random());
    for (;;) {
      const answer = await this.#client.draw();
      const known = (round: number): boolean => answer.ok && answer.value.rounds.some((each) => each.round === round);
      if (answer.ok && (all || !ticket || known(ticket.round))) return this.#judge(answer.value, ticket, sealsSeen, all);
      this.#note(words.draw.unavailable);
      await pause(AGAIN_MS * (0.5 + Math.random()));
    }
  }

  async #judge(draw: PublishedDraw, ticket: Ticket | null, sealsSeen: Seals, all: boolean): Promise<void> {
    const results = await verifyDraw(draw, ownIn(draw, ticket), sealsSeen);
    const shown = results.filter(({ drawn }) => all || drawn.round === (ticket?.round ?? drawn.round));
    const steps = shown.flatMap((result) => stepsOf(result, shown.length > 1 ? result.drawn.name : ""));
    find("[data-draw-steps]").replaceChildren(...steps.map(stepItem));
    const right = results.length > 0 && results.every((result) => result.right);
    if (right) this.#title(words.draw.right, "success", words.draw.badge);
    else this.#title(words.draw.wrong, "error", words.draw.badgeWrong);
    this.#note(right ? "" : words.draw.wrongRepair);
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

/** Our claim, where our number is one that the draw of our round gave; who came later has none. */
function ownIn(draw: PublishedDraw, ticket: Ticket | null): Own | null {
  const drawn = draw.rounds.find((each) => each.round === ticket?.round);
  if (!ticket || ticket.number === null || !drawn) return null;
  if (ticket.number < drawn.first || ticket.number >= drawn.first + drawn.tickets.length) return null;
  return { ticket: ticket.ticket, number: ticket.number, round: ticket.round };
}

/** The steps of one round; with the name of its group where several are shown. */
function stepsOf({ drawn, checks, number }: RoundResult, group: string): Step[] {
  const listed = checks.version && checks.order && checks.list && checks.first && checks.member !== false;
  const count = formatNumber(drawn.tickets.length);
  const head = (text: string): string => (group ? words.draw.ofGroup(group, text) : text);
  const steps: Step[] = [
    {
      mark: checks.seal ? "right" : "wrong",
      head: head(words.draw.seal),
      text: checks.seal ? words.draw.sealRight(formatMinutes(drawn.sealed_at)) : words.draw.sealWrong,
      detail: shortCode(drawn.seed_hash, 2),
    },
    {
      mark: listed ? "right" : "wrong",
      head: head(words.draw.list),
      text: listed ? (checks.member ? words.draw.listRight(count) : words.draw.listOthers(count)) : words.draw.listWrong,
      detail: `${formatSeconds(drawn.frozen_at)} uur · ${shortCode(drawn.list_hash, 2)}`,
    },
    drawn.beacon
      ? {
          mark: "right",
          head: head(words.draw.beacon),
          text: words.draw.beaconRight,
          detail: words.draw.beaconRound(drawn.beacon.source, formatNumber(drawn.beacon.round)),
        }
      : { mark: "trust", head: head(words.draw.beacon), text: words.draw.beaconNone },
  ];
  if (checks.number !== null) {
    const own = number === null ? "–" : formatNumber(number);
    const text = checks.number ? words.draw.numberRight(own) : words.draw.numberWrong(own);
    steps.push({ mark: checks.number ? "right" : "wrong", head: head(words.draw.number), text });
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
