import { Button, Group } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconDownload, IconPencil, IconPlayerStop, IconRefresh } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import type { Generation } from "@vibe-friend/contracts/generation";
import { useState } from "react";
import { useNavigate } from "react-router";
import { client } from "../client";
import { queryClient } from "../query-client";
import { describeError } from "../session/problem-fields";
import { ConfirmDialog } from "../shell/confirm-dialog";
import { generationQuery } from "./generation-queries";
import { saveDraft } from "./use-prompt-draft";

/** What one can do with a generation in its present state. */
export function GenerationActions({
  generation,
  status,
}: {
  generation: Generation;
  status: Generation["status"];
}) {
  const { id, prompt } = generation;
  if (status === "queued" || status === "running") return <CancelAction id={id} />;
  if (status === "completed") return <DownloadAction id={id} />;
  return <RetryAction id={id} prompt={prompt} />;
}

function CancelAction({ id }: { id: string }) {
  const [confirming, setConfirming] = useState(false);
  const cancel = useChange(id, client.generations.cancel, "Not cancelled");
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconPlayerStop size={16} />}
        data-testid="cancel-button"
        onClick={() => {
          setConfirming(true);
        }}
      >
        Cancel
      </Button>
      <ConfirmDialog
        opened={confirming}
        title="Stop this generation?"
        text="What is written so far stays visible, but there will be no finished result. You can run it again later."
        confirmLabel="Stop it"
        cancelLabel="Go on"
        isPending={cancel.isPending}
        onConfirm={() => {
          cancel.mutate(undefined, {
            onSettled: () => {
              setConfirming(false);
            },
          });
        }}
        onClose={() => {
          setConfirming(false);
        }}
      />
    </>
  );
}

function RetryAction({ id, prompt }: { id: string; prompt: string }) {
  const navigate = useNavigate();
  const retry = useChange(id, client.generations.retry, "Not started again");
  return (
    <Group gap="sm">
      <Button
        variant="default"
        leftSection={<IconPencil size={16} />}
        data-testid="edit-prompt"
        onClick={() => {
          saveDraft(prompt);
          void navigate("/");
        }}
      >
        Edit the prompt
      </Button>
      <Button
        leftSection={<IconRefresh size={16} />}
        loading={retry.isPending}
        data-testid="retry-button"
        onClick={() => {
          retry.mutate();
        }}
      >
        Run it again
      </Button>
    </Group>
  );
}

function DownloadAction({ id }: { id: string }) {
  return (
    <Button
      component="a"
      href={client.generations.archiveUrl(id)}
      download
      leftSection={<IconDownload size={16} />}
      data-testid="download-zip"
    >
      Download zip
    </Button>
  );
}

function useChange(id: string, change: (id: string) => Promise<Generation>, failureTitle: string) {
  return useMutation({
    mutationFn: () => change(id),
    onSuccess(generation) {
      queryClient.setQueryData(generationQuery(id).queryKey, generation);
      return queryClient.invalidateQueries({ queryKey: ["generations"] });
    },
    onError(error) {
      notifications.show({ color: "red", title: failureTitle, message: describeError(error) });
      // Most often it has just ended by itself.
      void queryClient.invalidateQueries({ queryKey: ["generation", id] });
    },
  });
}
