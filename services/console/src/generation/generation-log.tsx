import { IconAlertTriangle, IconCircleX, IconInfoCircle } from "@tabler/icons-react";
import type { LogLine } from "@vibe-friend/client/generation-view";
import { memo } from "react";
import classes from "./generation-page.module.css";

const looks = {
  info: { Icon: IconInfoCircle, color: "var(--mantine-color-iris-5)" },
  warn: { Icon: IconAlertTriangle, color: "var(--mantine-color-yellow-6)" },
  error: { Icon: IconCircleX, color: "var(--mantine-color-red-6)" },
};

/** What the engine said: what it understood, what it ignored. */
export const GenerationLog = memo(function GenerationLog({ log }: { log: readonly LogLine[] }) {
  if (log.length === 0) return null;
  // A second attempt says the same once more.
  const lines = [...new Map(log.map((line) => [`${line.level} ${line.message}`, line])).values()];
  return (
    <details className={classes.log} open data-testid="generation-log">
      <summary>Notes ({lines.length})</summary>
      <ol>
        {lines.map(({ seq, level, message }) => {
          const { Icon, color } = looks[level];
          return (
            <li key={seq} data-level={level}>
              <Icon size={15} color={color} aria-label={level} />
              <span>{message}</span>
            </li>
          );
        })}
      </ol>
    </details>
  );
});
