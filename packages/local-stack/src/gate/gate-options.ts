export interface GateOptions {
  /** Everything, also what takes long. */
  readonly full: boolean;
  /** Only this part, for those who are at work on it. */
  readonly only?: "static" | "unit" | "e2e" | undefined;
  readonly build: () => Promise<{ ok: boolean; output: string }>;
}
