import fc from "fast-check";

/** Processes of the model. */
export const processes = 3;

/** "slow": answers come 700 ms after they were true */
export type TruthState = "here" | "slow" | "away" | "hanging";

/** Something that happens in the model. */
export type ModelStep =
  | { readonly kind: "create"; readonly process: number }
  /** "find-beside": others go on meanwhile */
  | { readonly kind: "find" | "find-beside" | "revoke"; readonly process: number; readonly index: number }
  | { readonly kind: "link"; readonly process: number; readonly to: "up" | "down" | "frozen" }
  | { readonly kind: "truth"; readonly process: number; readonly to: TruthState }
  | { readonly kind: "server"; readonly to: "up" | "down" | "frozen" | "full" }
  | { readonly kind: "dump" | "restore" | "flush" }
  | { readonly kind: "wait"; readonly ms: number };

const anyProcess = fc.nat(processes - 1);
const index = fc.nat(3);

/** What may happen, the usual more often. */
const single: fc.Arbitrary<ModelStep> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("create" as const), process: anyProcess }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom("find" as const, "find-beside" as const),
      process: anyProcess,
      index,
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("revoke" as const), process: anyProcess, index }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("link" as const),
      process: anyProcess,
      to: fc.constantFrom("up" as const, "up" as const, "down" as const, "frozen" as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("truth" as const),
      process: anyProcess,
      to: fc.constantFrom<TruthState>("here", "here", "slow", "slow", "away", "hanging"),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("server" as const),
      to: fc.constantFrom("up" as const, "up" as const, "down" as const, "frozen" as const, "full" as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom("dump" as const, "restore" as const, "flush" as const) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      ms: fc.oneof(
        { weight: 4, arbitrary: fc.nat(40).map((steps) => steps * 10) },
        { weight: 2, arbitrary: fc.nat(250).map((steps) => steps * 10) },
        // What a process remembers of its own writes is over by then.
        { weight: 1, arbitrary: fc.constant(12_000) },
      ),
    }),
  },
);

/** As an index: what was created last. */
const newest = -1;

/** What goes wrong only in a certain order, which chance alone would take long to find. */
const story: fc.Arbitrary<ModelStep[]> = fc.constantFrom<ModelStep[]>(
  // Restored from before a revocation that everybody has long heard of.
  [
    { kind: "create", process: 0 },
    { kind: "dump" },
    { kind: "revoke", process: 0, index: newest },
    { kind: "wait", ms: 12_000 },
    { kind: "restore" },
    { kind: "wait", ms: 500 },
  ],
  // Put back by a slow process after the revocation, and after Redis has lost what was to keep it out.
  [
    { kind: "create", process: 0 },
    { kind: "flush" },
    { kind: "truth", process: 1, to: "slow" },
    { kind: "find-beside", process: 1, index: newest },
    { kind: "wait", ms: 50 },
    { kind: "revoke", process: 0, index: newest },
    { kind: "wait", ms: 100 },
    { kind: "flush" },
    { kind: "wait", ms: 500 },
  ],
  // Created by one whose command stays in the network until Redis has lost what was to keep it out.
  [
    { kind: "link", process: 1, to: "frozen" },
    { kind: "create", process: 1 },
    { kind: "revoke", process: 0, index: newest },
    { kind: "wait", ms: 12_000 },
    { kind: "flush" },
  ],
  // Revoked by one that can't tell Redis, while another can't ask the truth, for too long.
  [
    { kind: "create", process: 0 },
    { kind: "truth", process: 1, to: "away" },
    { kind: "link", process: 0, to: "down" },
    { kind: "link", process: 2, to: "down" },
    { kind: "revoke", process: 0, index: newest },
    { kind: "wait", ms: 12_000 },
  ],
  // Revoked by one that is cut off, while Redis and everybody else are well.
  [
    { kind: "create", process: 0 },
    { kind: "link", process: 2, to: "frozen" },
    { kind: "revoke", process: 2, index: newest },
    { kind: "wait", ms: 200 },
  ],
);

/** Something that happens, alone or as the next part of a story. */
export const modelSteps: fc.Arbitrary<ModelStep[]> = fc
  .array(fc.oneof({ weight: 20, arbitrary: single.map((step) => [step]) }, { weight: 1, arbitrary: story }), {
    minLength: 5,
    maxLength: 40,
    size: "max",
  })
  .map((parts) => parts.flat());
