/** One request with a session, as the person sees it. */
export interface SessionProbe {
  readonly session: string;
  /** as `api-gateway-1` */
  readonly gateway: string;
  readonly sentAt: number;
  readonly answeredAt: number;
  /** undefined: nobody answered */
  readonly status: number | undefined;
}

/** A sign-out that was answered. */
export interface Revocation {
  readonly session: string;
  /** When it was asked for, and when it was answered; ms on the same clock as the probes. */
  readonly askedAt: number;
  readonly answeredAt: number;
}

/** Sessions that were accepted after their end, or refused before it. */
export function findSessionFaults(
  probes: readonly SessionProbe[],
  revocations: readonly Revocation[],
  { acceptedForMs }: { readonly acceptedForMs: number },
): string[] {
  const ended = new Map(revocations.map((revocation) => [revocation.session, revocation]));
  return probes.flatMap(({ session, gateway, sentAt, answeredAt, status }) => {
    const revocation = ended.get(session);
    if (status === 401 && (revocation === undefined || answeredAt < revocation.askedAt))
      return [`${gateway} refused ${session}, which nobody had ended`];
    if (status !== 200 || revocation === undefined || sentAt <= revocation.answeredAt + acceptedForMs)
      return [];
    return [`${gateway} accepted ${session} ${sentAt - revocation.answeredAt} ms after its end was answered`];
  });
}
