import { ProblemError } from "@vibe-friend/service-kit/problem-error";

/** One answer for an unknown address, a wrong password and a disabled account. */
export function invalidCredentials(): ProblemError {
  return new ProblemError("invalid_credentials");
}

/** One answer for a link that never was, is used, is too old, or whose account is disabled. */
export function invalidLink(): ProblemError {
  return new ProblemError("invalid_link");
}

export function registrationClosed(): ProblemError {
  return new ProblemError("registration_closed");
}

export function invalidPassword(message: string): ProblemError {
  return new ProblemError("invalid_request", { errors: [{ path: "password", message }] });
}
