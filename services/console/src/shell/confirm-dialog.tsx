import { Button, Group, Modal, Text } from "@mantine/core";

interface ConfirmDialogProps {
  readonly opened: boolean;
  readonly title: string;
  readonly text: string;
  readonly confirmLabel: string;
  readonly cancelLabel?: string;
  readonly isPending: boolean;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Asks before something that can't be taken back. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={props.title} centered size="sm" radius="lg">
      <Text size="sm" c="dimmed">
        {props.text}
      </Text>
      <Group justify="flex-end" mt="lg" gap="sm">
        <Button variant="default" onClick={props.onClose} data-autofocus>
          {props.cancelLabel ?? "Keep it"}
        </Button>
        <Button color="red" loading={props.isPending} onClick={props.onConfirm} data-testid="confirm-button">
          {props.confirmLabel}
        </Button>
      </Group>
    </Modal>
  );
}
