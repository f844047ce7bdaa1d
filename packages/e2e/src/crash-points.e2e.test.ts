import { describeCrashes } from "./describe-crashes";

// One of each kind; the full test walks through all.
const few = /^(claims\.(appendEvents|complete)|store\.submit):after$/;

describeCrashes("A crash between two side effects", (point) => few.test(point), []);
