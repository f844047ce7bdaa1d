import { useEffect, useMemo, useRef, useState } from "react";
import { findHighlight, findLanguage, loadHighlight, type Highlight } from "./highlighter";
import { extendHighlight, renderLines, type HighlightedPrefix } from "./highlight-lines";

/** Characters that are highlighted before they are shown for the first time; it takes a few ms. */
const AT_ONCE_LIMIT = 16_000;
/** Characters up to which a finished text is highlighted once more as a whole; it takes about 100 ms. */
const WHOLE_LIMIT = 150_000;
/** Otherwise highlighting may take a quarter of the time: after one that took 10 ms comes a rest of 30. */
const REST_FACTOR = 3;

interface Highlighted extends HighlightedPrefix {
  readonly path: string;
  /** Not pieced together while the text grew. */
  readonly isWhole: boolean;
}

/**
 * The lines of a text as HTML. While it grows, only the growth is highlighted. Much at once is shown plain
 * first, so that nobody waits for colours.
 */
export function useHighlightedLines(path: string, text: string, grows: boolean): readonly string[] {
  const [kept, setKept] = useState<Highlighted>();
  const restUntil = useRef(0);
  const language = findLanguage(path);
  const known = kept?.path === path && text.startsWith(kept.source) ? kept : undefined;
  const isForWhole = !grows && text.length <= WHOLE_LIMIT && known?.isWhole !== true;
  const work = text.length - (isForWhole ? 0 : (known?.source.length ?? 0));
  const isDue = language !== undefined && work > 0;

  function highlightBy(highlight: Highlight): void {
    const before = isForWhole ? undefined : known;
    setKept({ path, isWhole: before === undefined, ...extendHighlight(text, before, highlight) });
  }

  const ready = isDue && work <= AT_ONCE_LIMIT ? findHighlight(language) : undefined;
  if (ready !== undefined) highlightBy(ready);

  useEffect(() => {
    if (!isDue) return;
    let isCurrent = true;
    const timer = setTimeout(
      () => {
        void loadHighlight(language)
          .then((highlight) => {
            if (!isCurrent) return;
            const startedAt = performance.now();
            highlightBy(highlight);
            const endedAt = performance.now();
            restUntil.current = endedAt + (endedAt - startedAt) * REST_FACTOR;
          })
          .catch(() => undefined); // Shown as plain text.
      },
      grows ? Math.max(0, restUntil.current - performance.now()) : 0,
    );
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
    // What it has found is no reason to look again.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [path, text, grows, isDue]);

  return useMemo(() => renderLines(text, known), [text, known]);
}
