// A quiet sound for what is new; silent until the first key or click, as browsers want it.

import { signal } from "@preact/signals";

const KEPT = "rtcc.sound";

export const sound = signal(globalThis.localStorage?.getItem(KEPT) !== "off");

let context: AudioContext | null = null;

/** Waits for the first key or click; returns what stops waiting and frees the device. */
export function readySound(): () => void {
  const wake = () => {
    if (!("AudioContext" in globalThis)) return;
    context ??= new AudioContext();
    if (context.state === "suspended") void context.resume();
  };
  const away = new AbortController();
  for (const kind of ["keydown", "pointerdown"]) {
    addEventListener(kind, wake, { once: true, signal: away.signal });
  }
  return () => {
    away.abort();
    void context?.close();
    context = null;
  };
}

export function toggleSound(): void {
  sound.value = !sound.value;
  localStorage.setItem(KEPT, sound.value ? "on" : "off");
  if (sound.value) ring("new");
}

/** Two soft tones: rising for what is new, falling for what waits for a supervisor. */
const TONES = { new: [587, 880], approval: [659, 494] } as const;
const LOUDNESS = 0.12;

export function ring(what: keyof typeof TONES): void {
  if (!sound.value || context?.state !== "running") return;
  const start = context.currentTime;
  for (const [index, frequency] of TONES[what].entries()) {
    const at = start + index * 0.18;
    const tone = new OscillatorNode(context, { frequency });
    const volume = new GainNode(context, { gain: 0 });
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(LOUDNESS, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.35);
    tone.connect(volume).connect(context.destination);
    tone.start(at);
    tone.stop(at + 0.4);
  }
}
