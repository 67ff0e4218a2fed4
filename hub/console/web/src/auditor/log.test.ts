// @vitest-environment node
// The log's golden vectors, checked by the browser's code: what holds, and each way to be wrong.

import { beforeAll, describe, expect, test } from "vitest";
import keysText from "../../../../../tests/vectors/keys.json?raw";
import logText from "../../../../../tests/vectors/log.json?raw";
import { fromBase64, fromBase64url, toBase64, toBase64url } from "./bytes";
import { fingerprint, originOf, readCheckpoint, signedBy, thumbprint } from "./checkpoint";
import { continued, included, leafHash } from "./merkle";
import { check, type Kept, type Proved } from "./proof";

const log = JSON.parse(logText);
const keys = JSON.parse(keysText) as { name: string; jwk: { x: string }; fingerprint: string }[];
const hub = keys.find((one) => one.name === "hub");
const KEY = hub?.jwk.x ?? "";
const STRANGER = keys.find((one) => one.name === "stranger")?.jwk.x ?? "";

function bytes(text: string) {
  const found = fromBase64url(text);
  if (!found) throw new Error(text);
  return found;
}
const all = (texts: string[]) => texts.map(bytes);
const root = (size: number) => bytes(log.roots[size]);
function changed(text: string): string {
  const found = bytes(text);
  found[0] = (found[0] ?? 0) ^ 1;
  return toBase64url(found);
}

test("entries have their hashes", async () => {
  for (const { entry, hash } of log.entries) {
    expect(toBase64url(await leafHash(entry))).toBe(hash);
  }
});

test("every proof of inclusion holds, for its own entry alone", async () => {
  expect(log.inclusion).toHaveLength(28);
  for (const { index, size, proof } of log.inclusion) {
    const leaf = bytes(log.entries[index].hash);
    expect(await included(leaf, index, size, all(proof), root(size))).toBe(true);
    expect(await included(root(0), index, size, all(proof), root(size))).toBe(false);
    expect(await included(leaf, size, size, all(proof), root(size))).toBe(false);
    expect(await included(leaf, index, size, [...all(proof), root(1)], root(size))).toBe(false);
  }
});

test("every proof of consistency holds, and none with another past", async () => {
  expect(log.consistency).toHaveLength(36);
  for (const { old, size, proof } of log.consistency) {
    expect(await continued(old, size, all(proof), root(old), root(size))).toBe(true);
    const other = bytes(changed(log.roots[old]));
    expect(await continued(old, size, all(proof), other, root(size))).toBe(false);
    if (old < size) expect(await continued(size, old, all(proof), root(size), root(old))).toBe(false);
  }
});

test("the hub's key has its fingerprint, and signed the checkpoint", async () => {
  const print = await thumbprint(KEY);
  expect(originOf(print)).toBe(log.origin);
  expect(fingerprint(print)).toBe(hub?.fingerprint);
  for (const text of [log.checkpoint, log.cosigned]) {
    const checkpoint = readCheckpoint(text);
    expect(checkpoint).toMatchObject({ origin: log.origin, size: 7 });
    expect(checkpoint && (await signedBy(checkpoint, KEY, log.origin))).toBe(true);
    expect(checkpoint && (await signedBy(checkpoint, STRANGER, log.origin))).toBe(false);
    expect(checkpoint && (await signedBy(checkpoint, KEY, "jackson-rtcc/other"))).toBe(false);
  }
  const more = readCheckpoint(log.checkpoint.replace("\n7\n", "\n8\n"));
  expect(more && (await signedBy(more, KEY, log.origin))).toBe(false);
});

test.each([
  ["no signature", (text: string) => text.slice(0, text.indexOf("\n\n") + 1)],
  ["no line feed at the end", (text: string) => text.slice(0, -1)],
  ["a size with a zero before it", (text: string) => text.replace("\n7\n", "\n07\n")],
  ["a fourth line", (text: string) => text.replace("\n\n", "\nmore\n\n")],
  ["a short root", (text: string) => text.replace(/\n[^\n]{44}\n\n/, "\nAAAA\n\n")],
  ["another dash", (text: string) => text.replace("—", "-")],
])("a checkpoint with %s is not read", (_, spoil) => {
  expect(readCheckpoint(log.checkpoint)).not.toBeNull();
  expect(readCheckpoint(spoil(log.checkpoint))).toBeNull();
});

describe("the check of an entry", () => {
  const proved = log.logged as Proved;
  let seen: Kept;
  beforeAll(() => {
    seen = { key: KEY, size: log.seen.size, root: toBase64(bytes(log.seen.root)) };
  });

  test("holds against what was seen, and keeps what is seen now", async () => {
    const verdict = await check(proved.entry, 3, proved, KEY, seen);
    expect(verdict.steps).toEqual({
      entry: "good",
      key: "good",
      signature: "good",
      inclusion: "good",
      consistency: "good",
    });
    expect(verdict).toMatchObject({ good: true, size: 7, fingerprint: hub?.fingerprint });
    expect(verdict.keep).toEqual({ key: KEY, size: 7, root: toBase64(root(7)) });
    const again = await check(proved.entry, 3, proved, KEY, verdict.keep);
    expect(again.good).toBe(true);
  });

  test("is a first time without anything to compare with", async () => {
    const { good, steps } = await check(proved.entry, 3, proved, KEY, null);
    expect(good).toBe(true);
    expect(steps).toMatchObject({ key: "first", consistency: "first" });
  });

  test.each<[string, string, () => Promise<{ good: boolean; keep: Kept | null; steps: object }>]>([
    ["another text", "entry", () => check(`${proved.entry} `, 3, proved, KEY, seen)],
    ["another number", "entry", () => check(proved.entry, 2, proved, KEY, seen)],
    ["a text that was shown otherwise", "inclusion", () => check(`${proved.entry} `, 3, proved, KEY, seen)],
    ["another key", "key", () => check(proved.entry, 3, proved, KEY, { ...seen, key: STRANGER })],
    ["a stranger's signature", "signature", () => check(proved.entry, 3, proved, STRANGER, seen)],
    [
      "a path that leads elsewhere",
      "inclusion",
      () => check(proved.entry, 3, { ...proved, inclusion: proved.inclusion.map(changed) }, KEY, seen),
    ],
    [
      "hashes that are none",
      "inclusion",
      () => check(proved.entry, 3, { ...proved, inclusion: ["?"] }, KEY, seen),
    ],
    [
      "another past",
      "consistency",
      () => check(proved.entry, 3, proved, KEY, { ...seen, root: toBase64(root(3)) }),
    ],
    [
      "a past of the same size",
      "consistency",
      () => check(proved.entry, 3, proved, KEY, { ...seen, size: 7 }),
    ],
    ["a longer past", "consistency", () => check(proved.entry, 3, proved, KEY, { ...seen, size: 8 })],
    [
      "a checkpoint out of shape",
      "signature",
      () => check(proved.entry, 3, { ...proved, checkpoint: "" }, KEY, seen),
    ],
  ])("fails with %s, and forgets nothing", async (_, step, spoiled) => {
    const { good, keep, steps } = await spoiled();
    expect(good).toBe(false);
    expect(steps).toHaveProperty(step, "bad");
    expect(keep).not.toHaveProperty("root", toBase64(root(7)));
  });
});

test("base64 has one form", () => {
  expect(fromBase64("AB==")).toBeNull();
  expect(fromBase64("AA")).toBeNull();
  expect(fromBase64url("AB")).toBeNull();
  expect(fromBase64url("A+")).toBeNull();
  expect(fromBase64url("_-8")).toEqual(Uint8Array.of(255, 239));
});
