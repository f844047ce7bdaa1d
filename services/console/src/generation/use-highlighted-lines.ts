import { useEffect, useMemo, useRef, useState } from "react";
import { findLanguage, loadHighlight } from "./highlighter";
import { renderLines, splitHighlighted, type HighlightedPrefix } from "./highlight-lines";

/** Highlighting may take a tenth of the time: after one that took 10 ms comes a rest of 90. */
const REST_FACTOR = 9;
const SHORTEST_REST_MS = 120;

/**
 * The lines of a growing text as HTML. What has come since the last highlighting is plain for a moment;
 * long texts are highlighted less often, so that typing and scrolling stay smooth.
 */
export function useHighlightedLines(path: string, text: string): readonly string[] {
  const [prefix, setPrefix] = useState<HighlightedPrefix & { path: string }>();
  const restUntil = useRef(0);

  useEffect(() => {
    const language = findLanguage(path);
    if (language === undefined || text === "") return;
    let isCurrent = true;
    // The rest belongs to one file; another one is highlighted at once.
    const restMs = prefix?.path === path ? restUntil.current - performance.now() : 0;
    const timer = setTimeout(
      () => {
        void loadHighlight(language)
          .then((highlight) => {
            if (!isCurrent) return;
            const startedAt = performance.now();
            setPrefix({ path, source: text, lines: splitHighlighted(highlight(text)) });
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
  }, [path, text]);

  return useMemo(() => renderLines(text, prefix?.path === path ? prefix : undefined), [path, text, prefix]);
}
