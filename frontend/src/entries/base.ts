/** What every page loads: the style sheet, and the header's behaviour. */

import "../styles/index.css";
import { lockBeforeLogout } from "../shell/logout.ts";
import { closeMenusFromOutside } from "../shell/menu.ts";
import { watchHealth } from "../shell/health.ts";

closeMenusFromOutside();
lockBeforeLogout();
const health = document.querySelector<HTMLElement>("[data-health]");
if (health) watchHealth(health);
