// One tile as a state machine: what it shows, and why it does not show more.

import type { Camera } from "../api/types";

export type Want = "live" | "stills";
export type Phase =
  | "opening"
  | "connecting"
  | "live"
  | "stills"
  /** It is tried again by itself at `again`. */
  | "waiting"
  | "over";

export interface Still {
  url: string;
  /** When the home got it from its camera; NaN is unknown. */
  received: number;
  kind: "live" | "last";
  look: string;
}

export interface Tile {
  camera: string;
  /** As it was called when it was opened: an ended tile keeps its name. */
  name: string;
  want: Want;
  phase: Phase;
  /** Why it is over, waits, or has stills only: a key of `reasons`. */
  reason: string;
  still: Still | null;
  /** Whether a look began, of which the owner is told. */
  told: boolean;
  /** Seconds until the policy ends it, and until its lease does; null is unknown. */
  left: number | null;
  lease: number | null;
  /** Milliseconds; null is unknown. */
  delay: number | null;
  /** For how many milliseconds the picture has stood still. */
  frozen: number;
  /** Whether the newest still did not come. */
  missed: boolean;
  /** Milliseconds of the hub's time. */
  again: number | null;
  tries: number;
  /** Whether a still is being kept with the incident. */
  keeping: boolean;
}

export type Act =
  | { kind: "begun"; want: Want }
  | { kind: "state"; state: string; reason: string; wait: number; now: number }
  | { kind: "look" }
  | { kind: "time"; left: number; lease: number }
  | { kind: "delay"; ms: number | null }
  | { kind: "frozen"; ms: number }
  | { kind: "still"; still: Still }
  | { kind: "missed" }
  | { kind: "keeping"; keeping: boolean };

/** What passes by itself, and after how many seconds it is tried again if the hub says nothing. */
const PASSING: Readonly<Record<string, number>> = {
  "camera-busy": 5,
  "camera-silent": 3,
  "not-ready": 3,
  "rate-limited": 2,
  hub_stopped: 3,
  unreachable: 3,
};
export const MOST_TRIES = 5;

/** Ends that say nothing about the camera's owner or the law: the last still may stay, with its age. */
const KEEPS_STILL = new Set([
  ...Object.keys(PASSING),
  "camera-failed",
  "camera_failed",
  "codec-unsupported",
  "connection-lost",
  "lease_over",
  "no-picture",
  "offer-refused",
  "over",
  "player-failed",
]);

export function opened(camera: Camera | undefined, id: string, want: Want): Tile {
  return {
    camera: id,
    name: camera?.name ?? "",
    want,
    phase: "opening",
    reason: "",
    still: null,
    told: false,
    left: null,
    lease: null,
    delay: null,
    frozen: 0,
    missed: false,
    again: null,
    tries: 0,
    keeping: false,
  };
}

export function reduce(tile: Tile, act: Act): Tile {
  switch (act.kind) {
    case "begun":
      return { ...rest(tile), want: act.want, phase: "opening", reason: "", again: null };
    case "state":
      return entered(tile, act);
    case "look":
      return tile.told ? tile : { ...tile, told: true };
    case "time":
      return { ...tile, left: act.left, lease: act.lease };
    case "delay":
      return { ...tile, delay: act.ms };
    case "frozen":
      return { ...tile, frozen: act.ms };
    case "still":
      return { ...tile, still: act.still, told: true, missed: false, tries: 0 };
    case "missed":
      return { ...tile, missed: true };
    case "keeping":
      return { ...tile, keeping: act.keeping };
  }
}

function entered(tile: Tile, act: Extract<Act, { kind: "state" }>): Tile {
  const { state, reason } = act;
  switch (state) {
    case "asking":
      return { ...tile, phase: "opening", reason: "" };
    case "connecting":
      return { ...tile, phase: "connecting", reason, frozen: 0, delay: null };
    case "playing":
      return { ...tile, phase: "live", reason: "", tries: 0, missed: false };
    case "stills":
      return { ...rest(tile), phase: "stills", told: tile.told, reason };
    case "ended":
    case "failed":
      return ended(rest(tile), act);
    default:
      return tile;
  }
}

function ended(tile: Tile, { reason, wait, now }: Extract<Act, { kind: "state" }>): Tile {
  const still = KEEPS_STILL.has(reason) ? tile.still : null;
  const pause = PASSING[reason];
  if (pause !== undefined && tile.tries < MOST_TRIES) {
    const seconds = wait || pause * 2 ** tile.tries;
    const again = now + 1_000 * seconds;
    return { ...tile, still, phase: "waiting", reason, again, tries: tile.tries + 1 };
  }
  return { ...tile, still, phase: "over", reason };
}

/** Without what belongs to one stream only. */
function rest(tile: Tile): Tile {
  return { ...tile, told: false, left: null, lease: null, delay: null, frozen: 0, missed: false };
}

/** What the picture is: the video, the newest still, or nothing. */
export function picture(tile: Tile): "video" | "still" | "nothing" {
  if (tile.phase === "live") return "video";
  return tile.still ? "still" : "nothing";
}

export interface Badge {
  tone: "live" | "still" | "last" | "frozen" | "none";
  /** Seconds, null if nobody knows. */
  age: number | null;
}

/** What the picture is called: nothing that is not live is ever called live. */
export function badge(tile: Tile, now: number): Badge {
  if (tile.phase === "live") {
    if (tile.frozen) return { tone: "frozen", age: Math.round(tile.frozen / 1_000) };
    return { tone: "live", age: null };
  }
  if (!tile.still) return { tone: "none", age: null };
  const age = Math.round((now - tile.still.received) / 1_000);
  return {
    tone: tile.still.kind === "last" ? "last" : "still",
    age: Number.isNaN(age) ? null : Math.max(0, age),
  };
}

/** Whether it has, or is getting, pictures. */
export function underWay(tile: Tile): boolean {
  return tile.phase !== "over" && tile.phase !== "waiting";
}

/** Why a camera has no live video, before anybody asks for it. */
export function onlyStills(camera: Camera): string {
  if (!camera.scopes.includes("stream")) return "not_lent";
  return camera.live ? "" : "no_webrtc";
}

/** The change that is worth being read out, or nothing. */
export function news(before: Tile | undefined, tile: Tile): Phase | "frozen" | null {
  if (before && tile.phase === "live" && tile.frozen && !before.frozen) return "frozen";
  if (!before || before.phase === tile.phase) return null;
  return ["live", "stills", "waiting", "over"].includes(tile.phase) ? tile.phase : null;
}
