// Words of the access log.

import { words } from "../words/words";
import { KINDS } from "./entry";
import { en } from "./english";
import { es } from "./spanish";

export const t = words({ en, es });

export function kindIn(kind: string): string {
  const known = KINDS.find((one) => one === kind);
  return known ? t(`kind_${known}`) : kind;
}

export function roleIn(role: string | null): string {
  const name = `role_${role}`;
  return name in en ? t(name as keyof typeof en) : (role ?? "");
}
