// What marks a sighting on a camera; the trace says how, once it is there.

import { signal } from "@preact/signals";

export const marker = signal<((camera: string) => void) | null>(null);
