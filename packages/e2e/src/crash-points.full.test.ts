import { describeCrashes } from "./describe-crashes";

describeCrashes("A crash at every point there is", () => true, [
  // Archives are built too fast to be handed back, and unused for too short to be removed.
  /^archives\.(handBack|removeUnused)/,
]);
