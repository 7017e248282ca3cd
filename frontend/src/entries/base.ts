/** What every page loads: the style sheet, and the header's behaviour. */

import "../styles/index.css";
import { watchClosed } from "../shell/closed.ts";
import { lockBeforeLogout } from "../shell/logout.ts";
import { closeMenusFromOutside } from "../shell/menu.ts";
import { watchHealth } from "../shell/health.ts";

closeMenusFromOutside();
lockBeforeLogout();
for (const place of document.querySelectorAll<HTMLElement>("[data-closed]")) watchClosed(place);
const unread = document.querySelector<HTMLElement>("[data-menu-unread]");
// Pages of ordering have no such place, and no byte of it.
if (unread) void import("../shell/unread.ts").then(({ watchUnread }) => watchUnread(unread));
const health = document.querySelector<HTMLElement>("[data-health]");
if (health) watchHealth(health);
