import type { Notification } from "@vibe-friend/contracts/notification";
import { badgeOf, chooseAnnouncement, describeBell, targetOf } from "./describe-notification";

const note = (given: Partial<Notification>): Notification => ({
  ...{ id: "n", seq: 1, kind: "completed", level: "success", title: "Done", body: "" },
  ...{ at: "2026-01-01T00:00:00Z", generationId: null, readAt: null },
  ...given,
});

describe("the bell", () => {
  it.each([
    [0, "Notifications", undefined],
    [1, "Notifications, 1 unread", "1"],
    [250, "Notifications, 250 unread", "99+"],
  ])("with %p unread is called %p and shows %p", (count, label, badge) => {
    expect([describeBell(count), badgeOf(count)]).toEqual([label, badge]);
  });
});

describe("a notification", () => {
  it("leads to its generation while there is one", () => {
    expect(targetOf(note({ generationId: "g1" }))).toBe("/g/g1");
    expect(targetOf(note({}))).toBeUndefined();
  });

  it("stays in sight when it is the newest announcement, until it is read", () => {
    const items = [
      note({ seq: 4 }),
      note({ seq: 3, kind: "announcement", readAt: "2026-01-01T00:00:00Z" }),
      note({ seq: 2, kind: "announcement" }),
      note({ seq: 1, kind: "announcement" }),
    ];
    expect(chooseAnnouncement(items)?.seq).toBe(2);
    expect(chooseAnnouncement(items.slice(0, 2))).toBeUndefined();
  });
});
