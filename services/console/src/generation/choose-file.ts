import type { GenerationView } from "@vibe-friend/client/generation-view";

interface Choice {
  readonly view: GenerationView;
  /** All paths there are. */
  readonly paths: readonly string[];
  /** What the person picked, if anything. */
  readonly picked: string | undefined;
  /** It had ended before the page was opened, so nobody watched it grow. */
  readonly openedEnded: boolean;
}

/** The file to show: the one that was picked, else the newest, else (of an old generation) its README. */
export function chooseFile({ view, paths, picked, openedEnded }: Choice): string | undefined {
  if (picked !== undefined && paths.includes(picked)) return picked;
  if (openedEnded) return paths.find((path) => path === "README.md") ?? paths[0];
  const newest = view.newestPath;
  return newest !== undefined && paths.includes(newest) ? newest : paths[0];
}
