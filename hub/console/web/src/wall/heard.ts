// What happens to the operator's own streams: the one feed tells it, and each tile hears its own.

export type Listener = (name: string, data: unknown) => void;

interface Word {
  name: string;
  data: unknown;
}

/** Streams that the feed speaks of before their tile knows of them; a page has not many. */
const MOST_EARLY = 60;

const listeners = new Map<string, Listener>();
const early = new Map<string, Word[]>();

/** Takes what the feed says of a stream. */
export function told(value: unknown): void {
  const { look, kind, ...data } = value as { look: string; kind: string };
  const listener = listeners.get(look);
  if (listener) {
    listener(kind, data);
    return;
  }
  const words = early.get(look) ?? [];
  // A lease replaces the one before: only the newest is true.
  early.set(look, [...words.filter((word) => kind !== "lease" || word.name !== kind), { name: kind, data }]);
  for (const old of early.keys()) {
    if (early.size <= MOST_EARLY) break;
    early.delete(old);
  }
}

/** Tells a listener of one stream, beginning with what was said before; returns what stops it. */
export function hear(look: string, listener: Listener): () => void {
  listeners.set(look, listener);
  const before = early.get(look) ?? [];
  early.delete(look);
  for (const { name, data } of before) listener(name, data);
  return () => {
    if (listeners.get(look) === listener) listeners.delete(look);
  };
}
