// The feed: keeps the store true by the hub's server-sent events, and says when it is not.

import { batch } from "@preact/signals";
import { ask } from "../api/http";
import type { Camera, Incident, Look, Message, Session as Signed, Sighting, Waiting } from "../api/types";
import {
  cameras,
  incidents,
  link,
  looks,
  messages,
  now,
  openReviews,
  put,
  sightings,
  waiting,
} from "../state/store";
import { told } from "../wall/heard";

/** The hub says something at least each second; after so long without a word the screen is stale. */
export const SILENCE_MS = 2_500;
/** Everything at once takes longer on a slow line. */
const FIRST_MS = 15_000;
/** Of all looks of open incidents; the hub tells as many when it tells everything. */
export const MOST_LOOKS = 500;
const AGAIN_MS = 300;
/** Whoever can be heard again is, within two seconds. */
const LONGEST_AGAIN_MS = 700;

export interface Everything {
  cameras: Camera[];
  incidents: Incident[];
  sightings: Sighting[];
  looks: Look[];
  messages: Message[];
  waiting: Waiting[];
  open_reviews: number;
}

/** Makes everything in the store what the hub says it is. */
export function takeAll(all: Everything): void {
  batch(() => {
    cameras.value = new Map(all.cameras.map((one) => [one.camera, one]));
    incidents.value = new Map(all.incidents.map((one) => [one.id, one]));
    sightings.value = new Map(all.sightings.map((one) => [one.id, one]));
    looks.value = new Map(all.looks.map((one) => [one.id, one]));
    messages.value = new Map(all.messages.map((one) => [one.id, one]));
    waiting.value = all.waiting;
    openReviews.value = all.open_reviews;
  });
}

/** Takes one change; unknown kinds are of a newer hub, and are left alone. */
export function take(kind: string, value: unknown): void {
  switch (kind) {
    case "everything":
      takeAll(value as Everything);
      break;
    case "cameras": {
      const { live, gone } = value as { live: Camera[]; gone: string[] };
      const next = new Map(cameras.value);
      for (const camera of gone) next.delete(camera);
      for (const one of live) next.set(one.camera, one);
      cameras.value = next;
      break;
    }
    case "incident": {
      const one = value as Incident;
      incidents.value = put(incidents.value, one.id, one);
      if (!one.open) looks.value = kept(looks.value, one.id);
      break;
    }
    case "sighting":
      sightings.value = put(sightings.value, (value as Sighting).id, value as Sighting);
      break;
    case "sighting_gone": {
      const next = new Map(sightings.value);
      next.delete((value as { id: string }).id);
      sightings.value = next;
      break;
    }
    case "look":
      looks.value = fewer(put(looks.value, (value as Look).id, value as Look));
      break;
    case "message":
      messages.value = put(messages.value, (value as Message).id, value as Message);
      break;
    case "waiting":
      waiting.value = value as Waiting[];
      break;
    case "reviews":
      openReviews.value = (value as { open: number }).open;
      break;
    case "stream":
      told(value);
      break;
  }
}

/** The looks but those of an incident that is over: a night has many. */
function kept(all: ReadonlyMap<string, Look>, closed: string): ReadonlyMap<string, Look> {
  return new Map([...all].filter(([, look]) => look.incident !== closed));
}

/** The looks without the oldest that are over, if there are too many. */
function fewer(all: ReadonlyMap<string, Look>): ReadonlyMap<string, Look> {
  let over = all.size - MOST_LOOKS;
  if (over <= 0) return all;
  return new Map([...all].filter(([, look]) => look.ended === null || over-- <= 0));
}

const KINDS = [
  "everything",
  "cameras",
  "incident",
  "sighting",
  "sighting_gone",
  "look",
  "message",
  "waiting",
  "reviews",
  "stream",
] as const;

/** Follows the feed until it is told to stop; it comes back by itself, from where it was. */
export function follow(onLocked: () => void): () => void {
  let source: EventSource | null = null;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;
  let pause = AGAIN_MS;
  let lastId = "";
  let stopped = false;
  let offset = 0;

  const tick = setInterval(() => {
    now.value = Date.now() + offset;
  }, 1_000);

  function stale(): void {
    if (link.value.state !== "stale") link.value = { state: "stale", since: Date.now() };
  }

  function heard(): void {
    pause = AGAIN_MS;
    if (link.value.state !== "live") link.value = { state: "live", since: Date.now() };
    clearTimeout(silence);
    silence = setTimeout(lost, SILENCE_MS);
  }

  function lost(): void {
    stale();
    source?.close();
    source = null;
    clearTimeout(silence);
    if (stopped) return;
    clearTimeout(again);
    again = setTimeout(connect, pause);
    pause = Math.min(2 * pause, LONGEST_AGAIN_MS);
  }

  function connect(): void {
    // EventSource remembers where it was only for as long as it lives.
    source = new EventSource(`/api/v1/changes${lastId ? `?since=${encodeURIComponent(lastId)}` : ""}`);
    clearTimeout(silence);
    silence = setTimeout(lost, FIRST_MS);
    source.onerror = () => {
      lost();
      void ask<Signed>("GET", "session").then(
        // Whoever was away when it locked did not hear of it.
        (signed) => signed.state === "locked" && over(),
        (problem: unknown) => (problem as { status?: number }).status === 401 && over(),
      );
    };
    source.addEventListener("beat", (event) => {
      offset = Date.parse((JSON.parse(event.data as string) as { now: string }).now) - Date.now();
      heard();
    });
    source.addEventListener("locked", over);
    for (const kind of KINDS) {
      source.addEventListener(kind, (event) => {
        if (event.lastEventId) lastId = event.lastEventId;
        take(kind, JSON.parse(event.data as string));
        heard();
      });
    }
  }

  /** The machine has its network again: no need to wait for the next try. */
  function back(): void {
    if (stopped || source) return;
    clearTimeout(again);
    connect();
  }
  addEventListener("online", back);

  function over(): void {
    if (stopped) return;
    stop();
    onLocked();
  }

  function stop(): void {
    stopped = true;
    removeEventListener("online", back);
    source?.close();
    clearTimeout(silence);
    clearTimeout(again);
    clearInterval(tick);
  }

  connect();
  return stop;
}
