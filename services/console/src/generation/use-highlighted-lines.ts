import { useEffect, useMemo, useRef, useState } from "react";
import { findLanguage, loadHighlight } from "./highlighter";
import { extendHighlight, renderLines, type HighlightedPrefix } from "./highlight-lines";

/** Characters up to which a finished text is highlighted once more as a whole; it takes about 100 ms. */
const WHOLE_LIMIT = 150_000;
/** Highlighting may take a quarter of the time: after one that took 10 ms comes a rest of 30. */
const REST_FACTOR = 3;
const SHORTEST_REST_MS = 40;

/**
 * The lines of a text as HTML. While it grows, what has come since the last highlighting is plain for a
 * moment and only the growth is highlighted.
 */
export function useHighlightedLines(path: string, text: string, grows: boolean): readonly string[] {
  const [prefix, setPrefix] = useState<HighlightedPrefix & { path: string }>();
  const restUntil = useRef(0);

  useEffect(() => {
    const language = findLanguage(path);
    if (language === undefined || text === "") return;
    let isCurrent = true;
    // The rest belongs to one file; another one is highlighted at once.
    const restMs = grows && prefix?.path === path ? restUntil.current - performance.now() : 0;
    const timer = setTimeout(
      () => {
        void loadHighlight(language)
          .then((highlight) => {
            if (!isCurrent) return;
            const startedAt = performance.now();
            const isPiecemeal = grows || text.length > WHOLE_LIMIT;
            const known = isPiecemeal && prefix?.path === path ? prefix : undefined;
            setPrefix({ path, ...extendHighlight(text, known, highlight) });
            const endedAt = performance.now();
            restUntil.current = endedAt + Math.max(SHORTEST_REST_MS, (endedAt - startedAt) * REST_FACTOR);
          })
          .catch(() => undefined); // Shown as plain text.
      },
      Math.max(0, restMs),
    );
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
    // A new highlighting is no reason for the next.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [path, text, grows]);

  return useMemo(() => renderLines(text, prefix?.path === path ? prefix : undefined), [path, text, prefix]);
}
