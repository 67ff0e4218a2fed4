// The theme's colours for what is drawn on canvas and by WebGL, which know no custom properties.

const NAMES = [
  "ground",
  "surface",
  "raised",
  "line",
  "control",
  "text",
  "quiet",
  "act",
  "on-act",
  "live",
  "on-live",
  "wait",
  "on-wait",
  "alarm",
  "trace",
] as const;

export type Tokens = Readonly<Record<(typeof NAMES)[number], string>> & { font: string };

/** Reads them from the page as it is now. */
export function tokens(): Tokens {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const all = Object.fromEntries(NAMES.map((name) => [name, read(name) || "#888888"]));
  return { ...all, font: read("font") || "sans-serif" } as Tokens;
}

/** Two colours of the form #rrggbb mixed: `share` of the second. */
export function mix(first: string, second: string, share: number): string {
  const parts = [1, 3, 5].map((at) => {
    const [a, b] = [first, second].map((one) => Number.parseInt(one.slice(at, at + 2), 16) || 0);
    return Math.round((a ?? 0) * (1 - share) + (b ?? 0) * share)
      .toString(16)
      .padStart(2, "0");
  });
  return `#${parts.join("")}`;
}
