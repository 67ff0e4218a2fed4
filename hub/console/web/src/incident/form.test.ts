// A new incident's form: every field says what is wrong with it before the hub has to.

import { expect, test } from "vitest";
import { check, emptyDraft, kindName, metres, needsApproval, usualRadius } from "./form";

const KINDS = {
  robbery: {
    name: { en: "Robbery", es: "Robo con violencia" },
    radius_m: 800,
    duration_s: 14_400,
    scopes: ["snapshot" as const],
    approval: { radius_m: 600, duration_s: 7_200 },
  },
  fire: { name: { en: "Fire" }, radius_m: 800, duration_s: 7_200, scopes: ["snapshot" as const] },
};
const GOOD = {
  kind: "robbery",
  reference: " CAD-7 ",
  place: { lat: 32.3, lon: -90.18 },
  radius: "600",
  glass: false,
  reason: "",
};

test("a good form is what the hub wants", () => {
  expect(check(GOOD, KINDS)).toEqual({
    flaws: {},
    wanted: { kind: "robbery", reference: "CAD-7", lat: 32.3, lon: -90.18, radius_m: 600 },
  });
});

test("an empty form names every field", () => {
  expect(check(emptyDraft(), KINDS)).toEqual({
    flaws: {
      kind: "kindMissing",
      reference: "referenceMissing",
      place: "placeMissing",
      radius: "radiusNone",
    },
    wanted: null,
  });
});

test.each([
  [{ reference: "x".repeat(65) }, { reference: "referenceLong" }],
  [{ reference: "CAD\u0007" }, { reference: "referenceOdd" }],
  [{ reference: "CAD\u202e7" }, { reference: "referenceOdd" }],
  [{ radius: "5" }, { radius: "radiusSmall" }],
  [{ radius: "801" }, { radius: "radiusLarge" }],
  [{ radius: "far" }, { radius: "radiusNone" }],
  [{ radius: "700", glass: true, reason: "too short" }, { reason: "reasonShort" }],
])("%o", (more, flaws) => {
  expect(check({ ...GOOD, ...more }, KINDS).flaws).toEqual(flaws);
});

test("glass is broken only where an approval is needed", () => {
  const reason = "A child was taken into a car minutes ago";
  const wide = check({ ...GOOD, radius: "700", glass: true, reason }, KINDS);
  expect(wide.wanted?.break_glass).toBe(reason);
  const usual = check({ ...GOOD, glass: true, reason }, KINDS);
  expect(usual.wanted).not.toHaveProperty("break_glass");
});

test("how far one person may look", () => {
  expect(usualRadius(KINDS.robbery)).toBe(600);
  expect(usualRadius(KINDS.fire)).toBe(800);
  expect(needsApproval(KINDS.robbery, 601)).toBe(true);
  expect(needsApproval(KINDS.robbery, 600)).toBe(false);
  expect(needsApproval(KINDS.fire, 800)).toBe(false);
  expect(needsApproval(undefined, 800)).toBe(false);
});

test("metres as they are typed", () => {
  expect(metres("400 m")).toBe(400);
  expect(metres("400,5")).toBe(400.5);
  expect(metres("4e2")).toBeNull();
});

test("a kind is called as the city calls it", () => {
  expect(kindName(KINDS, "robbery", "es")).toBe("Robo con violencia");
  expect(kindName(KINDS, "fire", "es")).toBe("Fire");
  expect(kindName(KINDS, "new_kind", "en")).toBe("new kind");
});
