import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { ProblemError } from "@vibe-friend/client/problem-error";

/** The client has retried what may be retried, so a failed query is failed. */
export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: noticeSignedOut }),
  mutationCache: new MutationCache({ onError: noticeSignedOut }),
  defaultOptions: { queries: { retry: false, staleTime: 5_000 }, mutations: { retry: false } },
});

/** Any 401 means that the session is over: whoever needs one goes to the sign-in page and comes back. */
export function noticeSignedOut(error: unknown): void {
  if (error instanceof ProblemError && error.code === "unauthenticated") {
    queryClient.setQueryData(["session"], null);
  }
}
