import { createHash, type Hash } from "node:crypto";
import type { GenerationEventBody } from "@vibe-friend/contracts/generation-event";

/** The same text for the same event, whatever order its fields came in. */
export function describeEvent(seq: number, event: GenerationEventBody): string {
  const fields = event as Readonly<Record<string, unknown>>;
  const known = eventFields.map((name) => fields[name] ?? null);
  return JSON.stringify([seq, ...known]);
}

const eventFields = [
  "type",
  "attempt",
  "percent",
  "stage",
  "path",
  "op",
  "text",
  "bytes",
  "sha256",
  "level",
  "message",
  "files",
];

/** Grows with each event; two histories are the same exactly when their digests are. */
export function createHistoryDigest(): {
  add(seq: number, event: GenerationEventBody): void;
  read(): string;
} {
  const hash: Hash = createHash("sha1");
  return {
    add(seq, event) {
      hash.update(describeEvent(seq, event));
    },
    read: () => hash.copy().digest("hex"),
  };
}
