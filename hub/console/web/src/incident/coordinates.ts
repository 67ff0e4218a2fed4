// Reads typed coordinates in any usual form, and says what it had to guess.

export interface Place {
  lat: number;
  lon: number;
}

export interface Read extends Place {
  /** Latitude and longitude were the other way round, or the minus of the west was missing. */
  guessed: "order" | "sign" | null;
}

/** `null` is no pair of coordinates at all; "range" is one that no place on Earth has. */
export type Reading = Read | "range" | null;

const NEAR_DEGREES = 3;
const AXES: Readonly<Record<string, readonly ["lat" | "lon", 1 | -1]>> = {
  N: ["lat", 1],
  S: ["lat", -1],
  E: ["lon", 1],
  W: ["lon", -1],
  // Oeste.
  O: ["lon", -1],
};

interface Half {
  value: number;
  axis: "lat" | "lon" | null;
}

/** Reads a pair; `near` is the city, which decides what the pair alone leaves open. */
export function readCoordinates(text: string, near: Place | null = null): Reading {
  const { bare, reversed } = plain(text);
  const halves = halvesOf(bare);
  if (!halves) return null;
  let [first, second] = halves;
  if (first.axis && first.axis === second.axis) return null;
  if (reversed || first.axis === "lon" || second.axis === "lat") [first, second] = [second, first];
  const named = reversed || first.axis !== null || second.axis !== null;
  return placed(first, second, named, near);
}

/** Writes coordinates as the console shows them everywhere. */
export function written({ lat, lon }: Place): string {
  return `${lat.toFixed(5)}, ${lon.toFixed(5)}`;
}

function placed(lat: Half, lon: Half, named: boolean, near: Place | null): Reading {
  const said = { lat: lat.value, lon: lon.value };
  const others: Read[] = [];
  if (!named) {
    others.push({ lat: said.lon, lon: said.lat, guessed: "order" });
    if (said.lon > 0) others.push({ ...said, lon: -said.lon, guessed: "sign" });
    if (said.lat > 0) others.push({ lat: said.lon, lon: -said.lat, guessed: "order" });
  }
  if (near && !close(said, near)) {
    const better = others.find((one) => onEarth(one) && close(one, near));
    if (better) return better;
  }
  if (onEarth(said)) return { ...said, guessed: null };
  return others.find((one) => one.guessed === "order" && onEarth(one)) ?? "range";
}

function onEarth({ lat, lon }: Place): boolean {
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180;
}

function close(one: Place, other: Place): boolean {
  return (
    Math.abs(one.lat - other.lat) <= NEAR_DEGREES && Math.abs(one.lon - other.lon) <= NEAR_DEGREES
  );
}

/** One way of writing signs, with words for the axes taken away. */
function plain(text: string): { bare: string; reversed: boolean } {
  let bare = text
    .trim()
    .replace(/^geo:/i, "")
    .replace(/[?#].*$/, "")
    .replace(/[−–—]/g, "-")
    .replace(/[º˚]/g, "°")
    .replace(/''|[″“”]/g, '"')
    .replace(/[′’‘´`]/g, "'")
    .replace(/^[([{]|[)\]}]$/g, "");
  const latitude = /\blat[a-z]*[:=]?/i;
  const longitude = /\b(?:lon|lng)[a-z]*[:=]?/i;
  const at = [bare.search(latitude), bare.search(longitude)];
  const reversed = at[1]! >= 0 && at[0]! > at[1]!;
  bare = bare.replace(latitude, " ").replace(longitude, " ").trim();
  return { bare: decimalPoints(bare), reversed };
}

/** A comma is a decimal one only where points are not, and where something else parts the two. */
function decimalPoints(text: string): string {
  const between = /(\d),(?=\d)/g;
  if (/\d\.\d/.test(text)) return text;
  const count = text.match(between)?.length ?? 0;
  const apart = /\d[^\d.]+\d/.test(text.replace(between, "$1."));
  return count > 0 && apart ? text.replace(between, "$1.") : text;
}

const TOKEN = /([NSEWO])(?![A-Za-z])|([+-]?\d+(?:\.\d+)?)\s*(?:([°'"]|[dm](?![A-Za-z]))|(?![A-Za-z0-9.]))|[;,\s]+|([°'"])/giy;

function halvesOf(text: string): [Half, Half] | null {
  const numbers: { value: string; unit: string }[] = [];
  const letters: { sign: string; before: number }[] = [];
  const bare = glued(text);
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < bare.length) {
    const found = TOKEN.exec(bare);
    if (!found) return null;
    if (found[1]) letters.push({ sign: found[1].toUpperCase(), before: numbers.length });
    else if (found[2]) numbers.push({ value: found[2], unit: found[3] ?? "" });
  }
  const cut = cutOf(numbers, letters);
  if (cut === null) return null;
  const [one, two] = [value(numbers.slice(0, cut)), value(numbers.slice(cut))];
  if (one === null || two === null) return null;
  return [half(one, letters[0]?.sign), half(two, letters[1]?.sign)];
}

/** Parts "32N" and "N32", which the sticky pattern reads one after the other. */
function glued(text: string): string {
  return text.replace(/(\d[°'"]?)([NSEWO])/gi, "$1 $2").replace(/([NSEWO])([\d-])/gi, "$1 $2");
}

function cutOf(
  numbers: readonly { unit: string }[],
  letters: readonly { before: number }[],
): number | null {
  const count = numbers.length;
  if (letters.length === 2) {
    const [first, second] = [letters[0]!.before, letters[1]!.before];
    // Before its number, or behind it.
    const cut = first === 0 ? second : first;
    return cut > 0 && cut < count && (first === 0 || second === count) ? cut : null;
  }
  if (letters.length) return null;
  const degrees = numbers.flatMap(({ unit }, index) => (/[°d]/i.test(unit) ? [index] : []));
  if (degrees.length === 2 && degrees[0] === 0) return degrees[1]!;
  return count === 2 || count === 4 || count === 6 ? count / 2 : null;
}

/** Degrees, minutes and seconds: only the last has decimals, only the first a sign. */
function value(parts: readonly { value: string }[]): number | null {
  if (parts.length < 1 || parts.length > 3) return null;
  const [degrees, ...rest] = parts.map((part) => Number(part.value));
  const whole = parts.slice(0, -1).every((part) => !part.value.includes("."));
  if (!whole || rest.some((part) => part < 0 || part >= 60)) return null;
  const size = Math.abs(degrees!) + (rest[0] ?? 0) / 60 + (rest[1] ?? 0) / 3_600;
  return parts[0]!.value.startsWith("-") ? -size : size;
}

function half(value: number, sign: string | undefined): Half {
  const axis = sign ? AXES[sign] : undefined;
  return axis ? { value: Math.abs(value) * axis[1], axis: axis[0] } : { value, axis: null };
}
