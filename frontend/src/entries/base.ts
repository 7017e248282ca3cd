/** What every page loads: the style sheet. */

import "../styles/index.css";
