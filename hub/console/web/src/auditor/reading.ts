// Reads the log from the hub: pages of entries, the chosen one, and its proof.

import { signal } from "@preact/signals";
import { ask, Problem } from "../api/http";
import { readEntry, type Entry } from "./entry";
import { keep, kept } from "./kept";
import { check, type Proved, type Verdict } from "./proof";
import { ALL, pathOf, type Wanted } from "./query";

export interface Row {
  index: number;
  text: string;
  entry: Entry | null;
}

export interface Shown {
  state: "loading" | "ready" | "failed" | "forbidden";
  rows: readonly Row[];
  /** The `start` of this page and of those before it; the first is null, the newest entry. */
  starts: readonly (number | null)[];
  next: number | null;
}

export type Proof =
  | { state: "none" | "checking" | "failed" | "unsupported" }
  | { state: "done"; verdict: Verdict; seen: number; key: string; checkpoint: string };

const NOTHING: Shown = { state: "loading", rows: [], starts: [null], next: null };

export const wanted = signal<Wanted>(ALL);
export const shown = signal<Shown>(NOTHING);
export const chosen = signal<Row | null>(null);
export const proof = signal<Proof>({ state: "none" });

let asked = 0;

/** Reads a page; each call is an entry of the log, so it is called for what someone did alone. */
export async function turn(starts: readonly (number | null)[]): Promise<void> {
  asked += 1;
  const mine = asked;
  shown.value = { ...NOTHING, starts };
  choose(null);
  try {
    const path = pathOf(wanted.value, starts.at(-1) ?? null);
    const { entries, next } = await ask<{
      entries: { index: number; entry: string }[];
      next: number | null;
    }>("GET", path);
    if (mine !== asked) return;
    const rows = entries.map(({ index, entry: text }) => ({ index, text, entry: readEntry(text) }));
    shown.value = { state: "ready", rows, starts, next };
  } catch (error) {
    if (mine !== asked) return;
    const forbidden = error instanceof Problem && error.status === 403;
    shown.value = { ...NOTHING, state: forbidden ? "forbidden" : "failed", starts };
  }
}

export function search(what: Wanted): void {
  wanted.value = what;
  void turn([null]);
}

export function older(): void {
  const { next, starts } = shown.value;
  if (next !== null) void turn([...starts, next]);
}

export function newer(): void {
  const { starts } = shown.value;
  if (starts.length > 1) void turn(starts.slice(0, -1));
}

export function choose(row: Row | null): void {
  chosen.value = row;
  proof.value = { state: "none" };
}

/** Asks for the proof of the chosen entry, and checks it here. */
export async function prove(): Promise<void> {
  const row = chosen.value;
  if (!row || proof.value.state === "checking") return;
  proof.value = { state: "checking" };
  const known = kept();
  let told: Proof;
  try {
    const [city, proved] = await Promise.all([
      ask<{ key: { x: string } }>("GET", "city"),
      ask<Proved>("GET", `log/entries/${row.index}?since=${known?.size ?? 0}`),
    ]);
    const key = city.key.x;
    const verdict = await check(row.text, row.index, proved, key, known);
    if (verdict.good) keep(verdict.keep);
    const { checkpoint } = proved;
    told = { state: "done", verdict, seen: known?.size ?? 0, key, checkpoint };
  } catch (error) {
    const missing = error instanceof DOMException && error.name === "NotSupportedError";
    told = { state: missing ? "unsupported" : "failed" };
  }
  if (chosen.value === row) proof.value = told;
}

/** Goes on with another key of the hub; what was seen under the old one cannot be compared. */
export function takeKey(): void {
  keep(null);
  void prove();
}
