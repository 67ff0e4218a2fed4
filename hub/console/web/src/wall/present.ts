// Whether the operator did something: watching alone keeps no session from locking.

let acted = 0;
for (const sign of ["pointermove", "pointerdown", "keydown", "wheel"]) {
  globalThis.addEventListener?.(sign, () => (acted = performance.now()), { passive: true });
}

/** Returns what tells whether they did since it was last asked; opening a tile was something. */
export function presence(): () => boolean {
  let asked = -1;
  return () => {
    const was = acted > asked || asked < 0;
    asked = performance.now();
    return was;
  };
}
