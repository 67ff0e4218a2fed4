// Directions in words, and distances as people say them.

export const WINDS = ["n", "ne", "e", "se", "s", "sw", "w", "nw"] as const;
export type Wind = (typeof WINDS)[number];

/** The nearest of eight winds. */
export function wind(degrees: number): Wind {
  const turn = ((degrees % 360) + 360) % 360;
  return WINDS[Math.round(turn / 45) % 8] as Wind;
}

/** Metres, no finer than anybody can use them. */
export function far(metres: number): { value: string; unit: "m" | "km" } {
  if (metres < 100) return { value: String(Math.round(metres)), unit: "m" };
  if (metres < 995) return { value: String(Math.round(metres / 10) * 10), unit: "m" };
  return { value: (metres / 1_000).toFixed(1), unit: "km" };
}

/** A camera that stands in the middle of the incident has no direction. */
export const HERE_M = 5;
