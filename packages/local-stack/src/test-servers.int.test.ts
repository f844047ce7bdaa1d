import { Client } from "pg";
import { useTestPostgres } from "./test-servers";

it("gives each caller an empty database on one server", async () => {
  const [first, second] = [await useTestPostgres(), await useTestPostgres()];
  expect(new URL(first.url).host).toBe(new URL(second.url).host);
  const client = new Client({ connectionString: first.url });
  await client.connect();
  await client.query("create table mine (n int)");
  await client.end();
  const other = new Client({ connectionString: second.url });
  await other.connect();
  const { rows } = await other.query("select to_regclass('mine') as found");
  await other.end();
  expect(rows).toEqual([{ found: null }]);
  await first.drop();
  await second.drop();
}, 60_000);
