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

interface SignUpForm {
  displayName: string;
  email: string;
  password: string;
}

function register({ displayName, email, password }: SignUpForm) {
  const name = displayName.trim();
  return client.auth.register({ email, password, ...(name === "" ? {} : { displayName: name }) });
}

export function SignUpPage() {
  const nextPath = readNextPath(useLocation().search);
  const session = useSession();
  const form = useForm<SignUpForm>({
    mode: "uncontrolled",
    initialValues: { displayName: "", email: "", password: "" },
  });
  const enter = useEnter(register, nextPath);
  const faults = enter.isError
    ? readFormFaults(enter.error, ["displayName", "email", "password"])
    : undefined;
  if (session.data && !enter.isPending) return <Navigate to={nextPath} replace />;

  return (
    <Entrance title="Create your account" subtitle="An e-mail address and a password are all it takes.">
      <title>Create an account · vibe-friend</title>
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
            description="At least 12 characters. A few unrelated words make a good one."
            autoComplete="new-password"
            size="md"
            data-testid="auth-password"
            key={form.key("password")}
            {...form.getInputProps("password")}
            error={faults?.fields["password"]}
          />
          <TextInput
            label="Name"
            description="Optional, how we greet you."
            autoComplete="name"
            size="md"
            data-testid="auth-display-name"
            key={form.key("displayName")}
            {...form.getInputProps("displayName")}
            error={faults?.fields["displayName"]}
          />
          <Button type="submit" size="md" mt="xs" loading={enter.isPending} data-testid="auth-submit">
            Create account
          </Button>
          <Text size="sm" c="dimmed" ta="center" mt="xs">
            Have an account?{" "}
            <Anchor component={Link} to={withNextPath("/sign-in", nextPath)} inherit fw={550}>
              Sign in
            </Anchor>
          </Text>
        </Stack>
      </form>
    </Entrance>
  );
}
