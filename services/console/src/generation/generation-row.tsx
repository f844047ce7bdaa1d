import { isEnded, type Generation } from "@vibe-friend/contracts/generation";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { describeDuration } from "../shell/describe-time";
import { RelativeTime } from "../shell/relative-time";
import classes from "./generation-row.module.css";
import { StatusBadge } from "./status-badge";

export function GenerationList({ children, label }: { children: ReactNode; label: string }) {
  return (
    <ul className={classes.list} aria-label={label}>
      {children}
    </ul>
  );
}

/** One line of a list: the whole of it leads to the generation. */
export function GenerationRow({ generation, actions }: { generation: Generation; actions?: ReactNode }) {
  return (
    <li className={classes.row} data-testid="history-item" data-id={generation.id}>
      <div className={classes.text}>
        <Link className={classes.link} to={`/g/${generation.id}`}>
          {generation.prompt.trim()}
        </Link>
        <span className={classes.meta}>
          <RelativeTime at={generation.createdAt} />
          {describeResult(generation)}
        </span>
      </div>
      <StatusBadge status={generation.status} />
      {actions !== undefined && <div className={classes.actions}>{actions}</div>}
    </li>
  );
}

function describeResult({ status, filesCount, progress, startedAt, finishedAt }: Generation): string {
  if (!isEnded(status)) return status === "running" ? ` · ${progress} %` : "";
  const files = filesCount > 0 ? ` · ${filesCount} ${filesCount === 1 ? "file" : "files"}` : "";
  if (startedAt === null || finishedAt === null || status !== "completed") return files;
  return `${files} · ${describeDuration(Date.parse(finishedAt) - Date.parse(startedAt))}`;
}
