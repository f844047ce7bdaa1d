import { join } from "node:path";
import { listenHttp } from "@vibe-friend/service-kit/listen-http";
import { startService } from "@vibe-friend/service-kit/start-service";
import { createApp } from "./app";
import { sections } from "./config";

startService("console", sections, async ({ config, logger, metrics, health, lifecycle }) => {
  const app = createApp({ logger, metrics, health, webRoot: join(__dirname, "../web") });
  await listenHttp({ app, http: config.http, logger, lifecycle });
});
