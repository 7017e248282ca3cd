/** The waiting room. */

import { pageData } from "../lib/dom.ts";
import type { WaitingPage } from "../waitingroom/page.ts";
import { WaitingRoom } from "../waitingroom/room.ts";

new WaitingRoom(pageData<WaitingPage>()).start();
