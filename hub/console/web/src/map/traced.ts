// What the map draws of the trace: where someone was seen, in order, and how far they can be now.

import { computed } from "@preact/signals";
import { inHand, sightings } from "../state/store";
import type { Place } from "./geo";
import type { Ring } from "./shapes";

export const path = computed<readonly Place[]>(() =>
  [...sightings.value.values()]
    .filter(({ incident }) => incident === inHand.value)
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at)),
);

export const rings = computed<readonly Ring[]>(() => []);
