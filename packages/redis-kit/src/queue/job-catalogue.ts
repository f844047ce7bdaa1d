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
