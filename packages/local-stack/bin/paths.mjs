import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
/** The checkout's own, whatever VIBE_LOCAL_DIR says: builds of one checkout wait for each other. */
export const checkoutLocal = join(root, ".local");
export const local = resolve(process.env.VIBE_LOCAL_DIR ?? checkoutLocal);
