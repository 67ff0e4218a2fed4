// Lets so many acts go on at once and begin no faster than the hub allows; all others wait in turn.

export interface Pace {
  /** How many at once: a browser has six connections to a hub, and one is the feed's. */
  most: number;
  /** Milliseconds from one beginning to the next. */
  every: number;
}

type Waiting = () => void;

/** Returns what runs acts at this pace; whoever waits no more is taken out of the line. */
export function pace({ most, every }: Pace) {
  const line: Waiting[] = [];
  let running = 0;
  let next = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function go(): void {
    clearTimeout(timer);
    while (line.length && running < most) {
      const wait = next - performance.now();
      if (wait > 0) {
        timer = setTimeout(go, wait);
        return;
      }
      next = performance.now() + every;
      running += 1;
      line.shift()?.();
    }
  }

  return async function run<T>(act: () => Promise<T>, signal?: AbortSignal | null): Promise<T> {
    await new Promise<void>((begin, drop) => {
      signal?.throwIfAborted();
      const leave = () => {
        const at = line.indexOf(enter);
        if (at < 0) return;
        line.splice(at, 1);
        drop(signal?.reason as Error);
      };
      const enter = () => {
        signal?.removeEventListener("abort", leave);
        begin();
      };
      signal?.addEventListener("abort", leave);
      line.push(enter);
      go();
    });
    try {
      return await act();
    } finally {
      running -= 1;
      go();
    }
  };
}
