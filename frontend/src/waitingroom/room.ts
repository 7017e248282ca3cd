/**
 * The waiting room page as a whole: listens, joins by itself, and shows one scene at a time.
 *
 * Waiting costs one small file, read as often as the server asks for. When our turn is near, the page follows the
 * live stream instead: a tab in the background is woken by news, but hardly by its own timers.
 */

import { create, find, reveal, setText, show } from "../lib/dom.ts";
import { ServiceClock } from "../lib/clock.ts";
import { formatAge, formatMinutes, formatNumber } from "../lib/format.ts";
import { LiveClient, type Failure, type RoomState, type Ticket } from "../lib/live.ts";
import { pollState } from "../lib/poll.ts";
import { LiveStream } from "../lib/stream.ts";
import { texts } from "../lib/texts.ts";
import { paintServiceTime } from "../lib/time.ts";
import { Away } from "./away.ts";
import { ForecastCard } from "./forecast_card.ts";
import { lookOf, type Situation } from "./look.ts";
import { notice, NoticePlace } from "./notices.ts";
import type { Auto, WaitingPage } from "./page.ts";
import { ahead, isSoon, roundOf, sceneOf, type Scene } from "./place.ts";
import { SealKeeper } from "./seal.ts";
import { Stage } from "./stage.ts";
import { words } from "./texts.ts";
import { Turn } from "./turn.ts";

const TICK_MS = 250;
const PANELS: Record<Scene, string> = {
  doors: "before",
  joining: "before",
  inside: "before",
  drawing: "before",
  number: "number",
  turn: "turn",
  still: "before",
  closed: "",
};

export class WaitingRoom {
  readonly #page: WaitingPage;
  readonly #client: LiveClient;
  readonly #service = new ServiceClock();
  readonly #wall = new ServiceClock();
  readonly #stage = new Stage();
  readonly #away = new Away(() => this.#paint());
  readonly #alert = new NoticePlace(find("[data-alert]"));
  readonly #connectionPlace = new NoticePlace(find("[data-connection]"));
  readonly #messagePlace = new NoticePlace(find("[data-message]"));
  readonly #turn: Turn;
  readonly #forecast: ForecastCard;
  readonly #seal: SealKeeper;
  #recomputes = false;
  #room: RoomState | null = null;
  #ticket: Ticket | null = null;
  #scene: Scene | null = null;
  #auto: Auto | null;
  #wasPaused = false;
  #heardAt = performance.now();
  #failure: Failure | null = null;
  #asking = false;
  #struggles = false;
  #poll: { stop: () => void } | null = null;
  #stream: LiveStream | null = null;

  constructor(page: WaitingPage) {
    this.#page = page;
    this.#auto = page.auto;
    this.#client = new LiveClient({ ...page, onRetry: () => (this.#struggles = true) });
    this.#turn = new Turn(page, this.#stage.holdButton, this.#alert);
    this.#forecast = new ForecastCard(this.#client, page.ranking);
    this.#seal = new SealKeeper(this.#client);
    this.#paintSelf();
  }

  start(): void {
    this.#poll = pollState(this.#client, {
      state: (state) => this.#hear(state),
      failure: (failure) => {
        this.#failure = failure;
      },
    });
    setInterval(() => this.#tick(), TICK_MS);
  }

  #hear(room: RoomState): void {
    this.#room = room;
    this.#heardAt = performance.now() - room.age_ms;
    if (!this.#isOut()) this.#failure = null;
    this.#service.update(room);
    this.#wall.update({ now: room.wall, still: false });
    this.#step();
  }

  /** What follows from the news: our ticket, the next scene, and who must be told. */
  #step(): void {
    const room = this.#room;
    if (!room) return;
    const scene = sceneOf(room, this.#ticket);
    if (!this.#ticket && room.phase !== "before") void this.#takePlace(room);
    const drawn = roundOf(room, this.#place).phase === "drawn";
    if (this.#ticket?.number === null && drawn) void this.#ask(() => this.#client.ticket());
    if (scene === "joining" || scene === "inside") void this.#seal.read(this.#place);
    const number = this.#ticket?.number ?? null;
    show(find("[data-seal]"), number === null);
    if (number !== null && scene !== "closed") {
      this.#forecast.start(number);
      void this.#recompute();
      if (isSoon(room, number)) this.#follow();
    }
    if (scene !== this.#scene) this.#enter(scene, room);
    this.#tellPause(room);
    this.#paint();
  }

  /** The card of the draw comes when there is something to recompute: while people wait, they need not fetch it. */
  async #recompute(): Promise<void> {
    if (this.#recomputes) return;
    this.#recomputes = true;
    const card = await import("./draw_card.ts").catch(() => null);
    if (card) return new card.DrawCard(this.#client).start(this.#ticket, this.#seal.seen);
    this.#recomputes = false; // no connection just now; the next news tries again
  }

  /** The place of the round that we are in, or will be. */
  get #place(): number {
    return this.#ticket?.round ?? this.#page.round;
  }

  #enter(scene: Scene, room: RoomState): void {
    const before = this.#scene;
    this.#scene = scene;
    if (before === "still") this.#say(words.still.over);
    if (scene === "turn") {
      this.#forecast.stop();
      if (!this.#isAsleep()) this.#away.callIn();
    }
    const number = this.#ticket?.number ?? 0;
    const said: Partial<Record<Scene, string>> = {
      joining: words.joining.said,
      inside: words.inside.said,
      drawing: words.drawing.said,
      number: words.line.said(formatNumber(number), formatNumber(ahead(room, number))),
      turn: this.#isAsleep() ? words.auto.turn : this.#auto ? words.auto.saidFailed : words.turn.said,
      still: words.still.said,
      closed: words.closed.title,
    };
    if (said[scene]) this.#say(said[scene]);
    for (const panel of document.querySelectorAll<HTMLElement>("[data-panel]")) {
      show(panel, (panel.dataset["panel"] ?? "").split(" ").includes(PANELS[scene]));
    }
  }

  #tellPause(room: RoomState): void {
    const paused = room.phase === "paused";
    if (paused === this.#wasPaused) return;
    this.#wasPaused = paused;
    if (this.#scene === "number") this.#say(paused ? words.line.saidPaused : words.line.saidResumed);
  }

  /** The doors are open: take our place, unless we have it already from another tab, device or colleague. */
  async #takePlace(room: RoomState): Promise<void> {
    await this.#ask(async () => {
      const known = await this.#client.ticket();
      return !known.ok && known.code === "no_ticket" && room.phase !== "closed" ? this.#client.join() : known;
    });
  }

  async #ask(question: () => ReturnType<LiveClient["ticket"]>): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    const answer = await question();
    this.#asking = this.#struggles = false;
    if (answer.ok) {
      this.#ticket = answer.value;
      this.#failure = null;
      this.#step();
    } else if (!["no_ticket", "not_open", "closed"].includes(answer.code)) {
      this.#failure = answer;
      this.#paint();
    }
  }

  /** From polling to the stream; once, until the page goes. */
  #follow(): void {
    if (this.#stream) return;
    this.#poll?.stop();
    this.#stream = new LiveStream(this.#client, {
      room: (room) => this.#hear(room),
      clock: (message) => this.#service.update(message),
      calendar: (calendar) => {
        this.#turn.take(calendar);
        this.#paint();
      },
      mine: () => void this.#readMine(),
      connection: (connection, failure) => {
        this.#failure = connection === "lost" || connection === "out" ? failure : null;
      },
    });
  }

  /** Another tab or a colleague went on: go with them. */
  async #readMine(): Promise<void> {
    const answer = await this.#client.mine();
    if (!answer.ok) return;
    if (answer.value.order) location.assign(this.#page.urls.placed);
    else if (answer.value.hold?.live) location.assign(this.#page.urls.calendar);
    else {
      this.#turn.tellBlocked(answer.value.blocked);
      this.#takeAuto(answer.value.auto && { failed: answer.value.auto.failed_at !== null });
    }
  }

  /** Balie could not order for us, or somebody of the practice chose otherwise: then whoever is here is called. */
  #takeAuto(auto: Auto | null): void {
    const wasAsleep = this.#isAsleep();
    this.#auto = auto;
    this.#paintSelf();
    if (this.#scene === "turn" && wasAsleep && !this.#isAsleep()) {
      this.#away.callIn();
      this.#say(auto ? words.auto.saidFailed : words.turn.said);
    }
    this.#paint();
  }

  #paintSelf(): void {
    const form = find("[data-self]");
    show(form, this.#auto !== null);
    setText(find("button", form), this.#auto?.failed ? words.auto.stop : words.auto.self);
  }

  /** Whether nobody of the practice needs to be awake. */
  #isAsleep(): boolean {
    return this.#auto !== null && !this.#auto.failed;
  }

  /** Whether we ask as somebody who may not: the news is public, so it says nothing about that. */
  #isOut(): boolean {
    return this.#failure?.code === "no_pass" || this.#failure?.code === "other_practice";
  }

  #say(text: string): void {
    setText(find("[data-said]"), text);
  }

  #tick(): void {
    paintServiceTime(this.#service);
    this.#paint();
  }

  #paint(): void {
    const room = this.#room;
    const age = performance.now() - this.#heardAt;
    this.#paintConnection(age);
    if (!room || !this.#scene) return;
    const situation = this.#situation(room, age);
    const look = lookOf(this.#scene, situation);
    this.#stage.paint(look);
    this.#turn.paintButton(look.button);
    this.#turn.paintAge(this.#scene === "turn" ? (this.#stream?.ageMs() ?? null) : null);
    this.#paintMessage(room);
    const isReading = this.#scene === "turn" && situation.doses > 0 && situation.wishes === null;
    if (this.#scene !== "joining" && !isReading) reveal();
  }

  #situation(room: RoomState, age: number): Situation {
    return {
      room,
      round: roundOf(room, this.#place),
      ticket: this.#ticket,
      wall: this.#wall.now(),
      age,
      soundReady: this.#away.soundReady,
      doses: this.#page.lines.reduce((sum, line) => sum + line.doses, 0),
      window_s: this.#page.window_s,
      wishes: this.#turn.wishes,
      first: this.#turn.first,
      auto: this.#auto,
    };
  }

  #paintConnection(age: number): void {
    const place = this.#connectionPlace;
    if (this.#struggles) return place.say("join", () => notice("warning", texts.noConnection, words.joining.failed, [], "wifi-off"));
    if (!this.#failure) return place.clear();
    if (this.#failure.code === "no_pass") {
      const login = { class: "utrecht-button utrecht-button--secondary-action", href: this.#page.urls.login };
      place.say("out", () => notice("error", texts.signedOut, "", [create("a", login, words.signedOut)]));
    } else if (this.#failure.code === "other_practice") {
      place.say("other", () => notice("error", texts.otherPractice, ""));
    } else {
      const body = texts.noConnectionBody(formatAge(age).replace(/,\d/, ""));
      place.say("lost", () => notice("warning", texts.noConnection, body, [], "wifi-off"), body);
    }
  }

  #paintMessage({ message }: RoomState): void {
    if (!message) return this.#messagePlace.clear();
    const title = words.organisation(formatMinutes(message.at));
    this.#messagePlace.say(`${message.at} ${message.text}`, () => notice("info", title, message.text, [], "megaphone"));
  }
}
