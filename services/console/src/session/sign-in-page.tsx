import { Alert, Anchor, Button, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconAlertCircle } from "@tabler/icons-react";
import { Link, Navigate, useLocation } from "react-router";
import { client } from "../client";
import { Entrance } from "./entrance";
import { readNextPath, withNextPath } from "./next-path";
import { readFormFaults } from "./problem-fields";
import { useEnter } from "./use-enter";
import { useSession } from "./use-session";

export function SignInPage() {
  const nextPath = readNextPath(useLocation().search);
  const session = useSession();
  const form = useForm({ mode: "uncontrolled", initialValues: { email: "", password: "" } });
  const enter = useEnter(client.auth.login, nextPath);
  const faults = enter.isError ? readFormFaults(enter.error, ["email", "password"]) : undefined;
  if (session.data && !enter.isPending) return <Navigate to={nextPath} replace />;

  return (
    <Entrance title="Welcome back" subtitle="Sign in to go on building.">
      <title>Sign in · vibe-friend</title>
      <form
        onSubmit={form.onSubmit((values) => {
          enter.mutate(values);
        })}
        noValidate
      >
        <Stack>
          {faults?.summary !== undefined && (
            <Alert color="red" variant="light" icon={<IconAlertCircle size={18} />} role="alert">
              {faults.summary}
            </Alert>
          )}
          <TextInput
            label="E-mail"
            type="email"
            autoComplete="username"
            autoFocus
            size="md"
            data-testid="auth-email"
            key={form.key("email")}
            {...form.getInputProps("email")}
            error={faults?.fields["email"]}
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            size="md"
            data-testid="auth-password"
            key={form.key("password")}
            {...form.getInputProps("password")}
            error={faults?.fields["password"]}
          />
          <Button type="submit" size="md" mt="xs" loading={enter.isPending} data-testid="auth-submit">
            Sign in
          </Button>
          <Text size="sm" c="dimmed" ta="center" mt="xs">
            New here?{" "}
            <Anchor component={Link} to={withNextPath("/sign-up", nextPath)} inherit fw={550}>
              Create an account
            </Anchor>
          </Text>
        </Stack>
      </form>
    </Entrance>
  );
}
