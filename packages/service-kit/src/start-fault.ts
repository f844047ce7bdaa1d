/** Why a process can't start, in one line a person can act on. */
export class StartFault extends Error {
  override readonly name = "StartFault";
  readonly code = "start_failed";
}
