import { ProblemError } from "@vibe-friend/service-kit/problem-error";

/** Long answers that a person has open through this process. */
export interface StreamCount {
  /** @returns to be called when it has ended. @throws quota_exceeded, with Retry-After */
  enter(userId: string): () => void;
  hasRoom(userId: string): boolean;
}

/** @param name what is counted, for the person who has too many */
export function createStreamCount(name: string, max: number): StreamCount {
  const open = new Map<string, number>();
  const hasRoom = (userId: string) => (open.get(userId) ?? 0) < max;
  return {
    hasRoom,
    enter(userId) {
      if (!hasRoom(userId)) {
        const detail = `At most ${max} ${name} may be open at once; close one first.`;
        throw new ProblemError("quota_exceeded", { detail, retryAfterSeconds: 5 });
      }
      open.set(userId, (open.get(userId) ?? 0) + 1);
      return () => {
        const left = (open.get(userId) ?? 1) - 1;
        if (left > 0) open.set(userId, left);
        else open.delete(userId);
      };
    },
  };
}
