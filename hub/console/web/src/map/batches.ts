// Lets an act happen at most so often: at once after a rest, and otherwise when its time has come.

export interface Batches {
  /** Something has changed. */
  mark: () => void;
  stop: () => void;
}

export function batches(
  every: number,
  act: () => void,
  clock: () => number = () => performance.now(),
): Batches {
  let last = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function run(): void {
    timer = undefined;
    last = clock();
    act();
  }

  return {
    mark() {
      if (timer !== undefined) return;
      const wait = last + every - clock();
      if (wait <= 0) run();
      else timer = setTimeout(run, wait);
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
