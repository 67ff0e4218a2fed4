// Words of an incident's life: new, in hand, told to the units, closed.

import { words } from "../words/words";
import { en } from "./english";
import { es } from "./spanish";

export const t = words({ en, es });
