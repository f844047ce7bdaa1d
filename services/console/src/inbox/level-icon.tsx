import { IconAlertTriangle, IconCircleCheck, IconCircleX, IconInfoCircle } from "@tabler/icons-react";
import type { NotificationLevel } from "@vibe-friend/contracts/notification";

export const levelLooks = {
  info: { Icon: IconInfoCircle, color: "iris", name: "Information" },
  success: { Icon: IconCircleCheck, color: "teal", name: "Success" },
  warning: { Icon: IconAlertTriangle, color: "yellow", name: "Warning" },
  error: { Icon: IconCircleX, color: "red", name: "Error" },
} as const;

export function LevelIcon({ level }: { level: NotificationLevel }) {
  const { Icon, color, name } = levelLooks[level];
  return (
    <Icon size={18} stroke={1.8} color={`var(--mantine-color-${color}-6)`} role="img" aria-label={name} />
  );
}
