// Entries and searches: what is read of an entry, and what is asked of the hub.

import { expect, test } from "vitest";
import { readEntry } from "./entry";
import { ALL, inOrder, pathOf } from "./query";
import { kindIn, roleIn } from "./words";

const LOOK = JSON.stringify({
  about: {
    camera: "c1",
    case: { at: 5, scopes: [], names: ["a"] },
    incident: { id: "i-1", reference: "CAD-1" },
    reason: null,
  },
  actor: "OF-7",
  home: "h1",
  kind: "look",
  outcome: "allowed",
  role: "officer",
  salt: "AA",
  time: "2026-07-01T18:00:00.42Z",
});

test("an entry is read with its incident, its camera and all that it holds", () => {
  expect(readEntry(LOOK)).toEqual({
    kind: "look",
    time: "2026-07-01T18:00:00.42Z",
    actor: "OF-7",
    role: "officer",
    outcome: "allowed",
    home: "h1",
    reference: "CAD-1",
    incident: "i-1",
    camera: "c1",
    facts: [
      ["camera", "c1"],
      ["case.at", "5"],
      ["case.names", '["a"]'],
      ["incident.id", "i-1"],
      ["incident.reference", "CAD-1"],
    ],
  });
  const bare = LOOK.replace('{"id":"i-1","reference":"CAD-1"}', '"i-1"');
  expect(readEntry(bare)).toMatchObject({ incident: "i-1", reference: "" });
});

test.each(["", "null", "{}", '{"about":[]}', '{"about":{},"kind":1}'])("%j is no entry", (text) => {
  expect(readEntry(text)).toBeNull();
});

test("a search asks for what is filled in, in UTC", () => {
  expect(pathOf(ALL, null)).toBe("log/entries?limit=50");
  const wanted = { kind: "look", actor: " OF-7 ", home: "h&1", since: "2026-07-01T18:00", until: "" } as const;
  const at = encodeURIComponent(new Date("2026-07-01T18:00").toISOString());
  expect(pathOf(wanted, 9)).toBe(
    `log/entries?kind=look&actor=OF-7&home=h%261&since=${at}&start=9&limit=50`,
  );
});

test("times are in order", () => {
  expect(inOrder(ALL)).toBe(true);
  expect(inOrder({ ...ALL, since: "2026-07-01T18:00", until: "2026-07-01T18:01" })).toBe(true);
  expect(inOrder({ ...ALL, since: "2026-07-01T18:00", until: "2026-07-01T18:00" })).toBe(false);
});

test("kinds and roles that are not known stand as they are", () => {
  expect(kindIn("look")).toBe("Look at a camera");
  expect(kindIn("new_kind")).toBe("new_kind");
  expect(roleIn("auditor")).toBe("auditor");
  expect(roleIn(null)).toBe("");
});
