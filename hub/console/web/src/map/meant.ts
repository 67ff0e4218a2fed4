// Which cameras a click means: the nearest to it, and those that lie on that one.

export interface Spot {
  id: string;
  x: number;
  y: number;
}

/** Signs so near to each other cannot be told apart by a pointer. */
const TOGETHER_PX = 10;

export function meant(spots: readonly Spot[], click: { x: number; y: number }): string[] {
  const far = (a: { x: number; y: number }, b: Spot) => Math.hypot(a.x - b.x, a.y - b.y);
  const order = [...spots].sort((a, b) => far(click, a) - far(click, b));
  const [first] = order;
  if (!first) return [];
  return [...new Set(order.filter((one) => far(first, one) < TOGETHER_PX).map(({ id }) => id))];
}
