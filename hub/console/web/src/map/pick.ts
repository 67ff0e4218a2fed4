// What a click on the map means now: look at a camera, draw around some, or pick a place.

import { signal } from "@preact/signals";
import type { Place } from "./geo";

export type Mode = "look" | "lasso" | "pick";
export const mode = signal<Mode>("look");

let answer: ((place: Place | null) => void) | null = null;

/** Asks for a place on the map; null if nobody wants to pick one after all. */
export function pick(): Promise<Place | null> {
  answer?.(null);
  mode.value = "pick";
  return new Promise((resolve) => {
    answer = resolve;
  });
}

/** Answers whoever asked for a place. */
export function picked(place: Place | null): void {
  const told = answer;
  answer = null;
  if (mode.value === "pick") mode.value = "look";
  told?.(place);
}
