// Offers places for what was typed: coordinates at once, addresses when the hub has found them.

import { ask } from "../api/http";
import { type Place, readCoordinates, written } from "./coordinates";
import { t } from "./words";

export interface Offer extends Place {
  name: string;
  detail: string;
}

export type Found =
  | { state: "none" | "searching" | "empty" | "failed" | "range" }
  | { state: "coordinates"; offer: Offer }
  | { state: "offers"; offers: readonly Offer[] };

export const LEAST_LETTERS = 3;
const LONGEST = 100;
const PAUSE_MS = 150;

/** What the text is by itself; "searching" if only the hub can say. */
export function offered(text: string, near: Place | null, places: boolean): Found {
  const read = readCoordinates(text, near);
  if (read === "range") return { state: "range" };
  if (read) {
    const detail = { order: t("placeOrder"), sign: t("placeSign"), none: t("placeCoordinates") };
    const place = { lat: read.lat, lon: read.lon };
    const offer = { ...place, name: written(place), detail: detail[read.guessed ?? "none"] };
    return { state: "coordinates", offer };
  }
  return { state: places && text.trim().length >= LEAST_LETTERS ? "searching" : "none" };
}

/** Asks the hub after a short pause; returns what stops it. */
export function search(text: string, near: Place | null, tell: (found: Found) => void): () => void {
  const away = new AbortController();
  const wait = setTimeout(async () => {
    const query = new URLSearchParams({ q: text.trim().slice(0, LONGEST) });
    if (near) {
      query.set("lat", String(near.lat));
      query.set("lon", String(near.lon));
    }
    try {
      const { places: offers } = await ask<{ places: Offer[] }>("GET", `places?${query}`, {
        signal: away.signal,
      });
      if (away.signal.aborted) return;
      tell(offers.length ? { state: "offers", offers } : { state: "empty" });
    } catch {
      if (!away.signal.aborted) tell({ state: "failed" });
    }
  }, PAUSE_MS);
  return () => {
    clearTimeout(wait);
    away.abort();
  };
}
