// How many columns of tiles make the pictures largest.

export interface Layout {
  columns: number;
  rows: number;
  /** Whether the tiles are higher than the room together. */
  scrolls: boolean;
}

/** Pixels between tiles, and of a tile's words above and below its picture. */
export const GAP = 8;
export const WORDS = 104;
/** A picture narrower than this shows nobody's face. */
export const NARROWEST = 240;
const SHAPE = 16 / 9;

/** The largest pictures that fit all at once; if they would be too small, the wall scrolls. */
export function layout(count: number, width: number, height: number): Layout {
  let best: Layout = { columns: 1, rows: Math.max(1, count), scrolls: true };
  let widest = 0;
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const room = (width - GAP * (columns - 1)) / columns;
    const high = (height - GAP * (rows - 1)) / rows - WORDS;
    const wide = Math.min(room, high * SHAPE);
    // Of equally large pictures the wider wall has fewer empty places.
    if (wide > widest + 0.5 || (wide > widest - 0.5 && columns * rows < best.columns * best.rows)) {
      widest = Math.max(wide, widest);
      best = { columns, rows, scrolls: false };
    }
  }
  if (count < 2 || widest >= NARROWEST) return best;
  const columns = Math.max(1, Math.min(count, Math.floor((width + GAP) / (NARROWEST + GAP))));
  return { columns, rows: Math.ceil(count / columns), scrolls: true };
}
