export interface LinkFragment {
  readonly token: string;
  /** Whose link it is, when the link says so. */
  readonly email: string | undefined;
}

/** Reads `#token=…&email=…`. The part after # never reaches a server or its logs. */
export function readLinkFragment(hash: string): LinkFragment | undefined {
  const values = new URLSearchParams(hash.replace(/^#/, ""));
  const token = values.get("token")?.trim() ?? "";
  const email = values.get("email")?.trim() ?? "";
  return token === "" ? undefined : { token, email: email === "" ? undefined : email };
}
