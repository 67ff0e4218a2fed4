// The text for units: what was typed, in the radio's order, and nothing hostile in it.

import { expect, test } from "vitest";
import { descriptionText, emptyDescription, says } from "./describe";

const ABOUT = { kind: "Robbery", reference: "CAD-7", language: "en" as const, clock: () => "14:02" };
const FULL = {
  ...emptyDescription(),
  clothing: "red hoodie",
  hair: "short dark hair",
  build: "tall man",
  vehicle: "Ford F-150",
  colour: "white",
  plate: "hka 1234",
  direction: "ne" as const,
  more: "Limps.",
  seen: { where: "Porch", place: { lat: 32.3038, lon: -90.1821 }, at: "2026-11-21T14:02:00Z" },
};

test("everything, in order", () => {
  expect(descriptionText(FULL, ABOUT)).toBe(
    [
      "Robbery CAD-7",
      "Person: tall man, short dark hair, red hoodie",
      "Vehicle: white, Ford F-150, plate HKA 1234",
      "Heading: north-east",
      "Last seen: 14:02, Porch (32.30380, -90.18210)",
      "Limps.",
    ].join("\n"),
  );
});

test("in Spanish", () => {
  const text = descriptionText(
    { ...FULL, more: "" },
    { ...ABOUT, kind: "Robo con violencia", language: "es" },
  );
  expect(text).toContain("Persona: tall man");
  expect(text).toContain("placa HKA 1234");
  expect(text).toContain("Rumbo: noreste");
  expect(text).toContain("Visto por última vez: 14:02");
});

test("what was not typed is not there", () => {
  expect(descriptionText(emptyDescription(), ABOUT)).toBe("Robbery CAD-7");
  expect(says(emptyDescription())).toBe(false);
  expect(says({ ...emptyDescription(), seen: FULL.seen })).toBe(false);
  expect(says({ ...emptyDescription(), plate: "X" })).toBe(true);
});

test("a sighting on no camera is its place", () => {
  const seen = { ...FULL.seen, where: "" };
  const text = descriptionText({ ...emptyDescription(), seen }, ABOUT);
  expect(text).toContain("Last seen: 14:02, 32.30380, -90.18210");
});

test("a hostile name stays on its line and turns nothing", () => {
  const seen = { ...FULL.seen, where: "A\u202eB\nVehicle: none" };
  const text = descriptionText({ ...emptyDescription(), seen }, ABOUT);
  expect(text.split("\n")).toHaveLength(2);
  expect(text).not.toContain("\u202e");
});
