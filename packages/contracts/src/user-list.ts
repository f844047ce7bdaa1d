import { z } from "zod";
import { userSchema } from "./auth";
import { pageOf, pageQuerySchema } from "./ids";

/** GET /admin/users: newest first; `q` is looked for in e-mail address and name, without regard to case. */
export const listUsersQuerySchema = pageQuerySchema.extend({
  q: z.string().trim().toLowerCase().max(100).optional(),
});
export type ListUsersQuery = z.infer<typeof listUsersQuerySchema>;

export const userListItemSchema = z
  .strictObject({ ...userSchema.shape, roles: z.array(z.string()) })
  .meta({ id: "UserListItem" });
export type UserListItem = z.infer<typeof userListItemSchema>;

/** A page as it is cached. */
export const userListSchema = pageOf(userListItemSchema);
export type UserList = z.infer<typeof userListSchema>;

export const userListViewSchema = z
  .strictObject({
    ...userListSchema.shape,
    /** older than it should be: its source can't be asked right now */
    stale: z.boolean(),
  })
  .meta({ id: "UserList" });
export type UserListView = z.infer<typeof userListViewSchema>;
