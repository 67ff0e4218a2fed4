// The incident's circle, its trace and the numbers, as features of the map.

import type { Feature, Polygon } from "geojson";
import type { Camera } from "../api/types";
import type { Circle } from "./circle";
import { edge, type Place, toward } from "./geo";

export interface Ring extends Place {
  radius_m: number;
  by: "foot" | "car";
}

/** No finer than anybody knows, so that a growing ring needs few labels. */
export function rounded(metres: number): number {
  const step = metres < 500 ? 10 : metres < 2_000 ? 50 : 100;
  return step * Math.round(metres / step);
}

/** The circle that may be looked into, and the wider one that still waits for an approval. */
export function circleShapes(circle: Circle | null, allowed: number): Feature[] {
  if (!circle) return [];
  const made: Feature[] = [ring("allowed", circle, Math.min(circle.radius_m, allowed))];
  if (circle.radius_m > allowed) made.push(ring("waits", circle, circle.radius_m));
  return made;
}

export function traceShapes(
  path: readonly Place[],
  rings: readonly Ring[],
  label: (ring: Ring) => string,
): Feature[] {
  const made: Feature[] = [];
  for (const one of rings) {
    if (one.radius_m < 1) continue;
    made.push(line(one.by, edge(one, one.radius_m)));
    made.push(point("label", toward(one, 0, one.radius_m), label(one)));
  }
  if (path.length > 1) made.push(line("path", path.map(({ lat, lon }) => [lon, lat])));
  path.forEach((place, at) => made.push(point("sighting", place, String(at + 1))));
  return made;
}

export function markShapes(numbered: readonly Camera[], focused: Camera | undefined): Feature[] {
  const made = numbered.map((camera, at) => point("number", camera, String(at + 1)));
  if (focused) made.push(point("focus", focused, ""));
  return made;
}

/** The box around a circle, as west, south, east, north. */
export function around({ radius_m: far, ...centre }: Circle): [number, number, number, number] {
  return [
    toward(centre, 270, far).lon,
    toward(centre, 180, far).lat,
    toward(centre, 90, far).lon,
    toward(centre, 0, far).lat,
  ];
}

export function ring(kind: string, centre: Place, radius: number): Feature<Polygon> {
  return {
    type: "Feature",
    properties: { kind },
    geometry: { type: "Polygon", coordinates: [edge(centre, radius)] },
  };
}

function line(kind: string, coordinates: [number, number][]): Feature {
  return { type: "Feature", properties: { kind }, geometry: { type: "LineString", coordinates } };
}

function point(kind: string, { lat, lon }: Place, text: string): Feature {
  return {
    type: "Feature",
    properties: { kind, text },
    geometry: { type: "Point", coordinates: [lon, lat] },
  };
}
