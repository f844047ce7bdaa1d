import type { ProjectFile, ProjectModel, Resource } from "../project-model";
import { writeEntity } from "./entity";
import { formatCode } from "./format-code";
import { writeHttpFiles } from "./http-files";
import { MIGRATION_FILE, writeMigration } from "./migration";
import { writeContainerFiles, writeProjectFiles } from "./project-files";
import { writeReadme } from "./readme";
import { writeRoutes } from "./routes";
import { writeSchema } from "./schema";
import { writeServiceFiles } from "./service-files";
import { writeTestFiles } from "./test-files";

/** A file that is yet to be laid out, with the stage of the work it belongs to. */
export interface PlannedFile extends ProjectFile {
  readonly stage: string;
}

/** All files of the project, in the order in which they read best. */
export function planProject(model: ProjectModel, prompt: string): PlannedFile[] {
  const inStage = (stage: string, files: readonly ProjectFile[]): PlannedFile[] =>
    files.map((file) => ({ ...file, stage }));
  return [
    ...inStage("Describing the project", [
      { path: "README.md", content: writeReadme(model, prompt) },
      ...writeProjectFiles(model),
    ]),
    ...model.resources.flatMap((resource) =>
      inStage(`Writing ${resource.names.labelPlural}`, resourceFiles(resource)),
    ),
    ...inStage("Writing the migration", [
      { path: `src/database/migrations/${MIGRATION_FILE}.ts`, content: writeMigration(model) },
    ]),
    ...inStage("Writing the service", [...writeServiceFiles(model), ...writeHttpFiles(model)]),
    ...inStage("Writing the tests", writeTestFiles(model)),
    ...inStage("Packing it up", writeContainerFiles(model)),
  ];
}

/** The file as it is handed over. */
export async function finishFile({ path, content }: ProjectFile): Promise<ProjectFile> {
  return { path, content: path.endsWith(".ts") ? await formatCode(content) : content };
}

function resourceFiles(resource: Resource): ProjectFile[] {
  const { kebab, kebabPlural } = resource.names;
  const folder = `src/${kebabPlural}`;
  return [
    { path: `${folder}/${kebab}.entity.ts`, content: writeEntity(resource) },
    { path: `${folder}/${kebab}.schema.ts`, content: writeSchema(resource) },
    { path: `${folder}/${kebab}.routes.ts`, content: writeRoutes(resource) },
  ];
}
