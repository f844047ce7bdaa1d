import { parseCookie } from "cookie";
import type { Authenticate } from "../domain/authenticate";
import { describeProblem, Refused } from "../domain/errors";
import type { NotificationLogger } from "../domain/ports";
import type { LiveServer, LiveSocket } from "./socket-server";

/** Over HTTPS, and on plain http://localhost. */
const cookieNames = ["__Host-gvf_session", "gvf_session"] as const;

export function sessionRoom(sessionId: string): string {
  return `session_${sessionId}`;
}

/** Lets in who has a session. The client gets the problem document as the error's `data`. */
export function authenticateHandshakes(
  io: LiveServer,
  { authenticate, logger }: { readonly authenticate: Authenticate; readonly logger: NotificationLogger },
): void {
  io.use((socket, next) => {
    authenticate(findToken(socket.handshake)).then(
      async (person) => {
        socket.data.person = person;
        await socket.join(sessionRoom(person.sessionId));
        next();
      },
      (error: unknown) => {
        if (!(error instanceof Refused)) logger.error("a handshake failed", { error });
        const problem = describeProblem(error);
        next(Object.assign(new Error(problem.title), { data: problem }));
      },
    );
  });
}

function findToken({ auth, headers }: LiveSocket["handshake"]): string | undefined {
  const given: unknown = auth["token"];
  if (given !== undefined) return typeof given === "string" && given.length <= 200 ? given : undefined;
  const cookies = parseCookie(headers.cookie ?? "");
  return cookieNames.map((name) => cookies[name]).find((token) => token !== undefined);
}
