import { join, resolve } from "node:path";

/** The folder that holds package.json of the whole product (this file stands two folders below packages/). */
export const checkoutRoot = resolve(__dirname, "../../..");

/** Where everything private to this checkout lives. Git-ignored. */
export const localDirectory = join(checkoutRoot, ".local");
