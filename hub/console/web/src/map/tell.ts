// Where and what a camera is, in words.

import type { Camera } from "../api/types";
import { looks } from "../state/store";
import { language } from "../words/words";
import { lookedAt, type State, stateOf } from "./features";
import { bearing, metres, type Place } from "./geo";
import { t } from "./words";

const WINDS = {
  en: ["N", "NE", "E", "SE", "S", "SW", "W", "NW"],
  es: ["N", "NE", "E", "SE", "S", "SO", "O", "NO"],
} as const;

/** How far from the incident, and in which direction. */
export function away(from: Place, to: Place): string {
  const wind = WINDS[language.value][Math.round(bearing(from, to) / 45) % 8] ?? "";
  const far = metres(from, to);
  const round = far < 100 ? Math.round(far) : 10 * Math.round(far / 10);
  return t("away", { metres: round, compass: wind });
}

const STATES = {
  wall: "stateWall",
  looked: "stateLooked",
  live: "stateLive",
  still: "stateStill",
} as const;

export function state(camera: Camera, wall: readonly string[]): State {
  return stateOf(camera, new Set(wall), lookedAt(looks.value.values()));
}

/** Its kind and its state. */
export function told(camera: Camera, wall: readonly string[]): string {
  return `${t(camera.site)} · ${t(STATES[state(camera, wall)])}`;
}
