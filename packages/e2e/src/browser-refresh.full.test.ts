import type { Browser, Page } from "playwright-core";
import { Client } from "pg";
import { describeInBrowser, launchBrowser, takeScreenshot } from "./browser";
import { shownText, signUp, storedFiles, submitPrompt, waitForStatus, waitForText } from "./console-page";
import { useStack } from "./running-stack";
import { waitFor } from "./wait-for";

const prompt =
  "A library with books (title, isbn unique, pages int, publishedAt date) that belong to authors (name, email)";
const refreshes = 20;

describeInBrowser("A page refreshed twenty times within one generation", () => {
  // Slow enough that all refreshes fall into it.
  const running = useStack({ notifiers: 2, restarts: false, env: { BUILT_IN_ENGINE_RATE: "900" } });
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  it("ends with exactly the files that Postgres holds, though its node changes again and again", async () => {
    const { stack } = running;
    const page = await browser.newPage();
    await signUp(page, stack.url);
    const id = await submitPrompt(page, prompt);
    await waitForText(page);
    let seenRunning = 0;
    for (let turn = 0; turn < refreshes; turn += 1) {
      // One node is always away, never the same for long: whichever the page was on, it has to move.
      if (turn % 4 === 0) {
        const [away, back] = turn % 8 === 0 ? [1, 2] : [2, 1];
        if (turn > 0) await stack.restartPart(`notification-${back}`);
        await stack.kill(`notification-${away}`);
      }
      await page.reload();
      await waitForText(page);
      if (/running|writing/i.test((await page.getByTestId("generation-status").textContent()) ?? "")) {
        seenRunning += 1;
      }
    }
    expect(seenRunning).toBeGreaterThanOrEqual(refreshes - 2);
    await waitForStatus(page, /completed|done/i);
    await takeScreenshot(page, "refreshed");
    const inPostgres = await readStoredFiles(stack.databaseUrl, id);
    expect(inPostgres.size).toBeGreaterThan(5);
    expect(await storedFiles(page, id)).toEqual(inPostgres);
    await expectShown(page, inPostgres);
  }, 400_000);
});

/** The page's own copy of every file, put together from events, is what is stored. */
async function expectShown(page: Page, stored: ReadonlyMap<string, string>): Promise<void> {
  const items = await page.getByTestId("file-tree-item").all();
  const paths = await Promise.all(items.map((item) => item.getAttribute("data-path")));
  expect(paths.sort()).toEqual([...stored.keys()].sort());
  for (const [path, content] of stored) {
    await page.locator(`[data-testid="file-tree-item"][data-path="${path}"]`).click();
    await waitFor(`the text of ${path}`, async () =>
      (await shownText(page)).trim() === content.trim() ? true : undefined,
    );
  }
}

async function readStoredFiles(databaseUrl: string, id: string): Promise<Map<string, string>> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ path: string; content: string }>(
      `select f.path, coalesce(f.content, (select string_agg(p.content, '' order by p.part)
         from generation_file_parts p where p.generation_id = f.generation_id and p.path = f.path)) as content
       from generation_files f where f.generation_id = $1`,
      [id],
    );
    return new Map(rows.map(({ path, content }) => [path, content]));
  } finally {
    await client.end();
  }
}
