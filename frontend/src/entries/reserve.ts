/** The reserves of one's teams; or, for who lost every way in, the way back by two sheets. */

import "../styles/consult.css";
import { offerRestoring } from "../consult/reserve/restore_view.ts";
import { ReservesView } from "../consult/reserve/reserves_view.ts";
import { addDevice } from "../consult/own_keys.ts";
import { lockInTime, recall, resume, type Session } from "../consult/session.ts";
import { texts } from "../consult/texts.ts";
import { keepTelling } from "../consult/untold.ts";
import { openWorld, sayIn, sayOf } from "../consult/world.ts";
import { find, reveal, show } from "../lib/dom.ts";

const fault = find("[data-fault]");

async function start(): Promise<void> {
  sayIn(fault, null);
  const known = await recall(await openWorld());
  if (!known) {
    show(find("[data-first]"), true);
    return reveal();
  }
  const session = await resume(known);
  if (session) return opened(session);
  await offerRestoring(known);
  reveal();
}

async function opened(session: Session): Promise<void> {
  lockInTime(session);
  keepTelling(session.own.person);
  await new ReservesView(await addDevice(session)).show();
  reveal();
}

function again(error: unknown): void {
  sayIn(fault, error instanceof DOMException && error.name === "InvalidStateError" ? texts.noStorage : sayOf(error));
  reveal();
}

find("[data-again]").onclick = () => void start().catch(again);
void start().catch(again);
