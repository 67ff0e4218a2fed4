// Distances, bearings and circles on the ground; good to a few centimetres over a city.

export interface Place {
  lat: number;
  lon: number;
}

const EARTH_M = 6_371_008.8;
const RAD = Math.PI / 180;

/** The metres between two places, along a great circle. */
export function metres(a: Place, b: Place): number {
  const lat = Math.sin(((b.lat - a.lat) * RAD) / 2);
  const lon = Math.sin(((b.lon - a.lon) * RAD) / 2);
  const h = lat * lat + Math.cos(a.lat * RAD) * Math.cos(b.lat * RAD) * lon * lon;
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** The direction from one place to another, in degrees from north by east. */
export function bearing(from: Place, to: Place): number {
  const lon = (to.lon - from.lon) * RAD;
  const y = Math.sin(lon) * Math.cos(to.lat * RAD);
  const x =
    Math.cos(from.lat * RAD) * Math.sin(to.lat * RAD) -
    Math.sin(from.lat * RAD) * Math.cos(to.lat * RAD) * Math.cos(lon);
  return (Math.atan2(y, x) / RAD + 360) % 360;
}

/** Where one gets from a place in a direction over so many metres. */
export function toward(from: Place, degrees: number, far: number): Place {
  const way = far / EARTH_M;
  const lat = from.lat * RAD;
  const to = degrees * RAD;
  const end = Math.asin(
    Math.sin(lat) * Math.cos(way) + Math.cos(lat) * Math.sin(way) * Math.cos(to),
  );
  const lon = Math.atan2(
    Math.sin(to) * Math.sin(way) * Math.cos(lat),
    Math.cos(way) - Math.sin(lat) * Math.sin(end),
  );
  return { lat: end / RAD, lon: from.lon + lon / RAD };
}

const CORNERS = 96;

/** The edge of a circle on the ground, closed, as GeoJSON wants it. */
export function edge(centre: Place, radius: number): [number, number][] {
  return Array.from({ length: CORNERS + 1 }, (_, corner) => {
    const { lat, lon } = toward(centre, ((corner % CORNERS) * 360) / CORNERS, radius);
    return [lon, lat];
  });
}
