import { Alert, Progress, Text } from "@mantine/core";
import { IconAlertTriangle, IconBan } from "@tabler/icons-react";
import type { GenerationView } from "@vibe-friend/client/generation-view";
import type { Generation } from "@vibe-friend/contracts/generation";
import { describeDuration } from "../shell/describe-time";
import classes from "./generation-page.module.css";

interface GenerationProgressProps {
  readonly generation: Generation;
  readonly view: GenerationView;
  readonly status: Generation["status"];
}

/** How far it is, or how it ended, in one line; read out when it changes. */
export function GenerationProgress({ generation, view, status }: GenerationProgressProps) {
  if (status === "failed") {
    const problem = view.problem ?? generation.error;
    return (
      <Alert
        color="red"
        variant="light"
        icon={<IconAlertTriangle size={18} />}
        title={problem?.title ?? "This generation failed"}
        data-testid="generation-problem"
        role="alert"
      >
        {problem?.detail !== undefined && (
          <Text size="sm" style={{ whiteSpace: "pre-wrap" }}>
            {problem.detail}
          </Text>
        )}
      </Alert>
    );
  }
  if (status === "cancelled") {
    return (
      <Alert color="gray" variant="light" icon={<IconBan size={18} />} role="status">
        You stopped this one. What was written until then is below, it is no finished result.
      </Alert>
    );
  }
  const percent = status === "completed" ? 100 : Math.max(view.progress, status === "queued" ? 0 : 2);
  return (
    <div className={classes.progress} data-testid="generation-progress" data-percent={percent}>
      <Progress.Root size={6} radius="xl" flex={1} transitionDuration={200}>
        <Progress.Section
          value={percent}
          color={status === "completed" ? "teal" : "iris"}
          animated={status === "running"}
          striped={status === "running"}
          aria-label="Progress"
        />
      </Progress.Root>
      <span className={classes.progressText} aria-live="polite">
        {describeProgress({ generation, view, status })}
      </span>
    </div>
  );
}

function describeProgress({ generation, view, status }: GenerationProgressProps): string {
  if (status === "queued") return view.attempt > 0 ? "Waiting to go on" : "Waiting for a free worker";
  if (status === "completed") {
    const { startedAt, finishedAt } = generation;
    const took =
      startedAt === null || finishedAt === null
        ? ""
        : ` in ${describeDuration(Date.parse(finishedAt) - Date.parse(startedAt))}`;
    const count = view.files.size || generation.filesCount;
    return `${count} ${count === 1 ? "file" : "files"}${took}`;
  }
  const attempt = view.attempt > 1 ? `Attempt ${view.attempt} · ` : "";
  const stage = view.stage === "" ? "Starting" : view.stage.charAt(0).toUpperCase() + view.stage.slice(1);
  return `${attempt}${stage} · ${view.progress} %`;
}
