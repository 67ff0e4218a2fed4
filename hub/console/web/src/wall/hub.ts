// How tiles ask the hub: no faster than it allows, and leaving connections for everything else.

import { createApi } from "../../../../streams/pages/api.js";
import type { Api } from "../../../../streams/pages/api.js";
import { session } from "../state/store";
import { pace } from "./pace";

/** The hub lets one operator begin two streams a second. */
const STREAMS = { most: 2, every: 520 };
/** A home takes its time for a still; of six connections one is the feed's, and one stays free. */
const STILLS = { most: 2, every: 0 };

const streams = pace(STREAMS);
const stills = pace(STILLS);

/** Returns what asks in the operator's session; `refused` is told how long the hub wants to rest. */
export function tilesHub(refused: (wait: number) => void = () => undefined): Api {
  const api = createApi({ csrf: session.value?.csrf ?? "" });
  return {
    now: api.now,
    async ask(method, path, question = {}) {
      const act = () => api.ask(method, path, question);
      try {
        if (method === "POST" && path.endsWith("/whep")) return await streams(act, question.signal);
        if (method === "POST" && path.endsWith("/looks")) return await stills(act, question.signal);
        return await act();
      } catch (error) {
        refused((error as { wait?: number }).wait ?? 0);
        throw error;
      }
    },
  };
}
