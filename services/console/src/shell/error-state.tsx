import { Button, Center, Stack, Text, ThemeIcon, Title } from "@mantine/core";
import { IconCloudOff, IconRefresh } from "@tabler/icons-react";
import { ProblemError } from "@vibe-friend/client/problem-error";
import { describeError } from "../session/problem-fields";

/** Something couldn't be loaded: what, and what one can do. */
export function ErrorState(props: { error: unknown; onRetry: () => void; fullPage?: boolean }) {
  const requestId = props.error instanceof ProblemError ? props.error.problem.requestId : undefined;
  return (
    <Center mih={props.fullPage === true ? "80dvh" : 220} p="md" role="alert">
      <Stack align="center" gap="sm" maw={420}>
        <ThemeIcon variant="light" color="gray" size={48} radius="xl">
          <IconCloudOff size={24} />
        </ThemeIcon>
        <Title order={2} fz="lg" ta="center">
          This didn't work
        </Title>
        <Text c="dimmed" ta="center">
          {describeError(props.error)}
        </Text>
        <Button variant="default" leftSection={<IconRefresh size={16} />} onClick={props.onRetry}>
          Try again
        </Button>
        {requestId !== undefined && (
          <Text size="xs" c="dimmed">
            Request {requestId}
          </Text>
        )}
      </Stack>
    </Center>
  );
}
