// Keeps a still with the incident: only what a home signed is a picture there, never a frame of a video.

import { ask, Problem, send } from "../api/http";
import { incident, may, tell } from "../state/store";
import { shortName } from "./names";
import { because } from "./reasons";
import { change, tileOf } from "./tiles";
import { t } from "./words";

/** A live tile gives a new still of now, which is a look; a tile of stills gives the one it shows. */
export async function keepStill(id: string): Promise<void> {
  const mine = incident.value;
  const tile = tileOf(id);
  if (!mine?.open || !tile || tile.keeping || !may("pictures:write")) return;
  change(id, { kind: "keeping", keeping: true });
  const name = shortName(tile);
  try {
    const shown = tile.phase === "stills" ? tile.still?.look : undefined;
    const picture = await attach(mine.id, id, shown);
    tell(t("kept", { name }), "good", () => void ask("DELETE", `pictures/${picture}`).catch(failed));
  } catch (error) {
    failed(error);
  } finally {
    change(id, { kind: "keeping", keeping: false });
  }

  function failed(error: unknown): void {
    tell(t("keptNot", { name, why: because(error instanceof Problem ? error.slug : "") }), "bad");
  }
}

async function attach(mine: string, camera: string, shown?: string): Promise<string> {
  try {
    return await attached(shown ?? (await taken(mine, camera)));
  } catch (error) {
    const gone = shown && error instanceof Problem && error.slug === "picture-gone";
    if (!gone) throw error;
    return await attached(await taken(mine, camera));
  }
}

async function taken(mine: string, camera: string): Promise<string> {
  const answer = await send("POST", `incidents/${mine}/looks`, { body: { camera, scope: "snapshot" } });
  await answer.body?.cancel();
  return answer.headers.get("RTCC-Look") ?? "";
}

async function attached(look: string): Promise<string> {
  return (await ask<{ id: string }>("POST", `looks/${encodeURIComponent(look)}/attachment`)).id;
}
