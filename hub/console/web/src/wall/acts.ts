// The wall's keys.

import { register } from "../keys/keys";
import { numbered } from "../map/nearest";
import { focused, incident, may, wall } from "../state/store";
import { goTo, toggleFull } from "./full";
import { keepStill } from "./keep";
import { marker } from "./marking";
import { step } from "./order";
import { closeTile, openTiles, tileOf, toggle } from "./tiles";
import { t } from "./words";

const DIGITS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

export function wallKeys(): () => void {
  const group = () => t("group");
  const some = () => wall.value.length > 0;
  const one = () => tileOf(focused.value) !== null;
  const on = (act: (id: string) => void) => () => {
    if (focused.value) act(focused.value);
  };
  const go = (by: 1 | -1) => () => {
    const id = step(wall.value, focused.value, by);
    focused.value = id;
    goTo(id);
  };
  return register(
    {
      keys: DIGITS,
      label: () => t("keyOpen"),
      group,
      when: () => numbered.value.length > 0,
      run: (event) => {
        const camera = numbered.value[Number(event.key) - 1];
        if (!camera) return;
        openTiles([camera.camera]);
        requestAnimationFrame(() => goTo(camera.camera));
      },
    },
    {
      keys: ["0"],
      label: () => t("keyClose"),
      group,
      when: one,
      run: on((id) => {
        closeTile(id);
        goTo(focused.value);
      }),
    },
    { keys: ["["], label: () => t("keyPrevious"), group, when: some, run: go(-1) },
    { keys: ["]"], label: () => t("keyNext"), group, when: some, run: go(1) },
    { keys: ["l"], label: () => t("keyStills"), group, when: one, run: on(toggle) },
    {
      keys: ["s"],
      label: () => t("keep"),
      group,
      when: () => one() && may("pictures:write") && (incident.value?.open ?? false),
      run: on((id) => void keepStill(id)),
    },
    { keys: ["f"], label: () => t("full"), group, when: one, run: on((id) => void toggleFull(id)) },
    {
      keys: ["x"],
      label: () => t("mark"),
      group,
      when: () => one() && marker.value !== null,
      run: on((id) => marker.value?.(id)),
    },
  );
}
