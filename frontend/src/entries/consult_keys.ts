/** One's own keys: made here the first time, opened where this device does not have them, and kept well. */

import "../styles/consult.css";
import type { Opening } from "../consult/doors.ts";
import { tellForeign } from "../consult/foreign_view.ts";
import { KeysView } from "../consult/keys_view.ts";
import { showOwnLog } from "../consult/own_log_view.ts";
import { addDevice, advance, makeKeys } from "../consult/own_keys.ts";
import { showResealing } from "../consult/resealing_view.ts";
import { begin, type Known, lockInTime, recall, resume, type Session, type World } from "../consult/session.ts";
import { texts } from "../consult/texts.ts";
import { UnlockView } from "../consult/unlock_view.ts";
import { keepTelling } from "../consult/untold.ts";
import { openWorld, sayIn, sayOf } from "../consult/world.ts";
import { find, reveal, setText, show } from "../lib/dom.ts";

const fault = find("[data-fault]");

async function start(): Promise<void> {
  sayIn(fault, null);
  const world = await openWorld();
  const known = await recall(world);
  if (!known) return offer(world);
  const session = await resume(known);
  if (session) return opened(session);
  lock(known);
}

function offer(world: World): void {
  const first = find("[data-first]");
  const button = find<HTMLButtonElement>("[data-make]");
  button.onclick = async () => {
    button.disabled = true;
    setText(find("[data-making]"), texts.keys.making);
    try {
      const session = await makeKeys(world);
      show(first, false);
      await opened(session);
    } catch (error) {
      setText(find("[data-making]"), "");
      sayIn(fault, sayOf(error));
      button.disabled = false;
    }
  };
  show(first, true);
  reveal();
}

function lock(known: Known): void {
  new UnlockView(known, async ({ open }: Opening) => opened(await begin(known, open)));
  reveal();
}

async function opened(session: Session): Promise<void> {
  lockInTime(session);
  keepTelling(session.own.person);
  const ours = await addDevice(await advance(session));
  new KeysView(ours);
  showOwnLog(ours);
  reveal();
  await showResealing();
  await tellForeign(ours, find("[data-open]"));
}

function again(error: unknown): void {
  sayIn(fault, error instanceof DOMException && error.name === "InvalidStateError" ? texts.noStorage : sayOf(error));
  reveal();
}

find("[data-again]").onclick = () => void start().catch(again);
void start().catch(again);
