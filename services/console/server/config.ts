import { httpSection } from "@vibe-friend/service-kit/config-sections";

/** PORT, HOST. */
export const sections = { http: httpSection({ port: 8085 }) };
