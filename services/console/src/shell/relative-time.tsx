import { useEffect, useState } from "react";
import { describeTime } from "./describe-time";

/** A moment as people say it; the exact time is in the tooltip. Stays true while the page is open. */
export function RelativeTime({ at }: { at: string }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(Date.now());
    }, 15_000);
    return () => {
      clearInterval(timer);
    };
  }, []);
  return (
    <time dateTime={at} title={new Date(at).toLocaleString()}>
      {describeTime(at, now)}
    </time>
  );
}
