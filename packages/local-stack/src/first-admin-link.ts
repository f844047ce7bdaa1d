import { existsSync } from "node:fs";
import { join } from "node:path";
import { checkoutRoot } from "./checkout";
import { runNodeScript } from "./node-script";

const script = join(checkoutRoot, "services/auth/dist/first-admin-cli.js");

/** @returns a one-time sign-in link, as long as no administrator has signed in yet */
export async function findFirstAdminLink(env: Readonly<Record<string, string>>): Promise<string | undefined> {
  if (!existsSync(script)) return undefined;
  const output = await runNodeScript(script, { env, timeoutMs: 20_000 });
  const answer = output
    .trim()
    .split("\n")
    .findLast((line) => line.startsWith("{"));
  if (answer === undefined) return undefined;
  return (JSON.parse(answer) as { link: string | null }).link ?? undefined;
}
