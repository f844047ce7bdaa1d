import { useQuery } from "@tanstack/react-query";
import { applyEvents, emptyGenerationView, type GenerationView } from "@vibe-friend/client/generation-view";
import type { GenerationEvent } from "@vibe-friend/contracts/generation-event";
import { isEnded, type Generation } from "@vibe-friend/contracts/generation";
import { useEffect, useRef, useState } from "react";
import { client } from "../client";
import { noticeSignedOut, queryClient } from "../query-client";
import { createFrameBatch } from "./frame-batch";
import { generationQuery } from "./generation-queries";

export interface LiveGeneration {
  /** The stored generation: undefined while it is loaded. */
  readonly generation: Generation | undefined;
  /** What its events have told so far. */
  readonly view: GenerationView;
  /** Why there is nothing to show, or why no more events come. */
  readonly error: unknown;
  readonly reload: () => void;
}

/**
 * Reads a generation's whole log and goes on live until it has ended, wherever the page was opened. When it
 * is retried, here or elsewhere, it goes on after the last event.
 */
export function useGeneration(id: string): LiveGeneration {
  const stored = useQuery(generationQuery(id));
  const [view, setView] = useState(emptyGenerationView);
  const [failure, setFailure] = useState<{ run: number; error: unknown }>();
  // A run of the reader is named by the position that made it start; the first one by 0.
  const [run, setRun] = useState(0);
  const [endedRun, setEndedRun] = useState<number>();
  const lastSeq = useRef(0);

  const isLonger = stored.data !== undefined && stored.data.lastSeq > view.lastSeq;
  if (endedRun === run && isLonger && run !== stored.data.lastSeq) setRun(stored.data.lastSeq);

  useEffect(() => {
    const stop = new AbortController();
    const batch = createFrameBatch<GenerationEvent>((events) => {
      lastSeq.current = events.at(-1)?.seq ?? lastSeq.current;
      setView((before) => applyEvents(before, events));
    });
    async function read(): Promise<void> {
      const after = lastSeq.current;
      for await (const event of client.generations.follow(id, { after, signal: stop.signal }))
        batch.add(event);
      if (stop.signal.aborted) return;
      batch.flush();
      setEndedRun(run);
      await refreshStored(id);
    }
    read().catch((error: unknown) => {
      if (stop.signal.aborted) return;
      noticeSignedOut(error);
      setFailure({ run, error });
    });
    return () => {
      stop.abort();
      batch.discard();
    };
  }, [id, run]);

  return {
    generation: stored.data,
    view,
    error: stored.data === undefined ? stored.error : failure?.run === run ? failure.error : null,
    reload() {
      void stored.refetch();
      // Any number that wasn't used yet.
      setRun((before) => before - 1);
    },
  };
}

async function refreshStored(id: string): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: ["generation", id] }),
    queryClient.invalidateQueries({ queryKey: ["generation-files", id] }),
    queryClient.invalidateQueries({ queryKey: ["generations"] }),
  ]);
}

/** The events know sooner than the stored generation, once the first has come. */
export function currentStatus(generation: Generation, view: GenerationView): Generation["status"] {
  if (view.lastSeq === 0 || (isEnded(generation.status) && view.lastSeq < generation.lastSeq)) {
    return generation.status;
  }
  return view.status;
}
