// The cameras nearest to a place, which carry the numbers 1 to 9 on the map, the wall and the keys.

import { computed } from "@preact/signals";
import type { Camera } from "../api/types";
import { cameras, incident } from "../state/store";
import { metres, type Place } from "./geo";

export const NUMBERS = 9;

/** Cameras by their distance from a place, nearest first; equal ones keep their order by id. */
export function nearest(
  among: Iterable<Camera>,
  centre: Place,
  radius = Number.POSITIVE_INFINITY,
): Camera[] {
  const found: { camera: Camera; far: number }[] = [];
  for (const camera of among) {
    const far = metres(centre, camera);
    if (far <= radius) found.push({ camera, far });
  }
  found.sort(
    (a, b) => a.far - b.far || (a.camera.camera < b.camera.camera ? -1 : 1),
  );
  return found.map(({ camera }) => camera);
}

let before: readonly Camera[] = [];

/** The cameras that may be looked at for the incident in hand, nearest first. */
export const inCircle = computed<readonly Camera[]>(() => {
  const circle = incident.value;
  const allowed = circle?.open ? Math.min(circle.radius_m, circle.allowed_radius_m) : -1;
  const found = circle ? nearest(cameras.value.values(), circle, allowed) : [];
  // Elsewhere in the city something changes all the time, and nothing is drawn again for it.
  if (found.length !== before.length || found.some((one, at) => one !== before[at])) before = found;
  return before;
});

/** The nine nearest of them: the n-th is opened by the key n. */
export const numbered = computed<readonly Camera[]>(() => inCircle.value.slice(0, NUMBERS));
