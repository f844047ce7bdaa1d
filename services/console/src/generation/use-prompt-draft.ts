import { useState } from "react";

const KEY = "vibe-friend-draft";

function loadDraft(): string {
  try {
    return sessionStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}

/** Puts a text where the prompt box finds it. */
export function saveDraft(text: string): void {
  try {
    if (text === "") sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, text);
  } catch {
    // Storage may be forbidden or full; the draft then lives as long as the page.
  }
}

/** The text being written; it survives a reload and a sign-in that was needed in between. */
export function usePromptDraft(): [string, (text: string) => void] {
  const [draft, setDraft] = useState(loadDraft);
  return [
    draft,
    (text) => {
      setDraft(text);
      saveDraft(text);
    },
  ];
}
