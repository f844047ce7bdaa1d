import { config } from "zod/v4/core";

// Compiling schemas to functions is what the page's policy forbids. Imported before any schema is made.
config({ jitless: true });
