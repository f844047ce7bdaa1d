import type { PeerState } from "./peer-packages";

/** What an entrant needs to know of its peer. */
export function placePeer(state: PeerState): { readonly directory: string; readonly missing?: string } {
  return state.kind === "installed"
    ? { directory: state.directory }
    : { directory: "", missing: state.reason };
}
