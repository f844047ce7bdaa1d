import {
  cutFiles,
  rateLimit,
  writeFiles,
  type ModelFile,
} from "@vibe-friend/local-stack/testing/model-scripts";
import {
  startOpenAiTestServer,
  type OpenAiTestServer,
} from "@vibe-friend/local-stack/testing/openai-test-server";
import type { SeededRandom } from "./seeded-random";

const files: readonly ModelFile[] = ["README.md", "docs/one.md", "docs/two.md", "docs/three.md"].map(
  (path) => ({
    path,
    content: `# ${path}\n\n${"A line of text that says little.\n".repeat(20)}`,
  }),
);

/** An endpoint that answers well most of the time, and else does what endpoints do. */
export async function startUnreliableModel(random: SeededRandom): Promise<OpenAiTestServer> {
  const server = await startOpenAiTestServer();
  server.play(async (exchange) => {
    const afterCharacters = random.between(100, 2_500);
    const dice = random.next();
    if (dice < 0.65) await writeFiles(files, 8_000)(exchange);
    else if (dice < 0.72) await rateLimit(1)(exchange);
    else if (dice < 0.79) exchange.status(500, { error: { message: "no" } });
    else if (dice < 0.86) await cutFiles(files, { afterCharacters, by: "reset" })(exchange);
    else if (dice < 0.92) await cutFiles(files, { afterCharacters, by: "silence" })(exchange);
    else if (dice < 0.97) await cutFiles(files, { afterCharacters, by: "length" })(exchange);
    else await cutFiles(files, { afterCharacters, by: "hanging" })(exchange);
  });
  return server;
}
