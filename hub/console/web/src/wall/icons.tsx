// The signs on a tile's buttons: lines of one weight, each beside words for who cannot see it.

const PATHS = {
  close: "M6 6l12 12M18 6L6 18",
  stills: "M4 8h3l2-3h6l2 3h3v11H4zM12 10a3.5 3.5 0 100 7 3.5 3.5 0 000-7z",
  live: "M4 6h11v12H4zM15 10l5-3v10l-5-3z",
  keep: "M12 4v10M8 10l4 4 4-4M4 15v5h16v-5",
  full: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  notFull: "M9 4v5H4M15 4v5h5M9 20v-5H4M15 20v-5h5",
  mark: "M12 21c4-5 6-8 6-11a6 6 0 10-12 0c0 3 2 6 6 11zM12 8v4M10 10h4",
  again: "M19 12a7 7 0 11-2-5M19 3v5h-5",
  told: "M5 12l5 5 9-10",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** An arrow towards somewhere, in degrees from north by east. */
export function Arrow({ degrees, kind = "way" }: { degrees: number; kind?: "way" | "view" }) {
  return (
    <svg
      class={`arrow ${kind}`}
      viewBox="0 0 24 24"
      aria-hidden="true"
      style={{ transform: `rotate(${degrees}deg)` }}
    >
      <path d={kind === "way" ? "M12 3v18M6 9l6-6 6 6" : "M12 21L4 5q8-4 16 0z"} />
    </svg>
  );
}
