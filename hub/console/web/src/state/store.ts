// What the console knows now: signals that the feed and the acts write, and the screen reads.

import { computed, signal } from "@preact/signals";
import type {
  Camera,
  City,
  Incident,
  Look,
  Message,
  Session,
  Settings,
  Sighting,
  Waiting,
} from "../api/types";

export const session = signal<Session | null>(null);
export const city = signal<City | null>(null);
export const settings = signal<Settings | null>(null);

export const cameras = signal<ReadonlyMap<string, Camera>>(new Map());
export const incidents = signal<ReadonlyMap<string, Incident>>(new Map());
export const sightings = signal<ReadonlyMap<string, Sighting>>(new Map());
export const looks = signal<ReadonlyMap<string, Look>>(new Map());
export const messages = signal<ReadonlyMap<string, Message>>(new Map());
export const waiting = signal<readonly Waiting[]>([]);
export const openReviews = signal(0);

export type LinkState = "connecting" | "live" | "stale";
/** Whether the screen is true, and since when it is or is not. */
export const link = signal<{ state: LinkState; since: number }>({ state: "connecting", since: 0 });

/** The hub's time, in milliseconds, told again each second. */
export const now = signal(Date.now());

/** The incident in hand. */
export const inHand = signal<string | null>(null);
export const incident = computed(() => incidents.value.get(inHand.value ?? "") ?? null);

/** Cameras on the wall, in the order in which they were opened. */
export const wall = signal<readonly string[]>([]);
/** The tile that keys act on. */
export const focused = signal<string | null>(null);

/** What the screen tells once, politely: the newest last. */
export const notices = signal<readonly Notice[]>([]);
export interface Notice {
  id: number;
  text: string;
  tone: "info" | "good" | "bad";
  undo?: () => void;
}

let last = 0;
/** Long enough to read, and to change one's mind; what went wrong stays until it is dismissed. */
const SHOWN_MS = 6_000;
const UNDO_MS = 12_000;
export function tell(text: string, tone: Notice["tone"] = "info", undo?: () => void): void {
  last += 1;
  const id = last;
  notices.value = [...notices.value.slice(-3), { id, text, tone, ...(undo ? { undo } : {}) }];
  if (tone !== "bad") setTimeout(() => dismiss(id), undo ? UNDO_MS : SHOWN_MS);
}
export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

export function may(scope: string): boolean {
  return session.value?.scopes.includes(scope) ?? false;
}

/** Returns a map with one value put in or replaced. */
export function put<T>(map: ReadonlyMap<string, T>, key: string, value: T): ReadonlyMap<string, T> {
  const next = new Map(map);
  next.set(key, value);
  return next;
}
