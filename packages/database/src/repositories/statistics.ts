import type { Statistics } from "@vibe-friend/contracts/statistics";
import type { Sql } from "../sql";

/** Counts over whole tables: milliseconds to seconds of Postgres' time, so they are kept for a while. */
export interface StatisticsReader {
  read(): Promise<Statistics>;
}

const DAYS = 14;

export function createStatistics(sql: Sql): StatisticsReader {
  return {
    async read() {
      const [people, statuses, days] = await Promise.all([
        sql.query<PeopleRow>(peopleCounts),
        sql.query<{ status: Status; count: number }>(
          "select status, count(*)::int as count from generations group by status",
        ),
        sql.query<DayRow>(countsPerDay, [DAYS]),
      ]);
      const [row] = people;
      if (row === undefined) throw new Error("the counts returned no row");
      const byStatus = { queued: 0, running: 0, completed: 0, failed: 0, cancelled: 0 };
      for (const { status, count } of statuses) byStatus[status] = count;
      return {
        at: row.at.toISOString(),
        users: { total: row.users, disabled: row.disabled, newLast7Days: row.newLast7Days },
        generations: {
          total: Object.values(byStatus).reduce((sum, count) => sum + count, 0),
          byStatus,
          perDay: days,
        },
        sessions: { open: row.sessions, usersSignedIn: row.usersSignedIn },
      };
    },
  };
}

type Status = keyof Statistics["generations"]["byStatus"];
type DayRow = Statistics["generations"]["perDay"][number];

interface PeopleRow {
  readonly at: Date;
  readonly users: number;
  readonly disabled: number;
  readonly newLast7Days: number;
  readonly sessions: number;
  readonly usersSignedIn: number;
}

const peopleCounts = `
  select now() as at, u.*, s.* from
    (select count(*)::int as users,
            (count(*) filter (where disabled_at is not null))::int as disabled,
            (count(*) filter (where created_at > now() - interval '7 days'))::int as "newLast7Days"
     from users) u,
    (select count(*)::int as sessions, (count(distinct s.user_id))::int as "usersSignedIn"
     from sessions s join users u on u.id = s.user_id
     where s.revoked_at is null and s.idle_expires_at > now() and s.absolute_expires_at > now()
       and s.user_epoch = u.session_epoch and u.disabled_at is null) s`;

const countOf = (status: Status) => `(count(g.id) filter (where g.status = '${status}'))::int as ${status}`;

/** The condition on the plain column is what the index on it serves. */
const countsPerDay = `
  select to_char(d.day, 'YYYY-MM-DD') as day, ${countOf("queued")}, ${countOf("running")},
         ${countOf("completed")}, ${countOf("failed")}, ${countOf("cancelled")}
  from generate_series((now() at time zone 'utc')::date - ($1::int - 1),
                       (now() at time zone 'utc')::date, interval '1 day') as d(day)
  left join (
    select id, status, (created_at at time zone 'utc')::date as day from generations
    where created_at >= ((now() at time zone 'utc')::date - ($1::int - 1)) at time zone 'utc'
  ) g on g.day = d.day::date
  group by d.day order by d.day`;
