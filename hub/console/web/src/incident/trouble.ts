// Says in words what went wrong with an act, and what to do.

import { Problem } from "../api/http";
import { t } from "./words";

export function troubleWith(error: unknown): string {
  if (!(error instanceof Problem)) return t("failed");
  switch (error.slug) {
    case "unreachable":
      return t("unreachable");
    case "incident-closed":
      return t("isClosed");
    case "nothing-waits":
      return t("nothingWaits");
    case "review-overdue":
      return t("reviewOverdue");
    case "review-signed":
      return t("reviewSigned");
    case "picture-gone":
      return t("pictureGone");
    case "rate-limited":
      return t("tooMany", { seconds: error.retryAfter ?? 1 });
    case "session-locked":
    case "unauthenticated":
      return t("signedOut");
    case "not-found":
      return t("notFound");
    case "store-failed":
    case "internal":
      return t("failed");
    default:
      // The hub's own sentence says which thing it is.
      return error.message || t("failed");
  }
}
