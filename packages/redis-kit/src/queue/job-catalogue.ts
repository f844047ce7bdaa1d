import type { ZodType, output } from "zod";

/** The jobs of a queue: name and the schema of its data. */
export type JobCatalogue = Readonly<Record<string, ZodType>>;

/** The names of a catalogue's jobs. */
export type JobName<C extends JobCatalogue> = Extract<keyof C, string>;

/** The data of one of its jobs. */
export type JobData<C extends JobCatalogue, N extends JobName<C>> = output<C[N]>;

/** Names the jobs of a queue once, for its producers and its consumers. */
export function defineJobs<const C extends JobCatalogue>(jobs: C): C {
  return jobs;
}

/** Checks a job's data at both ends of the queue. @throws {ZodError} */
export function parseJobData<C extends JobCatalogue, N extends JobName<C>>(
  catalogue: C,
  name: N,
  data: unknown,
): JobData<C, N> {
  // Indexing a generic catalogue loses which schema it is.
  return catalogue[name]?.parse(data) as JobData<C, N>;
}

/** Is this the name of one of the catalogue's jobs? An older or newer process may know others. */
export function isJobName<C extends JobCatalogue>(catalogue: C, name: string): name is JobName<C> {
  return Object.hasOwn(catalogue, name);
}
