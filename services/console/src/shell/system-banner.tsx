import { useDebouncedValue } from "@mantine/hooks";
import { IconInfoCircle, IconPlugConnectedX, IconRefresh } from "@tabler/icons-react";
import { useSyncExternalStore } from "react";
import { client } from "../client";
import { RelativeTime } from "./relative-time";
import { chooseBanner } from "./choose-banner";
import classes from "./console-shell.module.css";

const icons = { reconnecting: IconPlugConnectedX, degraded: IconInfoCircle, recovering: IconRefresh };

/** Nothing while all is well; otherwise what it means for the person, calmly. */
export function SystemBanner() {
  const status = useSyncExternalStore(client.status.subscribe, client.status.current);
  // A connection that is back within a moment was no news.
  const [settled] = useDebouncedValue(status, 1_200);
  const banner = chooseBanner(status.connection === "connected" ? status : settled);
  if (banner === undefined) return null;
  const Icon = icons[banner.mode];
  return (
    <div
      className={classes.banner}
      data-tone={banner.tone}
      data-testid="system-banner"
      data-mode={banner.mode}
      role="status"
    >
      <Icon size={17} aria-hidden="true" />
      <span>
        {banner.text}
        {banner.since !== undefined && (
          <>
            {" "}
            Since <RelativeTime at={banner.since} />.
          </>
        )}
      </span>
    </div>
  );
}
