// The queue: new ones first and longest waiting first, then approvals, mine, others'.

import { expect, test } from "vitest";
import type { Incident, Waiting } from "../api/types";
import { age, clock, counted, left } from "./durations";
import { arrivals, beside, lately, rows } from "./rows";
import { incident } from "./sample";

const NOW = Date.parse("2026-11-21T12:00:00Z");

const WAITING: Waiting = {
  incident: "w",
  kind: "shooting",
  reference: "CAD-w",
  opened: "2026-11-21T11:40:00Z",
  opened_by: "OF-BBBB",
  waits: ["circle"],
  radius_m: 1_000,
  allowed_radius_m: 800,
};

const seen = (incidents: Incident[], approves = true) =>
  rows({ incidents, waiting: [WAITING], me: "OF-ME", approves, now: NOW });

const ALL = [
  incident("theirs", { accepted_by: "OF-BBBB", accepted: "2026-11-21T11:52:00Z" }),
  incident("mine-old", { accepted_by: "OF-ME", accepted: "2026-11-21T11:51:00Z" }),
  incident("mine-new", { accepted_by: "OF-ME", accepted: "2026-11-21T11:55:00Z" }),
  incident("young", { opened: "2026-11-21T11:59:00Z" }),
  incident("old", { opened: "2026-11-21T11:45:00Z" }),
  incident("closed", { open: false, closed: "2026-11-21T11:56:00Z" }),
  incident("ended", { ends: "2026-11-21T11:59:59Z" }),
];

test("what waits longest is on top, what is over is not there", () => {
  expect(seen(ALL).map((row) => row.key)).toEqual([
    "incident:old",
    "incident:young",
    "approval:w",
    "incident:mine-new",
    "incident:mine-old",
    "incident:theirs",
  ]);
});

test("an officer has no approvals to give", () => {
  expect(seen([], false)).toEqual([]);
});

test("what is over is listed by its end", () => {
  expect(lately(ALL, NOW, 5).map((one) => one.id)).toEqual(["ended", "closed"]);
  expect(lately(ALL, NOW, 1)).toHaveLength(1);
});

test("only what asks for somebody rings, and nothing on the first look", () => {
  expect(arrivals(null, seen(ALL))).toEqual([]);
  const rung = arrivals(new Set(["incident:old"]), seen(ALL)).map((row) => row.key);
  expect(rung).toEqual(["incident:young", "approval:w"]);
});

test("next and previous stay in the list", () => {
  const list = seen(ALL);
  expect(beside(list, null, 1)).toBe("incident:old");
  expect(beside(list, null, -1)).toBe("incident:theirs");
  expect(beside(list, "incident:old", 1)).toBe("incident:young");
  expect(beside(list, "incident:old", -1)).toBe("incident:old");
  expect(beside(list, "incident:theirs", 1)).toBe("incident:theirs");
  expect(beside([], "gone", 1)).toBeNull();
});

test.each([
  [0, "0:00"],
  [42, "0:42"],
  [725, "12:05"],
  [3_600, "1 h 00 min"],
  [14_399, "3 h 59 min"],
])("%i seconds are %s", (seconds, text) => {
  expect(counted(seconds)).toBe(text);
});

test("ages and what is left never go below nothing", () => {
  expect(age("2026-11-21T12:00:05Z", NOW)).toBe("0:00");
  expect(left("2026-11-21T11:00:00Z", NOW)).toBe("0:00");
  expect(left("2026-11-21T12:01:00Z", NOW)).toBe("1:00");
  expect(clock("2026-11-21T12:01:07Z", true)).toMatch(/^\d\d:\d\d:07$/);
});
