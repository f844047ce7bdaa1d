import { join, resolve } from "node:path";

/** The folder that holds package.json of the whole product (this file stands two folders below packages/). */
export const checkoutRoot = resolve(__dirname, "../../..");

const ownDirectory = join(checkoutRoot, ".local");

/** Where everything private to this checkout lives: `.local/`, git-ignored, unless VIBE_LOCAL_DIR says otherwise. */
export const localDirectory = resolve(process.env["VIBE_LOCAL_DIR"] ?? ownDirectory);

/** Programs that were unpacked for this checkout; the same wherever its data lives. */
export const toolsDirectory = join(ownDirectory, "tools");
