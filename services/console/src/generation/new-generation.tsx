import { Alert, Button, Kbd, SimpleGrid, Stack, Text, Textarea, UnstyledButton } from "@mantine/core";
import { IconAlertCircle, IconArrowUp } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { MAX_PROMPT_LENGTH } from "@vibe-friend/contracts/generation";
import { useRef, useState, type KeyboardEvent } from "react";
import { useNavigate } from "react-router";
import { client } from "../client";
import { queryClient } from "../query-client";
import { readFormFaults } from "../session/problem-fields";
import { examplePrompts } from "./example-prompts";
import { generationQuery } from "./generation-queries";
import { createIdempotencyKey } from "./idempotency-key";
import classes from "./new-generation.module.css";
import { usePromptDraft } from "./use-prompt-draft";

/** The prompt box. Sending the same text again after a lost answer is the same request, not a second one. */
export function NewGeneration() {
  const [prompt, setPrompt] = usePromptDraft();
  const [sent, setSent] = useState({ prompt: "", key: "" });
  const input = useRef<HTMLTextAreaElement>(null);
  const submit = useSubmit(() => {
    setPrompt("");
  });
  const isTooLong = prompt.length > MAX_PROMPT_LENGTH;
  const canSubmit = prompt.trim() !== "" && !isTooLong && !submit.isPending;
  const faults = submit.isError ? readFormFaults(submit.error, ["prompt"]) : undefined;

  function send(): void {
    if (!canSubmit) return;
    const key = sent.prompt === prompt ? sent.key : createIdempotencyKey();
    setSent({ prompt, key });
    submit.mutate({ prompt, key });
  }

  function sendOnEnter(event: KeyboardEvent): void {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    send();
  }

  return (
    <Stack gap="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <div className={classes.box}>
          <Textarea
            ref={input}
            aria-label="What shall we build?"
            placeholder="a library with books (title, isbn unique, pages int) that belong to authors (name, email)"
            autosize
            minRows={4}
            maxRows={14}
            autoFocus
            variant="unstyled"
            classNames={{ input: classes.input }}
            data-testid="prompt-input"
            value={prompt}
            onChange={(event) => {
              setPrompt(event.currentTarget.value);
            }}
            onKeyDown={sendOnEnter}
          />
          <div className={classes.foot}>
            <PromptHint length={prompt.length} isTooLong={isTooLong} />
            <Button
              type="submit"
              radius="xl"
              rightSection={<IconArrowUp size={17} />}
              disabled={!canSubmit && !submit.isPending}
              loading={submit.isPending}
              data-testid="prompt-submit"
            >
              Build it
            </Button>
          </div>
        </div>
      </form>
      {faults !== undefined && (
        <Alert color="red" variant="light" icon={<IconAlertCircle size={18} />} role="alert">
          {faults.fields["prompt"] ?? faults.summary}
        </Alert>
      )}
      <Examples
        onPick={(example) => {
          setPrompt(example);
          input.current?.focus();
        }}
      />
    </Stack>
  );
}

function PromptHint({ length, isTooLong }: { length: number; isTooLong: boolean }) {
  if (length > MAX_PROMPT_LENGTH * 0.8) {
    return (
      <Text className={classes.hint} c={isTooLong ? "red" : "dimmed"} role="status">
        {length.toLocaleString("en")} of {MAX_PROMPT_LENGTH.toLocaleString("en")} characters
      </Text>
    );
  }
  return (
    <span className={classes.hint}>
      <span className={classes.hintKeys}>
        <Kbd size="xs">Ctrl</Kbd> <Kbd size="xs">Enter</Kbd> to start
      </span>
    </span>
  );
}

function Examples({ onPick }: { onPick: (prompt: string) => void }) {
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm" component="section" aria-label="Examples">
      {examplePrompts.map(({ title, prompt }) => (
        <UnstyledButton
          key={title}
          className={classes.example}
          data-testid="example-prompt"
          onClick={() => {
            onPick(prompt);
          }}
        >
          <Text fw={600} fz="sm">
            {title}
          </Text>
          <Text size="sm" c="dimmed" lineClamp={2}>
            {prompt}
          </Text>
        </UnstyledButton>
      ))}
    </SimpleGrid>
  );
}

function useSubmit(onAccepted: () => void) {
  const navigate = useNavigate();
  return useMutation({
    mutationFn: ({ prompt, key }: { prompt: string; key: string }) =>
      client.generations.submit({ prompt, mode: "async" }, { idempotencyKey: key }),
    async onSuccess(generation) {
      queryClient.setQueryData(generationQuery(generation.id).queryKey, generation);
      void queryClient.invalidateQueries({ queryKey: ["generations"] });
      onAccepted();
      await navigate(`/g/${generation.id}`);
    },
  });
}
