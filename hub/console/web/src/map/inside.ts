// Whether a place lies within what was drawn around it.

import type { Place } from "./geo";

/** Counts how often a ray to the east crosses the edge; a polygon of fewer than three corners holds nothing. */
export function inside(polygon: readonly Place[], point: Place): boolean {
  if (polygon.length < 3) return false;
  let within = false;
  let before = polygon[polygon.length - 1] as Place;
  for (const corner of polygon) {
    const crosses = corner.lat > point.lat !== before.lat > point.lat;
    if (crosses) {
      const share = (point.lat - corner.lat) / (before.lat - corner.lat);
      if (point.lon < corner.lon + share * (before.lon - corner.lon)) within = !within;
    }
    before = corner;
  }
  return within;
}

/** The middle of what was drawn, as the mean of its corners. */
export function middle(polygon: readonly Place[]): Place {
  const many = polygon.length || 1;
  return {
    lat: polygon.reduce((sum, { lat }) => sum + lat, 0) / many,
    lon: polygon.reduce((sum, { lon }) => sum + lon, 0) / many,
  };
}
