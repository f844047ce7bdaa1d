import { Anchor, Container, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { ErrorState } from "../shell/error-state";
import { recentQuery } from "./generation-queries";
import { GenerationList, GenerationRow } from "./generation-row";
import { NewGeneration } from "./new-generation";

export function HomePage() {
  return (
    <Container size={800} w="100%" py={{ base: 32, sm: 64 }} px={{ base: "md", sm: "lg" }}>
      <title>New · vibe-friend</title>
      <Stack gap={6} mb={28} ta="center">
        <Title order={1} fz={{ base: 28, sm: 36 }} lts="-0.028em">
          What shall we build?
        </Title>
        <Text c="dimmed" fz={{ base: "md", sm: "lg" }}>
          Name the things and their fields. You get a complete service, with tests.
        </Text>
      </Stack>
      <NewGeneration />
      <Recent />
    </Container>
  );
}

function Recent() {
  const recent = useQuery(recentQuery);
  if (recent.isPending) return <Skeleton h={120} mt={44} radius="lg" aria-label="Loading" />;
  if (recent.data === undefined) {
    return <ErrorState error={recent.error} onRetry={() => void recent.refetch()} />;
  }
  if (recent.data.items.length === 0) return null;
  return (
    <Stack gap="sm" mt={44} component="section" aria-label="Recent">
      <Group justify="space-between">
        <Title order={2} fz="md">
          Recent
        </Title>
        <Anchor component={Link} to="/history" size="sm" fw={550}>
          All
        </Anchor>
      </Group>
      <GenerationList label="Recent generations">
        {recent.data.items.map((generation) => (
          <GenerationRow key={generation.id} generation={generation} />
        ))}
      </GenerationList>
    </Stack>
  );
}
