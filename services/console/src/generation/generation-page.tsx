import { Button, Loader, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ProblemError } from "@vibe-friend/client/problem-error";
import type { GenerationView } from "@vibe-friend/client/generation-view";
import { isEnded, type Generation } from "@vibe-friend/contracts/generation";
import { useState } from "react";
import { useParams } from "react-router";
import { ErrorState } from "../shell/error-state";
import { NotFoundPage } from "../shell/not-found-page";
import { PageLoader } from "../shell/page-loader";
import { RelativeTime } from "../shell/relative-time";
import { chooseFile } from "./choose-file";
import { CodeView } from "./code-view";
import { FileTree } from "./file-tree";
import { GenerationActions } from "./generation-actions";
import { GenerationLog } from "./generation-log";
import classes from "./generation-page.module.css";
import { GenerationProgress } from "./generation-progress";
import { fileTextQuery, filesQuery } from "./generation-queries";
import { listEntries } from "./list-entries";
import { StatusBadge } from "./status-badge";
import { currentStatus, useGeneration } from "./use-generation";

/** `/g/:id` */
export default function GenerationPage() {
  const { id = "" } = useParams();
  return <LiveGenerationPage key={id} id={id} />;
}

function LiveGenerationPage({ id }: { id: string }) {
  const { generation, view, error, reload } = useGeneration(id);
  if (error instanceof ProblemError && (error.status === 404 || error.status === 400)) {
    return <NotFoundPage what="generation" />;
  }
  if (error !== null && error !== undefined) return <ErrorState error={error} onRetry={reload} />;
  if (generation === undefined) return <PageLoader />;
  const status = currentStatus(generation, view);
  return (
    <div className={classes.page} data-fills-window>
      <title>{`${titleOf(generation)} · vibe-friend`}</title>
      <header className={classes.top}>
        <div className={classes.title}>
          <Prompt text={generation.prompt} />
          <div className={classes.facts}>
            <StatusBadge status={status} testId="generation-status" />
            <RelativeTime at={generation.createdAt} />
            <span>{generation.engine === "llm" ? (generation.model ?? "LLM") : "built-in engine"}</span>
          </div>
        </div>
        <GenerationActions generation={generation} status={status} />
      </header>
      <GenerationProgress generation={generation} view={view} status={status} />
      <Workspace generation={generation} view={view} status={status} />
    </div>
  );
}

function titleOf({ prompt }: Generation): string {
  const line = prompt.trim().split("\n")[0] ?? "";
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}

const LONG_PROMPT = 200;

function Prompt({ text }: { text: string }) {
  const [open, setOpen] = useState(false);
  const isLong = text.length > LONG_PROMPT || text.trim().includes("\n");
  return (
    <>
      <h1 className={classes.prompt} data-clamped={isLong && !open}>
        {text.trim()}
      </h1>
      {isLong && (
        <UnstyledButton
          fz="sm"
          c="var(--vf-accent-text)"
          aria-expanded={open}
          onClick={() => {
            setOpen(!open);
          }}
        >
          {open ? "Show less" : "Show all"}
        </UnstyledButton>
      )}
    </>
  );
}

interface WorkspaceProps {
  readonly generation: Generation;
  readonly view: GenerationView;
  readonly status: Generation["status"];
}

/** Files on the left, one of them on the right. */
function Workspace({ generation, view, status }: WorkspaceProps) {
  const [picked, setPicked] = useState<string>();
  const [openedEnded] = useState(isEnded(generation.status));
  const stored = useQuery({ ...filesQuery(generation.id), enabled: isEnded(status) });
  const entries = listEntries(view, status, stored.data);
  const paths = entries.map(([path]) => path);
  const shown = chooseFile({ view, paths, picked, openedEnded: openedEnded && isEnded(status) });
  const isWriting = status === "running" || status === "queued";
  if (paths.length === 0 && isEnded(status) && view.log.length === 0) return null;

  return (
    <div className={classes.workspace}>
      <div className={classes.side}>
        <div className={classes.sideHead}>
          <span>Files {paths.length > 0 && `(${paths.length})`}</span>
          {isWriting && picked !== undefined && (
            <Button
              variant="subtle"
              size="compact-xs"
              onClick={() => {
                setPicked(undefined);
              }}
            >
              Follow newest
            </Button>
          )}
        </div>
        <div className={classes.files}>
          <FileTree entries={entries} selected={shown} onSelect={setPicked} />
        </div>
        <GenerationLog log={view.log} />
      </div>
      <div className={classes.code}>
        {shown === undefined ? (
          <NothingToShow status={status} />
        ) : (
          <ShownFile key={shown} id={generation.id} path={shown} view={view} isEnded={isEnded(status)} />
        )}
      </div>
    </div>
  );
}

interface ShownFileProps {
  readonly id: string;
  readonly path: string;
  readonly view: GenerationView;
  readonly isEnded: boolean;
}

/** The text comes with the events; only what they didn't carry is asked for. */
function ShownFile({ id, path, view, ...generation }: ShownFileProps) {
  const file = view.files.get(path);
  const isMissing = generation.isEnded && file === undefined;
  const stored = useQuery({ ...fileTextQuery(id, path), enabled: isMissing });
  if (isMissing && stored.data === undefined) {
    return stored.isError ? (
      <ErrorState error={stored.error} onRetry={() => void stored.refetch()} />
    ) : (
      <div className={classes.waiting}>
        <Loader type="dots" aria-label="Loading" />
      </div>
    );
  }
  return <CodeView path={path} text={file?.text ?? stored.data ?? ""} state={file?.state ?? "complete"} />;
}

function NothingToShow({ status }: { status: Generation["status"] }) {
  return (
    <div className={classes.waiting} role="status">
      {isEnded(status) ? (
        <span>No file was written.</span>
      ) : (
        <>
          <Loader type="dots" />
          <span>
            {status === "queued"
              ? "In the queue. It starts by itself."
              : "Thinking. The first file is on its way."}
          </span>
        </>
      )}
    </div>
  );
}
