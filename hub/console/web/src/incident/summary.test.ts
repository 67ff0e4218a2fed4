// The summary as text: everything that a report needs, each thing on its line.

import { expect, test } from "vitest";
import { choose } from "../words/words";
import { parts, type Summed, summaryText } from "./summary";

const SUMMED: Summed = {
  incident: "i",
  kind: "robbery",
  reference: "CAD-7",
  lat: 32.3,
  lon: -90.18,
  radius_m: 400,
  opened: "2026-11-21T12:00:00Z",
  opened_by: "SU-A",
  accepted: "2026-11-21T12:00:10Z",
  accepted_by: "OF-B",
  closed: "2026-11-21T12:30:00Z",
  closed_by: "OF-B",
  ends: "2026-11-21T16:00:00Z",
  operators: [{ pseudonym: "OF-B", role: "officer", looks: 3 }],
  cameras: [
    {
      camera: "cam1",
      name: "Porch\u202e\nClosed",
      stills: 2,
      streams: 1,
      seconds: 95,
      first: "2026-11-21T12:01:00Z",
      last: "2026-11-21T12:05:00Z",
    },
    {
      camera: "cam2",
      name: null,
      stills: 1,
      streams: 0,
      seconds: 0,
      first: "2026-11-21T12:01:00Z",
      last: "2026-11-21T12:05:00Z",
    },
  ],
  sightings: [],
  messages: [
    {
      id: "m",
      incident: "i",
      at: "2026-11-21T12:10:00Z",
      by: "OF-B",
      text: "Robbery CAD-7\nPerson: tall",
      picture: null,
      sent: true,
    },
  ],
  pictures: [],
};

test("every part is there, empty ones say so", () => {
  choose("en");
  const text = summaryText(SUMMED, "Robbery");
  expect(text).toContain("Summary of CAD-7");
  expect(text).toContain("Lasted · 30:00");
  expect(text).toContain("  Porch Closed · Stills: 2 · Live video: 1:35 · cam1");
  expect(text).toContain("  camera cam2 · Stills: 1");
  expect(text).toContain("  No sighting was marked.");
  expect(text).toContain("Robbery CAD-7 Person: tall · OF-B");
  expect(text).not.toContain("\u202e");
});

test("an incident that ended by itself says when", () => {
  choose("en");
  const { rows } = parts({ ...SUMMED, closed: null, closed_by: null }, "Robbery")[0]!;
  expect(rows.flat()).toContain("ended with the policy's time");
  expect(rows.flat()).toContain("4 h 00 min");
});
