import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { queryClient } from "../query-client";
import { sessionQuery } from "./use-session";

/** Signs in by `enter`, then goes to `nextPath` as the person who was let in. */
export function useEnter<T>(enter: (input: T) => Promise<unknown>, nextPath: string) {
  const navigate = useNavigate();
  return useMutation({
    mutationFn: async (input: T) => {
      await enter(input);
      // Nothing of whoever was here before.
      queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== "session" });
      await queryClient.query({ ...sessionQuery, staleTime: 0 });
    },
    onSuccess: () => navigate(nextPath, { replace: true }),
  });
}
