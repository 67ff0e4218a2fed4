// Stills for a description: mine, of this incident, given, and still held.

import { expect, test } from "vitest";
import type { Look } from "../api/types";
import { stillsFor } from "./stills";

const NOW = Date.parse("2026-11-21T12:00:00Z");

function look(id: string, more: Partial<Look> = {}): Look {
  return {
    id,
    incident: "i",
    camera: id,
    scope: "snapshot",
    pseudonym: "OF-ME",
    asked: "2026-11-21T11:58:00Z",
    ended: "2026-11-21T11:58:00Z",
    outcome: "ok",
    ...more,
  };
}

test("the newest of each camera, newest first", () => {
  const looks = [
    look("old", { camera: "a", ended: "2026-11-21T11:57:00Z" }),
    look("new", { camera: "a", ended: "2026-11-21T11:59:00Z" }),
    look("b"),
    look("other", { incident: "j" }),
    look("theirs", { pseudonym: "OF-YOU" }),
    look("refused", { outcome: "refused" }),
    look("video", { scope: "stream" }),
    look("gone", { ended: "2026-11-21T11:54:00Z" }),
  ];
  expect(stillsFor("i", "OF-ME", looks, NOW).map((one) => one.look)).toEqual(["new", "b"]);
});
