/** The delivery days and the window in which one of them is ordered. */

import "@utrecht/table-css/dist/index.css";
import "../styles/table.css";
import "../styles/desk.css";
import "../styles/calendar.css";
import "../styles/tabs.css";
import "../styles/option.css";
import { pageData } from "../lib/dom.ts";
import { Desk } from "../ordering/desk.ts";
import type { CalendarPage } from "../ordering/page.ts";

new Desk(pageData<CalendarPage>()).start();
