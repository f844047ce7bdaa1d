import { z } from "zod";
import { idSchema, pageOf, pageQuerySchema, timeSchema } from "./ids";

export const notificationLevels = ["info", "success", "warning", "error"] as const;
export const notificationLevelSchema = z.enum(notificationLevels);
export type NotificationLevel = z.infer<typeof notificationLevelSchema>;

export const notificationKinds = ["completed", "failed", "limit", "announcement"] as const;

/** What a person is told; `seq` rises by 1 per person. Sent to their browsers as `notification`. */
export const notificationSchema = z
  .strictObject({
    id: idSchema,
    seq: z.number().int().min(1),
    kind: z.enum(notificationKinds),
    level: notificationLevelSchema,
    title: z.string(),
    body: z.string(),
    at: timeSchema,
    generationId: idSchema.nullable(),
    readAt: timeSchema.nullable(),
  })
  .meta({ id: "Notification" });
export type Notification = z.infer<typeof notificationSchema>;

export const listNotificationsQuerySchema = pageQuerySchema.extend({
  unread: z.stringbool({ truthy: ["true"], falsy: ["false"] }).optional(),
});
export type ListNotificationsQuery = z.infer<typeof listNotificationsQuerySchema>;

export const inboxSchema = pageOf(notificationSchema)
  .extend({ unreadCount: z.number().int().min(0) })
  .meta({ id: "Inbox" });
export type Inbox = z.infer<typeof inboxSchema>;

export const readNotificationResultSchema = z
  .strictObject({ notification: notificationSchema, unreadCount: z.number().int().min(0) })
  .meta({ id: "ReadNotificationResult" });
export type ReadNotificationResult = z.infer<typeof readNotificationResultSchema>;

export const readAllNotificationsResultSchema = z
  .strictObject({ read: z.number().int().min(0), unreadCount: z.number().int().min(0) })
  .meta({ id: "ReadAllNotificationsResult" });
export type ReadAllNotificationsResult = z.infer<typeof readAllNotificationsResultSchema>;

/** Characters in an announcement. */
export const MAX_ANNOUNCEMENT_LENGTH = 2000;

export const announceBodySchema = z
  .strictObject({
    level: notificationLevelSchema,
    message: z
      .string()
      .trim()
      .min(1, { error: "must not be empty" })
      .max(MAX_ANNOUNCEMENT_LENGTH, { error: `must have at most ${MAX_ANNOUNCEMENT_LENGTH} characters` })
      .refine((message) => !message.includes("\u0000"), { error: "must not contain NUL" }),
  })
  .meta({ id: "AnnounceBody" });
export type AnnounceBody = z.infer<typeof announceBodySchema>;

/** `people` have it in their inbox, now or when they come back. */
export const announcementSchema = z
  .strictObject({
    id: idSchema,
    level: notificationLevelSchema,
    message: z.string(),
    at: timeSchema,
    people: z.number().int().min(0),
  })
  .meta({ id: "Announcement" });
export type Announcement = z.infer<typeof announcementSchema>;
