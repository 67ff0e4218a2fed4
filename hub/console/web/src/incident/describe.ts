// Builds the text that units get: short lines in the order in which they are said on the radio.

import type { Language } from "../words/words";
import { type Place, written } from "./coordinates";

export const DIRECTIONS = ["n", "ne", "e", "se", "s", "sw", "w", "nw"] as const;
export type Direction = (typeof DIRECTIONS)[number];
export const LONGEST_TEXT = 2_000;

export interface Description {
  clothing: string;
  hair: string;
  build: string;
  vehicle: string;
  colour: string;
  plate: string;
  direction: Direction | "";
  more: string;
  /** `where` is the camera's name; nothing for a sighting on no camera. */
  seen: { where: string; place: Place; at: string } | null;
}

export function emptyDescription(): Description {
  return {
    clothing: "",
    hair: "",
    build: "",
    vehicle: "",
    colour: "",
    plate: "",
    direction: "",
    more: "",
    seen: null,
  };
}

/** Whether there is anything to tell besides where it was. */
export function says(form: Description): boolean {
  const { seen: _seen, ...fields } = form;
  return Object.values(fields).some((value) => value.trim());
}

export interface About {
  kind: string;
  reference: string;
  language: Language;
  /** The time of day of the sighting, as operators say it. */
  clock: (moment: string) => string;
}

export function descriptionText(form: Description, about: About): string {
  const say = SAY[about.language];
  const person = [bare(form.build), bare(form.hair), bare(form.clothing)].filter(Boolean);
  const vehicle = [bare(form.colour), bare(form.vehicle)].filter(Boolean);
  const plate = bare(form.plate).toUpperCase();
  if (plate) vehicle.push(`${say.plate} ${plate}`);
  const lines = [
    `${about.kind} ${bare(about.reference)}`,
    person.length ? `${say.person}: ${person.join(", ")}` : "",
    vehicle.length ? `${say.vehicle}: ${vehicle.join(", ")}` : "",
    form.direction ? `${say.direction}: ${say[form.direction]}` : "",
    form.seen ? `${say.seen}: ${about.clock(form.seen.at)}, ${spot(form.seen)}` : "",
    bare(form.more),
  ];
  return lines.filter(Boolean).join("\n").slice(0, LONGEST_TEXT);
}

/** A camera's name and its place, or the place alone. */
export function spot({ where, place }: NonNullable<Description["seen"]>): string {
  const name = bare(where);
  return name ? `${name} (${written(place)})` : written(place);
}

/** One line of what was typed or what an owner called a camera: nothing that turns the text. */
function bare(text: string): string {
  return text.replace(/[\p{C}\p{Z}]+/gu, " ").trim();
}

export const SAY: Readonly<
  Record<Language, Readonly<Record<Direction | "person" | "vehicle" | "plate" | "direction" | "seen", string>>>
> = {
  en: {
    person: "Person",
    vehicle: "Vehicle",
    plate: "plate",
    direction: "Heading",
    seen: "Last seen",
    n: "north",
    ne: "north-east",
    e: "east",
    se: "south-east",
    s: "south",
    sw: "south-west",
    w: "west",
    nw: "north-west",
  },
  es: {
    person: "Persona",
    vehicle: "Vehículo",
    plate: "placa",
    direction: "Rumbo",
    seen: "Visto por última vez",
    n: "norte",
    ne: "noreste",
    e: "este",
    se: "sureste",
    s: "sur",
    sw: "suroeste",
    w: "oeste",
    nw: "noroeste",
  },
};
