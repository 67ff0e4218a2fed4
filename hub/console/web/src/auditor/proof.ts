// The check of one entry in the browser: its bytes, its place, the signature, the key, the past.

import { type Bytes, fromBase64, fromBase64url, same, toBase64, toHex } from "./bytes";
import { fingerprint, originOf, readCheckpoint, signedBy, thumbprint } from "./checkpoint";
import { continued, included, leafHash } from "./merkle";

/** What the hub answers for one entry. */
export interface Proved {
  entry: string;
  index: number;
  inclusion: readonly string[];
  checkpoint: string;
  since: number;
  consistency: readonly string[];
}

/** What this browser has verified before: the hub's key, and the log's size and root. */
export interface Kept {
  key: string;
  size: number;
  /** Base64, as in a checkpoint. */
  root: string;
}

export const STEPS = ["entry", "key", "signature", "inclusion", "consistency"] as const;
export type Step = (typeof STEPS)[number];
/** `first`: there is nothing yet to compare with. */
export type Result = "good" | "bad" | "first";

export interface Verdict {
  good: boolean;
  steps: Readonly<Record<Step, Result>>;
  index: number;
  leaf: string;
  fingerprint: string;
  /** The log's size by this checkpoint; null if it cannot be read. */
  size: number | null;
  /** What to keep from now on; what was kept, if anything is wrong. */
  keep: Kept | null;
}

/** Checks that `proved` shows `entry`, as it was read on the screen, to be number `index`. */
export async function check(
  entry: string,
  index: number,
  proved: Proved,
  key: string,
  kept: Kept | null,
): Promise<Verdict> {
  const leaf = await leafHash(entry);
  const print = await thumbprint(key);
  const checkpoint = readCheckpoint(proved.checkpoint);
  const signed = checkpoint ? await signedBy(checkpoint, key, originOf(print)) : false;
  const path = hashes(proved.inclusion);
  const steps: Record<Step, Result> = {
    entry: proved.entry === entry && proved.index === index ? "good" : "bad",
    key: kept === null ? "first" : kept.key === key ? "good" : "bad",
    signature: signed ? "good" : "bad",
    inclusion: "bad",
    consistency: "bad",
  };
  if (checkpoint) {
    const { root, size } = checkpoint;
    if (path && (await included(leaf, index, size, path, root))) steps.inclusion = "good";
    steps.consistency = await past(proved, size, root, kept);
  }
  const good = STEPS.every((step) => steps[step] !== "bad");
  return {
    good,
    steps,
    index,
    leaf: toHex(leaf),
    fingerprint: fingerprint(print),
    size: checkpoint?.size ?? null,
    keep: good && checkpoint ? { key, size: checkpoint.size, root: toBase64(checkpoint.root) } : kept,
  };
}

async function past(proved: Proved, size: number, root: Bytes, kept: Kept | null): Promise<Result> {
  if (!kept) return "first";
  const seen = fromBase64(kept.root);
  if (!seen) return "bad";
  // The hub need not prove that a log of the same size is the same.
  if (kept.size === size) return same(seen, root) ? "good" : "bad";
  const proof = hashes(proved.consistency);
  if (!proof || proved.since !== kept.size) return "bad";
  return (await continued(kept.size, size, proof, seen, root)) ? "good" : "bad";
}

function hashes(texts: readonly string[]): Bytes[] | null {
  const read = texts.map(fromBase64url).filter((one) => one?.length === 32);
  return read.length === texts.length ? (read as Bytes[]) : null;
}
