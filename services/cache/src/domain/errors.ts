/** The id belongs to nobody. */
export class UnknownUser extends Error {
  override readonly name = "UnknownUser";
  readonly code = "not_found";
  readonly retryable = false;

  constructor() {
    super("there is no such user");
  }
}
