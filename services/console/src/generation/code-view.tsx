import { ActionIcon, Button, CopyButton, Tooltip } from "@mantine/core";
import { IconArrowDown, IconCheck, IconCopy } from "@tabler/icons-react";
import { memo, useLayoutEffect, useMemo, useRef, useState, type CSSProperties, type ReactNode } from "react";
import type { FileState } from "@vibe-friend/client/generation-view";
import { describeSize } from "../shell/describe-time";
import classes from "./code-view.module.css";
import { BLOCK_LINES, longestLine, toBlocks } from "./highlight-lines";
import { useHighlightedLines } from "./use-highlighted-lines";

interface CodeViewProps {
  readonly path: string;
  readonly text: string;
  readonly state: FileState;
  /** Beside the file's name. */
  readonly actions?: ReactNode;
}

const LINE_PX = 20;
/** Nearer to the end than this counts as at the end. */
const NEAR_PX = 40;

/**
 * One file; another one needs another `key`. All of it is in the page, so that finding and copying work, in blocks of which the browser
 * lays out only those in sight; while it grows only the last block is drawn again.
 */
export function CodeView({ path, text, state, actions }: CodeViewProps) {
  const grows = state === "open";
  const blocks = toBlocks(useHighlightedLines(path, text, grows));
  const columns = useMemo(() => longestLine(text), [text]);
  const { scroll, atEnd, onScroll, goToEnd } = useScrollFollow(text, grows);

  return (
    <section
      className={classes.frame}
      aria-label={`Code of ${path}`}
      data-testid="code-view"
      data-path={path}
      data-state={state}
      data-length={text.length}
    >
      <header className={classes.head}>
        <span className={classes.path} title={path}>
          {path}
        </span>
        <span className={classes.meta}>{describeState(state, text)}</span>
        {actions}
        <CopyFile text={text} />
      </header>
      <div
        className={classes.scroll}
        ref={scroll}
        onScroll={onScroll}
        tabIndex={0}
        role="group"
        aria-label="Code"
      >
        <div className={classes.code} style={{ minWidth: `calc(${columns}ch + 96px)` }}>
          {blocks.map((html, block) => (
            <CodeBlock key={block} html={html} firstLine={block * BLOCK_LINES + 1} />
          ))}
        </div>
      </div>
      {grows && !atEnd && (
        <Button
          className={classes.toEnd}
          size="xs"
          radius="xl"
          leftSection={<IconArrowDown size={14} />}
          onClick={goToEnd}
        >
          Follow
        </Button>
      )}
    </section>
  );
}

const CodeBlock = memo(function CodeBlock({ html, firstLine }: { html: string; firstLine: number }) {
  const lines = html.split("\n").length;
  const size: CSSProperties = { containIntrinsicBlockSize: `${lines * LINE_PX}px` };
  return (
    <div className={classes.block} style={size}>
      <pre className={classes.numbers} aria-hidden="true">
        {Array.from({ length: lines }, (_, line) => firstLine + line).join("\n")}
      </pre>
      {/* Escaped by the highlighter or by escapeHtml: code never becomes markup. */}
      <pre className={classes.text} dangerouslySetInnerHTML={{ __html: html }} />
    </div>
  );
});

function describeState(state: FileState, text: string): string {
  if (state === "open") return "writing…";
  if (state === "stale") return "from an attempt that ended early";
  return describeSize(new TextEncoder().encode(text).length);
}

function CopyFile({ text }: { text: string }) {
  return (
    <CopyButton value={text} timeout={1_500}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? "Copied" : "Copy this file"}>
          <ActionIcon
            variant="subtle"
            color={copied ? "teal" : "gray"}
            size="lg"
            aria-label={copied ? "Copied" : "Copy this file"}
            data-testid="copy-file"
            onClick={copy}
          >
            {copied ? <IconCheck size={17} /> : <IconCopy size={17} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}

/** Stays at the end of what grows, until the person scrolls away; comes back when they do. */
function useScrollFollow(text: string, grows: boolean) {
  const scroll = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  // The last of the text comes together with the news that it is finished.
  const [hasGrown, setHasGrown] = useState(grows);
  if (grows && !hasGrown) setHasGrown(true);

  useLayoutEffect(() => {
    const element = scroll.current;
    if (element !== null && hasGrown && atEnd) element.scrollTop = element.scrollHeight;
  }, [text, hasGrown, atEnd]);

  return {
    scroll,
    atEnd,
    onScroll: () => {
      const element = scroll.current;
      if (element === null) return;
      setAtEnd(element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX);
    },
    goToEnd: () => {
      setAtEnd(true);
    },
  };
}
