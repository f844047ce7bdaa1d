import { describeCrashes } from "./describe-crashes";

// One of each kind; the full test walks through all.
const few =
  /^(claims\.(claim|appendEvents|complete):after|news\.logGrew:before|store\.submit:after|queue\.add:before)$/;

describeCrashes("A crash between two side effects", (point) => few.test(point), []);
