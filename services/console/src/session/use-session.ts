import { queryOptions, useQuery } from "@tanstack/react-query";
import { client } from "../client";

/** Who is signed in; null when nobody is. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async ({ signal }) => (await client.auth.session({ signal })) ?? null,
  staleTime: 60_000,
});

export function useSession() {
  return useQuery(sessionQuery);
}
