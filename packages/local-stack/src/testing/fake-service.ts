import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ServiceProgram } from "../stack-services";

/** Answers `/readyz`, tells its environment on `/env`, and dies when FAIL is set. */
const source = `
const { createServer } = require("node:http");
if (process.env.FAIL === "yes") { console.error("PORT is not to my liking"); process.exit(3); }
const server = createServer((request, response) => {
  if (request.url === "/die") process.exit(7);
  response.end(JSON.stringify(process.env));
});
server.listen(Number(process.env.PORT), process.env.HOST, () => console.log("listening on", process.env.PORT));
process.on("SIGTERM", () => process.exit(0));
`;

/** Writes a small service into a folder. */
export function createFakeService(directory: string, name: string, isNumbered = false): ServiceProgram {
  const script = join(directory, "fake-service.cjs");
  writeFileSync(script, source);
  return { name, script, isNumbered };
}
