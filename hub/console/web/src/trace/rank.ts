// Which camera next? Ranked by when the one who is followed gets there, and by the way taken so far.

import type { Camera, Sighting } from "../api/types";
import { bearing, metres } from "../map/geo";
import { type Means, SPEED, travel } from "./reach";

export interface Next {
  camera: Camera;
  metres: number;
  /** Seconds from now until they get there; below zero they have been there. */
  due: number;
  /** Whether the incident's circle allows a look now. */
  inside: boolean;
}

/** Faster than this between two sightings is no one on foot. */
const RUNNER = 1.5 * SPEED.foot;
/** A camera at the very place of the sighting shows where they were. */
const HERE_M = 15;
/** So long after they passed, a camera shows nothing any more. */
const GONE_S = 180;
/** Who comes too late sees nothing; who comes early sees them come: lateness weighs more. */
const LATE = 2;
/** Turning back is that much less likely than going on. */
const BACK = 3;

/** How they move, by the last two sightings; null while there is only one. */
export function meansOf(path: readonly Sighting[]): Means | null {
  const [before, last] = path.slice(-2);
  if (!before || !last) return null;
  const seconds = (Date.parse(last.at) - Date.parse(before.at)) / 1_000;
  if (seconds <= 0) return null;
  return metres(before, last) / seconds > RUNNER ? "car" : "foot";
}

/** The direction in which they went last; null while it is not known. */
export function heading(path: readonly Sighting[]): number | null {
  const [before, last] = path.slice(-2);
  return before && last && metres(before, last) > HERE_M ? bearing(before, last) : null;
}

/** Ranks cameras for a path of sightings, oldest first, at a moment in milliseconds. */
export function rank(
  path: readonly Sighting[],
  cameras: Iterable<Camera>,
  inside: (camera: Camera) => boolean,
  now: number,
  chosen: Means | null = null,
): Next[] {
  const last = path.at(-1);
  if (!last) return [];
  const means = chosen ?? meansOf(path) ?? "foot";
  const going = heading(path);
  const since = (now - Date.parse(last.at)) / 1_000;
  const found: { next: Next; cost: number }[] = [];
  for (const camera of cameras) {
    const far = metres(last, camera);
    const due = travel(means, far) - since;
    if (camera.camera === last.camera || far < HERE_M || due < -GONE_S) continue;
    const next = { camera, metres: far, due, inside: inside(camera) };
    found.push({ next, cost: cost(due, turn(going, bearing(last, camera))) });
  }
  found.sort((a, b) => a.cost - b.cost || a.next.metres - b.next.metres);
  return found.map(({ next }) => next);
}

function cost(due: number, turned: number): number {
  const off = due < 0 ? -LATE * due : due;
  // A minute is added so that the direction counts for cameras that are due now, too.
  return (off + 60) * (1 + (BACK - 1) * turned);
}

/** From 0, straight on, to 1, back where they came from; 0 while the direction is not known. */
function turn(going: number | null, there: number): number {
  if (going === null) return 0;
  return (1 - Math.cos(((there - going) * Math.PI) / 180)) / 2;
}
