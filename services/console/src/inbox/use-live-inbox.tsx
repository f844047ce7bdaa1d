import { notifications as toasts } from "@mantine/notifications";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { Notification } from "@vibe-friend/contracts/notification";
import { useEffect, useState } from "react";
import { client } from "../client";
import { queryClient } from "../query-client";
import { targetOf } from "./describe-notification";
import { inboxQuery, refreshInbox } from "./inbox-queries";
import { levelLooks } from "./level-icon";
import { createLiveGate } from "./live-gate";

const REFRESH_AFTER_MS = 150;
const TOAST_MS = 7_000;

/** Keeps the list fresh by what comes live, and shows what is new. To be used once. */
export function useLiveInbox() {
  const inbox = useInfiniteQuery(inboxQuery);
  const [gate] = useState(() => createLiveGate(showNew));
  const newestSeq = inbox.data && (inbox.data.pages[0]?.items[0]?.seq ?? 0);

  useEffect(() => {
    if (newestSeq !== undefined) gate.open(newestSeq);
  }, [gate, newestSeq]);

  useEffect(() => {
    let refresh: ReturnType<typeof setTimeout> | undefined;
    const stop = client.notifications.subscribe((notification) => {
      gate.accept(notification);
      // Those that come together are one look at the list.
      clearTimeout(refresh);
      refresh = setTimeout(() => void refreshInbox(), REFRESH_AFTER_MS);
    });
    return () => {
      stop();
      clearTimeout(refresh);
    };
  }, [gate]);
}

function showNew(notification: Notification): void {
  const { id, level, title, body } = notification;
  if (notification.generationId !== null) {
    void queryClient.invalidateQueries({ queryKey: ["generations"] });
  }
  // Who looks at it sees it anyway, and an announcement stays above the page.
  if (targetOf(notification) === window.location.pathname || notification.kind === "announcement") return;
  const { Icon, color } = levelLooks[level];
  toasts.show({
    ...{ id, title, message: body, color, autoClose: TOAST_MS },
    icon: <Icon size={18} aria-hidden="true" />,
    closeButtonProps: { "aria-label": "Close" },
  });
}
