/** What every page loads: the style sheet, and the header's behaviour. */

import "../styles/index.css";
import { closeMenusFromOutside } from "../shell/menu.ts";
import { watchHealth } from "../shell/health.ts";

closeMenusFromOutside();
const health = document.querySelector<HTMLElement>("[data-health]");
if (health) watchHealth(health);
