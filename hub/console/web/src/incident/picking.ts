// The circle of the form for a new incident, for the map to draw; and clicks that move it.

import { signal } from "@preact/signals";
import { pick, picked } from "../map/pick";
import type { Place } from "./coordinates";

export const proposed = signal<(Place & { radius_m: number }) | null>(null);

/** Takes one click on the map after the other, until it is stopped or somebody cancels. */
export function takeClicks(take: (place: Place) => void): () => void {
  let stopped = false;
  async function next(): Promise<void> {
    const place = await pick();
    if (stopped || !place) return;
    take(place);
    await next();
  }
  void next();
  return () => {
    if (stopped) return;
    stopped = true;
    picked(null);
  };
}
