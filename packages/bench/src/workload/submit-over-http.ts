import type { HttpPool } from "./http-pool";
import type { Person } from "./person";

/** Short: one small resource, 30 files, some 370 events, 31 KB. */
export const shortPrompt = "a list of notes (title)";

/** The server had too much to do, or a part of it was away. */
export class TurnedAway extends Error {
  override readonly name = "TurnedAway";
}

/**
 * Asks the gateway for a generation.
 *
 * @returns its id; with mode "sync" once it has ended
 * @throws {TurnedAway} when the answer is 429 or 5xx
 * @throws {Error} when it is not taken for another reason, or in mode "sync" hasn't completed
 */
export async function submitOverHttp(
  pool: HttpPool,
  person: Person,
  request: { readonly prompt: string; readonly mode?: "sync" },
): Promise<string> {
  const path = "/api/v1/generations";
  const { status, body } = await pool.ask({ method: "POST", path, person, body: request });
  if (status === 429 || status >= 500) throw new TurnedAway(`submitting was answered ${status}`);
  if (status !== (request.mode === "sync" ? 200 : 202)) {
    throw new Error(`submitting was answered ${status} ${body.slice(0, 200)}`);
  }
  const { generation } = JSON.parse(body) as { generation: { id: string; status: string } };
  if (request.mode === "sync" && generation.status !== "completed") {
    throw new Error(`a generation ended ${generation.status}`);
  }
  return generation.id;
}
