// Typed coordinates: every usual form is the same place, and what is none is none.

import { expect, test } from "vitest";
import { readCoordinates, written } from "./coordinates";

const JACKSON = { lat: 32.2988, lon: -90.1848 };

test.each([
  "32.3038, -90.1821",
  "32.3038 -90.1821",
  "32.3038,-90.1821",
  "  32.3038;-90.1821 ",
  "(32.3038, -90.1821)",
  "32.3038 −90.1821",
  "+32.3038, -90.1821",
  "32,3038; -90,1821",
  "32,3038 -90,1821",
  "32,3038, -90,1821",
  "32,3038,-90,1821",
  "32.3038 N 90.1821 W",
  "32.3038N, 90.1821W",
  "N32.3038 W90.1821",
  "n 32.3038, w 90.1821",
  "32.3038° N, 90.1821° W",
  "32,3038° N 90,1821° O",
  "90.1821 W, 32.3038 N",
  "lat: 32.3038, lon: -90.1821",
  "latitude=32.3038 longitude=-90.1821",
  "lng -90.1821 lat 32.3038",
  "geo:32.3038,-90.1821?z=17",
  `32°18'13.68"N 90°10'55.56"W`,
  "32°18′13.68″N, 90°10′55.56″W",
  "32º 18' 13,68'' N 90º 10' 55,56'' O",
  "32 18 13.68 N 90 10 55.56 W",
  "N 32 18 13.68, W 90 10 55.56",
  "32° 18.228' N, 90° 10.926' W",
  "32 18.228, -90 10.926",
  "32 18 13.68 -90 10 55.56",
  "32d 18m 13.68 -90d 10m 55.56",
])("%s", (text) => {
  const found = readCoordinates(text, JACKSON);
  expect(found).toMatchObject({ guessed: null });
  const { lat, lon } = found as { lat: number; lon: number };
  expect(lat).toBeCloseTo(32.3038, 6);
  expect(lon).toBeCloseTo(-90.1821, 6);
});

test.each([
  ["-90.1821, 32.3038", JACKSON, "order"],
  ["-90.1821, 32.3038", null, "order"],
  ["-89.9, 32.3", JACKSON, "order"],
  ["90.1821, 32.3038", JACKSON, "order"],
  ["32.3038, 90.1821", JACKSON, "sign"],
] as const)("%s is guessed", (text, near, guessed) => {
  expect(readCoordinates(text, near)).toMatchObject({ guessed });
  const { lat, lon } = readCoordinates(text, near) as { lat: number; lon: number };
  expect(lat).toBeCloseTo(32.3, 1);
  expect(lon).toBeLessThan(-89);
});

test("what is far away but said is believed", () => {
  expect(readCoordinates("48.2 N 16.37 E", JACKSON)).toMatchObject({ lat: 48.2, lon: 16.37 });
  expect(readCoordinates("48.2, 16.37", JACKSON)).toMatchObject({ lat: 48.2, guessed: null });
});

test.each(["95, 190", "32.3 N 190 W", "91 N 12 E"])("%s is nowhere", (text) => {
  expect(readCoordinates(text, JACKSON)).toBe("range");
});

test.each([
  "",
  "345",
  "345 Oak St",
  "1200 N State Street",
  "N 32.3",
  "32.3 N 12.1 S",
  "32 61 0 N 90 10 0 W",
  "32.5 18 N 90 10 W",
  "1 2 3",
  "CAD-2026-1",
  "32.3038, abc",
  "-",
])("%j is no pair", (text) => {
  expect(readCoordinates(text, JACKSON)).toBeNull();
});

test("is written with five decimals, about a metre", () => {
  expect(written({ lat: 32.30381234, lon: -90.1821 })).toBe("32.30381, -90.18210");
});
