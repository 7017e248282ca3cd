/** The page of building blocks: its moments are made by the code that makes them on the night, with its words. */

import "../styles/desk.css";
import "../styles/calendar.css";
import "../styles/tabs.css";
import "../styles/design.css";
import { showSpecimens } from "../design/specimens.ts";

showSpecimens();
