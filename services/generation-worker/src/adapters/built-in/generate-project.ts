import type { ProjectFile } from "./project-model";
import { readModel } from "./reading/read-model";
import { finishFile, planProject } from "./writing/write-project";

/**
 * The whole project for a prompt at once, for those who don't watch it grow.
 *
 * @throws {EngineError} `nothing_to_build`
 */
export async function generateProject(prompt: string): Promise<{ files: ProjectFile[] }> {
  const files: ProjectFile[] = [];
  for (const planned of planProject(readModel(prompt), prompt)) files.push(await finishFile(planned));
  return { files };
}
