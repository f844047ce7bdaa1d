import { Button, Center, Stack, Text, Title } from "@mantine/core";
import { Link } from "react-router";

export function NotFoundPage(props: { what?: string }) {
  return (
    <Center mih="60dvh" p="md">
      <title>Not found · vibe-friend</title>
      <Stack align="center" gap="sm">
        <Title order={1} fz={24}>
          There is no such {props.what ?? "page"}
        </Title>
        <Text c="dimmed" ta="center">
          It may have been deleted, or the address has a typo.
        </Text>
        <Button component={Link} to="/" variant="light" mt="xs">
          Start something new
        </Button>
      </Stack>
    </Center>
  );
}
