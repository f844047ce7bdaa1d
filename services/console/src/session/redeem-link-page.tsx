import { Alert, Anchor, Button, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconAlertCircle } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { Link } from "react-router";
import { client } from "../client";
import { Entrance } from "./entrance";
import { readLinkFragment, type LinkFragment } from "./link-fragment";
import { readFormFaults } from "./problem-fields";
import { useEnter } from "./use-enter";

interface RedeemForm {
  email: string;
  password: string;
}

/** `/link#token=…`: the first administrator's link, or one to set a new password. */
export function RedeemLinkPage() {
  const [link] = useState(() => readLinkFragment(window.location.hash));
  // The token works once; it doesn't belong into the browser's history.
  useEffect(() => {
    window.history.replaceState(window.history.state, "", window.location.pathname);
  }, []);
  return link === undefined ? <BrokenLink /> : <RedeemLink link={link} />;
}

function RedeemLink({ link }: { link: LinkFragment }) {
  const form = useForm<RedeemForm>({
    mode: "uncontrolled",
    initialValues: { email: link.email ?? "", password: "" },
  });
  const enter = useEnter(redeem, "/");
  const faults = enter.isError ? readFormFaults(enter.error, ["email", "password"]) : undefined;

  function redeem({ email, password }: RedeemForm) {
    return client.auth.redeemLink({
      token: link.token,
      ...(email.trim() === "" || email === link.email ? {} : { email }),
      ...(password === "" ? {} : { password }),
    });
  }

  return (
    <Entrance
      title="You have a sign-in link"
      subtitle="Choose a password for next time. The link works once."
    >
      <title>Sign-in link · vibe-friend</title>
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
            description={
              link.email === undefined ? "Leave it empty to keep the account's address." : undefined
            }
            type="email"
            autoComplete="username"
            size="md"
            readOnly={link.email !== undefined}
            data-testid="auth-email"
            key={form.key("email")}
            {...form.getInputProps("email")}
            error={faults?.fields["email"]}
          />
          <PasswordInput
            label="New password"
            description="At least 12 characters. A few unrelated words make a good one."
            autoComplete="new-password"
            autoFocus
            size="md"
            data-testid="auth-password"
            key={form.key("password")}
            {...form.getInputProps("password")}
            error={faults?.fields["password"]}
          />
          <Button type="submit" size="md" mt="xs" loading={enter.isPending} data-testid="auth-submit">
            Set password and sign in
          </Button>
          <Button
            variant="subtle"
            disabled={enter.isPending}
            data-testid="link-continue"
            onClick={() => {
              enter.mutate({ email: form.getValues().email, password: "" });
            }}
          >
            Continue without a password
          </Button>
        </Stack>
      </form>
    </Entrance>
  );
}

function BrokenLink() {
  return (
    <Entrance title="This link is not complete" subtitle="Its end seems to be missing.">
      <title>Sign-in link · vibe-friend</title>
      <Text>
        Copy the whole link, from <code>http</code> to the last letter, or{" "}
        <Anchor component={Link} to="/sign-in">
          sign in with your password
        </Anchor>
        .
      </Text>
    </Entrance>
  );
}
