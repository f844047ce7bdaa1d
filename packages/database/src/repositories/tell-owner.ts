import type { GenerationProblem } from "@vibe-friend/contracts/problem";
import type { Sql } from "../sql";
import { addNotification } from "./add-notification";
import type { WrittenBatch } from "./claim-records";

/** Characters of a prompt in a notification. */
const EXCERPT_LENGTH = 80;

/** SQL: enough of the prompt of `g` to tell its owner which generation it is. */
export const promptStart = "left(g.prompt, 400) as prompt_start";

/** An ended generation, as its owner is told of it. */
export interface EndedGeneration {
  readonly id: string;
  readonly user_id: string;
  readonly prompt_start: string;
}

type End =
  | { readonly kind: "completed"; readonly files: number }
  | { readonly kind: "failed"; readonly problem: GenerationProblem };

/** Puts the end of a generation into its owner's inbox, in the transaction that ends it. */
export async function tellOwner(
  tx: Sql,
  generation: EndedGeneration,
  end: End,
): Promise<WrittenBatch["inbox"]> {
  const prompt = `“${toExcerpt(generation.prompt_start)}”`;
  const notification =
    end.kind === "completed"
      ? {
          level: "success" as const,
          title: "Your program is ready",
          body: `${prompt} has ${end.files} ${end.files === 1 ? "file" : "files"}.`,
        }
      : { level: "error" as const, title: "A generation failed", body: `${prompt}: ${end.problem.title}.` };
  const userId = generation.user_id;
  const { kind } = end;
  const lastSeq = await addNotification(tx, { userId, generationId: generation.id, kind, ...notification });
  return lastSeq === undefined ? undefined : { userId, lastSeq };
}

function toExcerpt(prompt: string): string {
  const line = prompt.replace(/\s+/g, " ").trim();
  const characters = Array.from(new Intl.Segmenter().segment(line), ({ segment }) => segment);
  if (characters.length <= EXCERPT_LENGTH) return line;
  return `${characters.slice(0, EXCERPT_LENGTH).join("").trimEnd()}…`;
}
