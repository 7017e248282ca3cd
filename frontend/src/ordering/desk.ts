/**
 * The desk: the practice's window on the calendar. Holds a date, orders it, or gives it back, and follows what the
 * practice does elsewhere.
 *
 * The server knows; this page shows. Whatever happens, `mine` is read again rather than guessed at.
 */

import { ServiceClock } from "../lib/clock.ts";
import { find, reveal, setText } from "../lib/dom.ts";
import { formatSeconds } from "../lib/format.ts";
import { LiveClient, type Calendar, type Failure, type Held, type HeldLine, type Mine, type WantedLine } from "../lib/live.ts";
import { setTitle } from "../lib/notify.ts";
import { LiveStream } from "../lib/stream.ts";
import { paintServiceTime } from "../lib/time.ts";
import { Acts } from "./acts.ts";
import { needOf } from "./capacity.ts";
import { DaysView } from "./days_view.ts";
import { firstWish, ownDays, type OwnDay } from "./days.ts";
import { Health } from "./health.ts";
import { Moments } from "./moments.ts";
import { deskLook, newsOfWishes, tabTitle } from "./desk_look.ts";
import { datesOf, OrderCard } from "./order_card.ts";
import type { CalendarPage } from "./page.ts";
import { texts } from "./texts.ts";
import { WindowClock } from "./window_clock.ts";

const TICK_MS = 250;
/** How soon we ask again where we stand, when it is not known or our time seems over. */
const ASK_MS = 1_000;

interface Hold {
  key: string;
  lines: HeldLine[];
  expires_at: string;
}

export class Desk {
  readonly #page: CalendarPage;
  readonly #client: LiveClient;
  readonly #service = new ServiceClock();
  readonly #window: WindowClock;
  readonly #card: OrderCard;
  readonly #view: DaysView;
  readonly #acts: Acts;
  readonly #moments: Moments;
  readonly #health: Health;
  #stream: LiveStream | null = null;
  #calendar: Calendar | null = null;
  #days: ReadonlyMap<string, OwnDay> = new Map();
  #hold: Hold | null = null;
  /** The hold that ran out; it may be begun again. */
  #lapsed: Hold | null = null;
  #known = false;
  #blocked = false;
  #reading = 0;
  #askedAt = -Infinity;
  #leaving = false;

  constructor(page: CalendarPage) {
    this.#page = { ...page, lines: page.lines.filter((line) => line.doses > 0) };
    this.#client = new LiveClient(page);
    this.#acts = new Acts(page, (label) => this.#begin(label));
    this.#window = new WindowClock(this.#service, { window_s: page.window_s, onMark: (mark) => this.#warn(mark) });
    this.#card = new OrderCard(page, { main: () => this.#press(), release: () => void this.#release() });
    this.#view = new DaysView(page.ranking, (day) => this.#choose(day));
    this.#moments = new Moments(page, (day) => void this.#holdDay(day));
    this.#health = new Health(this.#service, this.#moments);
  }

  start(): void {
    this.#stream = new LiveStream(this.#client, {
      calendar: (calendar) => this.#takeCalendar(calendar),
      clock: (message) => this.#service.update(message),
      mine: () => void this.#readMine(),
      connection: (connection, failure) => this.#health.take(connection, failure),
    });
    setInterval(() => this.#tick(), TICK_MS);
    void this.#readMine();
    this.#paint();
  }

  // What we know.

  get #held(): string[] {
    return daysOf(this.#hold);
  }

  get #lines(): WantedLine[] {
    return (this.#hold ?? this.#lapsed)?.lines ?? this.#page.lines;
  }

  #takeCalendar(calendar: Calendar): void {
    const before = this.#days;
    this.#calendar = calendar;
    this.#look();
    for (const news of newsOfWishes(before, this.#days, this.#page.ranking)) this.#say(news);
    this.#paint();
  }

  #look(): void {
    if (!this.#calendar) return;
    const { slot, early_until: until } = this.#page;
    const days = this.#calendar.days.filter(({ day }) => until === null || day <= until === (slot === 1));
    this.#days = ownDays(days, {
      need: needOf(this.#lines),
      held: this.#held,
      until: this.#hold?.expires_at ?? null,
      ranking: this.#page.ranking,
    });
    this.#view.paint(this.#days);
  }

  async #readMine(): Promise<void> {
    const reading = ++this.#reading;
    this.#askedAt = performance.now();
    const answer = await this.#client.mine();
    if (reading !== this.#reading || this.#acts.label !== null) return;
    if (answer.ok) this.#takeMine(answer.value);
    else if (answer.code === "no_pass" || answer.code === "other_practice") this.#health.take("out", answer);
  }

  #takeMine(mine: Mine): void {
    this.#service.update(mine);
    if (mine.order) return this.#leave(this.#page.urls.placed);
    if (this.#page.slot === 0 && !mine.ticket?.called && !mine.hold?.live) return this.#leave(this.#page.urls.waiting);
    const before = this.#hold;
    const gotTime = hasMoreTime(before ?? this.#lapsed, mine.hold);
    this.#hold = mine.hold?.live ? mine.hold : null;
    this.#lapsed = mine.hold && !mine.hold.live ? mine.hold : null;
    this.#window.set(this.#hold?.expires_at ?? null);
    this.#look();
    if (mine.blocked) this.#moments.blocked();
    else if (this.#blocked) this.#moments.unblocked();
    else if (this.#hold && gotTime) this.#moments.extended(formatSeconds(this.#hold.expires_at));
    else if (this.#lapsed && (before || !this.#known)) this.#moments.lapsed(datesOf(daysOf(this.#lapsed)));
    else if (this.#known && this.#hold?.key !== before?.key) this.#moments.elsewhere(datesOf(this.#held));
    if (this.#hold && this.#hold.key !== before?.key) this.#view.open(this.#held[0]!);
    this.#known = true;
    this.#blocked = mine.blocked;
    this.#paint();
  }

  // What we do.

  #press(): void {
    const first = firstWish(this.#page.ranking, this.#days);
    if (this.#hold) void this.#confirm(this.#hold);
    else if (this.#lines.length === 0) this.#leave(this.#page.urls.prepare);
    else if (this.#lapsed) void this.#ask(daysOf(this.#lapsed), { lines: this.#lapsed.lines });
    else if (first) void this.#holdFirst(first);
  }

  /** A day of the calendar was clicked: hold it, or say why not. */
  #choose(day: string): void {
    const state = this.#days.get(day)?.state;
    if (state === "yours") this.#say(texts.say.yours);
    else if (state === "free") void this.#holdDay(day);
    else if (state) this.#say(texts.say.why[state](day));
  }

  #holdDay(day: string): Promise<void> {
    return this.#ask([day], { lines: this.#lines.map((line) => ({ ...line, day })) });
  }

  /** The first of our wishes that has room, from the one on the button onwards. */
  #holdFirst(day: string): Promise<void> {
    const ranking = this.#page.ranking.slice(this.#page.ranking.indexOf(day));
    return this.#ask(ranking, { lines: this.#page.lines, ranking });
  }

  async #ask(wanted: string[], wish: { lines: WantedLine[]; ranking?: string[] }): Promise<void> {
    if (wish.lines.length === 0) return this.#say(texts.desk.nothing);
    const answer = await this.#acts.hold(wish, texts.desk.holding(wanted[0]!));
    if (answer?.ok) this.#takeHeld(answer.value);
    else if (answer) this.#refuse(answer, wanted);
    this.#end();
  }

  #takeHeld(held: Held): void {
    this.#service.update({ now: held.now, still: this.#service.still });
    this.#hold = held;
    this.#lapsed = null;
    this.#known = true;
    this.#window.set(held.expires_at);
    this.#look();
    this.#view.open(this.#held[0]!);
    this.#say(texts.say.held(datesOf(this.#held)));
  }

  async #confirm(hold: Hold): Promise<void> {
    const answer = await this.#acts.confirm(hold.key);
    if (answer?.ok) return this.#leave(this.#page.urls.placed);
    if (answer) this.#refuse(answer, daysOf(hold));
    this.#end();
  }

  async #release(): Promise<void> {
    const hold = this.#hold;
    if (!hold) return;
    const answer = await this.#acts.release(hold.key);
    if (answer?.ok) {
      this.#hold = this.#lapsed = null;
      this.#window.set(null);
      this.#look();
      this.#moments.released(datesOf(daysOf(hold)));
    } else if (answer) this.#refuse(answer, []);
    this.#end();
  }

  #begin(label: string): void {
    this.#reading += 1; // what is being read now was true before this act
    this.#moments.clear();
    this.#say(label);
    this.#paint();
  }

  #end(): void {
    this.#paint();
    this.#card.keepFocus();
  }

  #refuse(failure: Failure, wanted: string[]): void {
    switch (failure.code) {
      case "already_ordered":
        return this.#leave(this.#page.urls.placed);
      case "not_called":
      case "no_ticket":
        return this.#leave(this.#page.urls.waiting);
      case "full":
        this.#moments.gone(wanted, failure, datesOf(this.#held));
        break;
      case "bad_lines":
        this.#moments.badLines(failure);
        break;
      case "no_pass":
      case "other_practice":
        return this.#health.take("out", failure);
      case "blocked":
      case "lapsed":
      case "no_hold":
      case "replaced":
        break; // reading `mine` tells what is so now
      case "no_connection":
      case "try_again":
      case "too_many":
        this.#moments.failed(wanted.length > 0 && this.#hold !== null);
        break;
      default:
        this.#moments.refused(failure);
    }
    void this.#readMine();
  }

  #leave(address: string): void {
    this.#leaving = true;
    location.assign(address);
  }

  // What we say and show.

  #warn(mark: number): void {
    const end = this.#hold ? formatSeconds(this.#hold.expires_at) : null;
    if (end === null || this.#acts.confirming) return;
    if (mark === 120_000) this.#say(texts.window.twoMinutes);
    else if (mark === 60_000) this.#moments.lastMinute(end);
    else this.#moments.lastSeconds(end);
  }

  #say(words: string): void {
    setText(find("[data-said]"), words);
  }

  #tick(): void {
    if (this.#leaving) return;
    paintServiceTime(this.#service);
    this.#window.paint();
    this.#view.paintAge(this.#stream?.ageMs() ?? null);
    this.#health.tell({ left: this.#window.left, dates: datesOf(this.#held), age: this.#stream?.ageMs() ?? null });
    const over = this.#window.left === 0 && this.#acts.label === null && !this.#service.still;
    if ((over || !this.#known) && performance.now() - this.#askedAt > ASK_MS) void this.#readMine();
    this.#paintTitle();
  }

  #paintTitle(): void {
    const { left } = this.#window;
    setTitle(tabTitle({ still: this.#service.still, left, dates: datesOf(this.#held), lapsed: this.#lapsed !== null }));
  }

  #paint(): void {
    if (this.#leaving) return;
    this.#card.paintLines(this.#lines);
    this.#card.paintCost(this.#hold?.lines ?? []);
    this.#card.paint(
      deskLook({
        known: this.#known,
        blocked: this.#blocked,
        held: this.#held,
        lapsed: daysOf(this.#lapsed),
        hasLines: this.#lines.length > 0,
        ranking: this.#page.ranking,
        days: this.#days,
        windowMs: this.#page.window_s * 1000,
        underway: this.#acts.label,
      }),
    );
    this.#paintTitle();
    if (this.#known && this.#calendar) reveal();
  }
}

/** Whether the same hold ends later than it did. */
function hasMoreTime(before: Hold | null, now: Hold | null): boolean {
  return before !== null && now !== null && before.key === now.key && Date.parse(now.expires_at) > Date.parse(before.expires_at);
}

function daysOf(hold: Hold | null): string[] {
  return [...new Set(hold?.lines.map((line) => line.day) ?? [])].sort();
}
