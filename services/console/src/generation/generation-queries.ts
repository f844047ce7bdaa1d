import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { isEnded, type GenerationStatus } from "@vibe-friend/contracts/generation";
import { client } from "../client";

const OPEN_REFETCH_MS = 3_000;

export function generationQuery(id: string) {
  return queryOptions({
    queryKey: ["generation", id],
    queryFn: ({ signal }) => client.generations.get(id, { signal }),
  });
}

export function filesQuery(id: string) {
  return queryOptions({
    queryKey: ["generation-files", id],
    queryFn: ({ signal }) => client.generations.files(id, { signal }),
    staleTime: Infinity,
  });
}

export function fileTextQuery(id: string, path: string) {
  return queryOptions({
    queryKey: ["generation-files", id, path],
    queryFn: ({ signal }) => client.generations.readFile(id, path, { signal }),
    staleTime: Infinity,
  });
}

/** The newest few; looked at again while one of them is not finished. */
export const recentQuery = queryOptions({
  queryKey: ["generations", "recent"],
  queryFn: ({ signal }) => client.generations.list({ limit: 5, signal }),
  refetchInterval: ({ state }) =>
    state.data?.items.some(({ status }) => !isEnded(status)) === true ? OPEN_REFETCH_MS : false,
});

export interface HistoryFilter {
  readonly q: string;
  readonly status: GenerationStatus | undefined;
}

export function historyQuery({ q, status }: HistoryFilter) {
  return infiniteQueryOptions({
    queryKey: ["generations", "history", q, status],
    queryFn: ({ pageParam, signal }) =>
      client.generations.list({ q, status, cursor: pageParam, limit: 20, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ items }) => items.some((item) => !isEnded(item.status))) === true
        ? OPEN_REFETCH_MS
        : false,
  });
}
