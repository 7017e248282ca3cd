/** Conversations: the inbox and one beside it, or the lock as long as the keyset is not open in this browser. */

import "../styles/consult.css";
import { tellForeign } from "../consult/foreign_view.ts";
import { addDevice, advance } from "../consult/own_keys.ts";
import { begin, type Known, lockInTime, recall, resume, type Session } from "../consult/session.ts";
import { LocalStore } from "../consult/talk/local_store.ts";
import { TalkView } from "../consult/talk/talk_view.ts";
import { texts } from "../consult/texts.ts";
import { UnlockView } from "../consult/unlock_view.ts";
import { keepTelling } from "../consult/untold.ts";
import { openWorld, sayIn, sayOf } from "../consult/world.ts";
import { find, reveal, setAttribute, show } from "../lib/dom.ts";

const fault = find("[data-fault]");
const turnTo = (view: "list" | "thread"): void => setAttribute(find("[data-talk]"), "data-view", view);

async function start(): Promise<void> {
  sayIn(fault, null);
  const known = await recall(await openWorld());
  if (!known) {
    turnTo("thread");
    show(find("[data-first]"), true);
    return reveal();
  }
  const session = await resume(known);
  if (session) return opened(session);
  lock(known);
}

function lock(known: Known): void {
  turnTo("thread");
  new UnlockView(known, async ({ open }) => opened(await begin(known, open)));
  reveal();
}

async function opened(session: Session): Promise<void> {
  lockInTime(session);
  keepTelling(session.own.person);
  const ours = await addDevice(await advance(session));
  turnTo("list");
  await new TalkView(ours, await LocalStore.open(ours.own)).begin();
  reveal();
  await tellForeign(ours, find(".balie-card"));
}

function again(error: unknown): void {
  turnTo("thread");
  sayIn(fault, error instanceof DOMException && error.name === "InvalidStateError" ? texts.noStorage : sayOf(error));
  reveal();
}

find("[data-again]").onclick = () => void start().catch(again);
void start().catch(again);
