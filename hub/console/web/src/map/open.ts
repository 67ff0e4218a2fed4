// Opens cameras on the wall from the map.

import { batch } from "@preact/signals";
import { focused, wall } from "../state/store";

export function openCameras(ids: readonly string[]): void {
  const fresh = ids.filter((id) => !wall.value.includes(id));
  batch(() => {
    if (fresh.length > 0) wall.value = [...wall.value, ...fresh];
    focused.value = ids[0] ?? focused.value;
  });
}
