import { Avatar, Menu, Text, UnstyledButton } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconLogout } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { ProblemError } from "@vibe-friend/client/problem-error";
import { useNavigate } from "react-router";
import { client } from "../client";
import { queryClient } from "../query-client";
import { describeError } from "../session/problem-fields";
import { sessionQuery, useSession } from "../session/use-session";

export function UserMenu() {
  const user = useSession().data?.user;
  const signOut = useSignOut();
  if (user === undefined) return null;
  return (
    <Menu position="bottom-end" width={240} shadow="md">
      <Menu.Target>
        <UnstyledButton aria-label={`Account of ${user.displayName}`} data-testid="user-menu">
          <Avatar name={user.displayName} color="iris" radius="xl" size={34} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" fw={600} c="var(--vf-text)" truncate>
            {user.displayName}
          </Text>
          <Text size="xs" c="dimmed" truncate>
            {user.email}
          </Text>
        </Menu.Label>
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconLogout size={16} />}
          data-testid="sign-out"
          disabled={signOut.isPending}
          onClick={() => {
            signOut.mutate();
          }}
        >
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function useSignOut() {
  const navigate = useNavigate();
  return useMutation({
    mutationFn: async () => {
      try {
        await client.auth.logout();
      } catch (error) {
        if (!(error instanceof ProblemError) || error.status !== 401) throw error;
      }
    },
    async onSuccess() {
      await navigate("/sign-in", { replace: true });
      queryClient.clear();
      queryClient.setQueryData(sessionQuery.queryKey, null);
    },
    onError(error) {
      notifications.show({ color: "red", title: "You are still signed in", message: describeError(error) });
    },
  });
}
