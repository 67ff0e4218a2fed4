// Notices: what went well leaves by itself, what went wrong stays.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { dismiss, notices, tell } from "./store";

beforeEach(() => {
  vi.useFakeTimers();
  notices.value = [];
});
afterEach(() => {
  vi.useRealTimers();
});

const texts = () => notices.value.map(({ text }) => text);

test("what went well leaves by itself, later if it can be undone", () => {
  tell("done", "good");
  tell("marked", "good", () => undefined);
  vi.advanceTimersByTime(6_000);
  expect(texts()).toEqual(["marked"]);
  vi.advanceTimersByTime(6_000);
  expect(texts()).toEqual([]);
});

test("what went wrong stays until it is dismissed", () => {
  tell("failed", "bad");
  vi.advanceTimersByTime(60_000);
  expect(texts()).toEqual(["failed"]);
  dismiss(notices.value[0]?.id ?? 0);
  expect(texts()).toEqual([]);
});
