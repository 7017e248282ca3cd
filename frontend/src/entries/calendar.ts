/** The delivery days and the window in which one of them is ordered. */

import { pageData } from "../lib/dom.ts";
import { Desk } from "../ordering/desk.ts";
import type { CalendarPage } from "../ordering/page.ts";

new Desk(pageData<CalendarPage>()).start();
