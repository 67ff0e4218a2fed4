// Marks that tell states apart by shape, not by colour alone; words stand beside each.

const SHAPES = {
  // Calls for somebody: a filled diamond with a stroke in it.
  new: "M12 2 22 12 12 22 2 12ZM11 7v6h2V7Zm0 8v2h2v-2Z",
  // Waits for a supervisor: two persons' marks side by side.
  approval: "M8 4a3 3 0 1 1 0 6 3 3 0 0 1 0-6ZM2 20c0-5 2-8 6-8s6 3 6 8ZM17 6l5 5-1.4 1.4-2.6-2.6V20h-2V9.800l-2.600 2.600L12 11Z",
  // In my hands: a disc.
  mine: "M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18Z",
  // In others': a ring.
  others: "M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18Zm0 3a6 6 0 1 0 0 12 6 6 0 0 0 0-12Z",
  over: "M4 4h16v16H4ZM7 7v10h10V7Z",
  live: "M3 6h12v4l6-3v10l-6-3v4H3Z",
  loud: "M3 9v6h4l5 5V4L7 9Zm12-1.500a6 6 0 0 1 0 9l1.400 1.400a8 8 0 0 0 0-11.800Z",
  quiet: "M3 9v6h4l5 5V4L7 9Zm12.400-.4L14 10l2 2-2 2 1.400 1.400 2-2 2 2 1.400-1.400-2-2 2-2-1.400-1.400-2 2Z",
} as const;

export type MarkName = keyof typeof SHAPES;

export function Mark(props: { of: MarkName }) {
  return (
    <svg class={`mark ${props.of}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={SHAPES[props.of]} fill-rule="evenodd" />
    </svg>
  );
}
