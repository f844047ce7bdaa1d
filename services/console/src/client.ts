import { createClient } from "@vibe-friend/client/client";

/** The one client of this page; the gateway is the page's own origin. */
export const client = createClient();
