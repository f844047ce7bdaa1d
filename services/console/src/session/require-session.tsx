import { useEffect, useSyncExternalStore } from "react";
import { Navigate, Outlet, useLocation } from "react-router";
import { client } from "../client";
import { queryClient } from "../query-client";
import { ErrorState } from "../shell/error-state";
import { PageLoader } from "../shell/page-loader";
import { withNextPath } from "./next-path";
import { sessionQuery, useSession } from "./use-session";

/** What is inside needs a session; without one: sign in, and come back here. */
export function RequireSession() {
  const location = useLocation();
  const session = useSession();
  useSessionEnd();
  if (session.data === null) {
    return <Navigate to={withNextPath("/sign-in", location.pathname + location.search)} replace />;
  }
  // A session that was known stays so while the server can't be asked.
  if (session.data !== undefined) return <Outlet />;
  if (session.isError)
    return <ErrorState error={session.error} onRetry={() => void session.refetch()} fullPage />;
  return <PageLoader />;
}

/** The live connection learns first that a session was revoked elsewhere. */
function useSessionEnd(): void {
  const { connection } = useSyncExternalStore(client.status.subscribe, client.status.current);
  useEffect(() => {
    if (connection === "refused") void queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey });
  }, [connection]);
}
