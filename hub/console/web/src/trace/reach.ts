// How far someone can have come since a sighting: rings on foot and by car, growing with time.

import type { Sighting } from "../api/types";

export type Means = "foot" | "car";

export interface Ring {
  by: Means;
  lat: number;
  lon: number;
  radius_m: number;
}

/** Metres a second: a person who runs and then walks fast, a car in the streets of a city. */
export const SPEED: Readonly<Record<Means, number>> = { foot: 3, car: 14 };
/** A car has to be reached and started first. */
const START_S: Readonly<Record<Means, number>> = { foot: 0, car: 20 };
/** Beyond that a ring tells nothing any more. */
export const FARTHEST_M: Readonly<Record<Means, number>> = { foot: 5_000, car: 20_000 };
/** Streets are longer than the straight line; the ring is what can be reached at most, so it has none. */
export const DETOUR = 1.3;

/** The metres that someone can have come at most in so many seconds. */
export function reach(means: Means, seconds: number): number {
  const moving = Math.max(0, seconds - START_S[means]);
  return Math.min(FARTHEST_M[means], moving * SPEED[means]);
}

/** The seconds that someone takes along streets to a place that is so far away as the crow flies. */
export function travel(means: Means, metres: number): number {
  return START_S[means] + (metres * DETOUR) / SPEED[means];
}

/** The rings around a sighting at a moment in milliseconds; one that has not begun is left out. */
export function rings(sighting: Sighting, now: number, means: readonly Means[]): Ring[] {
  const seconds = (now - Date.parse(sighting.at)) / 1_000;
  return means
    .map((one) => ({
      by: one,
      lat: sighting.lat,
      lon: sighting.lon,
      radius_m: reach(one, seconds),
    }))
    .filter((ring) => ring.radius_m > 0);
}
