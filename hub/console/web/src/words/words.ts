// Words in English and Spanish: each room has its own, and all follow one choice of language.

import { signal } from "@preact/signals";

export type Language = "en" | "es";
const KEPT = "rtcc.language";

export const language = signal<Language>(first());

function first(): Language {
  const kept = globalThis.localStorage?.getItem(KEPT);
  if (kept === "en" || kept === "es") return kept;
  return globalThis.navigator?.language.toLowerCase().startsWith("es") ? "es" : "en";
}

export function choose(wanted: Language): void {
  language.value = wanted;
  localStorage.setItem(KEPT, wanted);
  document.documentElement.lang = wanted;
}

export type Params = Readonly<Record<string, string | number>>;
export type Words<K extends string> = (key: K, params?: Params) => string;

/** Returns the words of a room; `{name}` in a text is replaced by the parameter of that name. */
export function words<K extends string>(
  texts: Readonly<Record<Language, Readonly<Record<K, string>>>>,
): Words<K> {
  return (key, params = {}) =>
    texts[language.value][key].replace(/\{(\w+)\}/g, (whole, name: string) =>
      name in params ? String(params[name]) : whole,
    );
}
