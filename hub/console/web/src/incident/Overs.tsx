// What lies over everything now: at most one dialog.

import { may } from "../state/store";
import { Approvals } from "../supervisor/Approvals";
import { Reviews } from "../supervisor/Reviews";
import { over } from "./acts";
import { BreakGlass } from "./BreakGlass";
import { CloseIncident } from "./CloseIncident";
import { Summary } from "./Summary";

export function Overs() {
  const now = over.value;
  if (!now) return null;
  // What is open may be followed by another one before the browser tells that it closed.
  const close = () => {
    if (over.value === now) over.value = null;
  };
  switch (now.what) {
    case "close":
      return <CloseIncident key={now.incident} incident={now.incident} onClose={close} />;
    case "glass":
      return <BreakGlass key={now.incident} incident={now.incident} onClose={close} />;
    case "summary":
      return <Summary key={now.incident} incident={now.incident} onClose={close} />;
    case "approvals":
      return may("approvals:write") ? <Approvals onClose={close} /> : null;
    case "reviews":
      return may("reviews:write") ? <Reviews onClose={close} /> : null;
  }
}
