import { Badge, Loader } from "@mantine/core";
import { IconAlertTriangle, IconBan, IconCheck, IconClock } from "@tabler/icons-react";
import type { GenerationStatus } from "@vibe-friend/contracts/generation";

const looks = {
  queued: { color: "gray", label: "Queued", icon: <IconClock size={13} /> },
  running: { color: "iris", label: "Running", icon: <Loader size={10} color="iris" /> },
  completed: { color: "teal", label: "Completed", icon: <IconCheck size={13} stroke={2.6} /> },
  failed: { color: "red", label: "Failed", icon: <IconAlertTriangle size={13} /> },
  cancelled: { color: "gray", label: "Cancelled", icon: <IconBan size={13} /> },
} as const;

export function StatusBadge({ status, testId }: { status: GenerationStatus; testId?: string }) {
  const { color, label, icon } = looks[status];
  return (
    <Badge
      variant="light"
      color={color}
      tt="none"
      fw={550}
      size="md"
      leftSection={icon}
      data-testid={testId}
      data-status={status}
    >
      {label}
    </Badge>
  );
}
