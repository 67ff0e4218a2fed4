// Starts the console: who is signed in, then the screen.

import { render } from "preact";
import "./shell/theme.css";
import "./shell/shell.css";
import { press } from "./keys/keys";
import { Session } from "./session/Session";
import { startTheme } from "./shell/theme";
import { language } from "./words/words";

startTheme();
document.documentElement.lang = language.value;
document.addEventListener("keydown", press);
const root = document.getElementById("app");
if (root) render(<Session />, root);
