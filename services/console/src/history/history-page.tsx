import {
  ActionIcon,
  Button,
  CloseButton,
  Container,
  Group,
  Menu,
  Select,
  Skeleton,
  Stack,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconDots, IconSearch, IconTrash } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import {
  generationStatuses,
  isEnded,
  type Generation,
  type GenerationStatus,
} from "@vibe-friend/contracts/generation";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { client } from "../client";
import { ConfirmDialog } from "../shell/confirm-dialog";
import { historyQuery, type HistoryFilter } from "../generation/generation-queries";
import { GenerationList, GenerationRow } from "../generation/generation-row";
import { queryClient } from "../query-client";
import { describeError } from "../session/problem-fields";
import { ErrorState } from "../shell/error-state";

const statusOptions = generationStatuses.map((value) => ({
  value,
  label: value.charAt(0).toUpperCase() + value.slice(1),
}));

function readStatus(value: string | null): GenerationStatus | undefined {
  return generationStatuses.find((status) => status === value);
}

/** All generations. The filter is in the address, so that back and reload keep it. */
export function HistoryPage() {
  const [search, setSearch] = useSearchParams();
  const q = search.get("q") ?? "";
  const status = readStatus(search.get("status"));
  const [settledQ] = useDebouncedValue(q, 250);

  function change(name: "q" | "status", value: string): void {
    setSearch(
      (before) => {
        if (value === "") before.delete(name);
        else before.set(name, value);
        return before;
      },
      { replace: true },
    );
  }

  return (
    <Container size={880} w="100%" py={{ base: 24, sm: 40 }} px={{ base: "md", sm: "lg" }}>
      <title>History · vibe-friend</title>
      <Stack gap="md">
        <Title order={1} fz={26} lts="-0.02em">
          History
        </Title>
        <Group gap="sm" wrap="nowrap">
          <TextInput
            flex={1}
            aria-label="Search in prompts"
            placeholder="Search in prompts"
            leftSection={<IconSearch size={16} />}
            rightSection={
              q === "" ? null : (
                <CloseButton
                  size="sm"
                  aria-label="Clear the search"
                  onClick={() => {
                    change("q", "");
                  }}
                />
              )
            }
            maxLength={200}
            data-testid="history-search"
            value={q}
            onChange={(event) => {
              change("q", event.currentTarget.value);
            }}
          />
          <Select
            w={{ base: 140, sm: 170 }}
            aria-label="Status"
            placeholder="Any status"
            data={statusOptions}
            clearable
            data-testid="history-status"
            value={status ?? null}
            onChange={(value) => {
              change("status", value ?? "");
            }}
          />
        </Group>
        <Results filter={{ q: settledQ.trim(), status }} />
      </Stack>
    </Container>
  );
}

function Results({ filter }: { filter: HistoryFilter }) {
  const history = useInfiniteQuery(historyQuery(filter));
  if (history.isPending) return <LoadingRows />;
  if (history.data === undefined) {
    return <ErrorState error={history.error} onRetry={() => void history.refetch()} />;
  }
  const generations = history.data.pages.flatMap(({ items }) => items);
  if (generations.length === 0)
    return <NothingFound filtered={filter.q !== "" || filter.status !== undefined} />;
  return (
    <>
      <GenerationList label="Generations">
        {generations.map((generation) => (
          <GenerationRow
            key={generation.id}
            generation={generation}
            actions={<RowMenu generation={generation} />}
          />
        ))}
      </GenerationList>
      {history.hasNextPage && (
        <Button
          variant="default"
          mx="auto"
          loading={history.isFetchingNextPage}
          data-testid="history-more"
          onClick={() => void history.fetchNextPage()}
        >
          Show more
        </Button>
      )}
    </>
  );
}

function LoadingRows() {
  return (
    <Stack gap="xs" role="status" aria-label="Loading">
      {[0, 1, 2, 3].map((row) => (
        <Skeleton key={row} h={58} radius="lg" />
      ))}
    </Stack>
  );
}

function NothingFound({ filtered }: { filtered: boolean }) {
  return (
    <Stack align="center" gap="xs" py={64}>
      <Text fw={600} fz="lg">
        {filtered ? "Nothing matches" : "Nothing here yet"}
      </Text>
      <Text c="dimmed" ta="center">
        {filtered ? "Try other words or another status." : "What you build is kept here."}
      </Text>
      {!filtered && (
        <Button component={Link} to="/" variant="light" mt="xs">
          Start something new
        </Button>
      )}
    </Stack>
  );
}

function RowMenu({ generation }: { generation: Generation }) {
  const [confirming, setConfirming] = useState(false);
  const remove = useMutation({
    mutationFn: () => client.generations.remove(generation.id),
    onSuccess() {
      setConfirming(false);
      queryClient.removeQueries({ queryKey: ["generation", generation.id] });
      return queryClient.invalidateQueries({ queryKey: ["generations"] });
    },
    onError(error) {
      notifications.show({ color: "red", title: "Not deleted", message: describeError(error) });
    },
  });
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label="More actions">
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            color="red"
            leftSection={<IconTrash size={16} />}
            disabled={!isEnded(generation.status)}
            onClick={() => {
              setConfirming(true);
            }}
          >
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ConfirmDialog
        opened={confirming}
        title="Delete this generation?"
        text="Its files and its log are deleted with it. This can't be undone."
        confirmLabel="Delete"
        isPending={remove.isPending}
        onConfirm={() => {
          remove.mutate();
        }}
        onClose={() => {
          setConfirming(false);
        }}
      />
    </>
  );
}
