import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { strFromU8, unzipSync } from "fflate";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { describeInBrowser, launchBrowser, takeScreenshot } from "./browser";
import { shownText, statusOf, storedFiles, submitPrompt, waitForStatus, waitForText } from "./console-page";
import { password } from "./person";
import { useStack } from "./running-stack";
import { waitFor } from "./wait-for";

const prompt =
  "A library with books (title, isbn unique, pages int, publishedAt date) that belong to authors (name, email)";

describeInBrowser("In the browser", () => {
  // Some eight seconds a generation, so that there is time to refresh in its middle.
  const running = useStack({ env: { BUILT_IN_ENGINE_RATE: "5000" } });
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    browser = await launchBrowser();
    context = await browser.newContext({ viewport: { width: 1360, height: 860 }, acceptDownloads: true });
    page = await context.newPage();
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      // Asking who one is, is how the console learns that nobody has signed in yet.
      if (message.type() === "error" && !/status of 401/.test(message.text()))
        complaints.push(message.text());
    });
  });

  afterEach(async () => {
    await takeScreenshot(page, "last");
  });

  afterAll(async () => {
    await browser.close();
  });

  it("somebody registers, watches a file grow, refreshes in mid-stream, loses nothing and takes the zip", async () => {
    const { url } = running.stack;
    await page.goto(url);
    await page.getByTestId("auth-email").waitFor();
    await takeScreenshot(page, "1-sign-in");
    await page.getByRole("link", { name: /sign up|create|register/i }).click();
    await page.getByTestId("auth-email").fill(`${randomUUID()}@example.org`);
    await page.getByTestId("auth-password").fill(password);
    await page.getByTestId("auth-submit").click();

    await page.getByTestId("prompt-input").fill(prompt);
    await takeScreenshot(page, "2-home");
    await page.getByTestId("prompt-submit").click();
    await page.waitForURL(/\/g\//);
    const id = page.url().split("/").at(-1) ?? "";

    const before = await waitForText(page);
    const after = await waitFor("the file to grow", async () => {
      const text = await shownText(page);
      return text.length > before.length ? text : undefined;
    });
    expect(after.length).toBeGreaterThan(before.length);
    expect(await statusOf(page)).toMatch(/running|writing/i);
    await takeScreenshot(page, "3-live");

    await page.reload();
    await waitForText(page);
    expect(await statusOf(page)).toMatch(/running|writing/i);
    await waitFor("the middle", async () =>
      Number(await page.getByTestId("generation-progress").getAttribute("data-percent")) >= 45
        ? true
        : undefined,
    );
    await takeScreenshot(page, "4-after-refresh");

    const secondTab = await context.newPage();
    await secondTab.goto(page.url());
    await waitForText(secondTab);

    await waitForStatus(page, /completed|done/i);
    await waitForStatus(secondTab, /completed|done/i);
    await takeScreenshot(page, "5-completed");
    for (const tab of [page, secondTab]) await waitForUnread(tab, "1");
    await page.getByTestId("inbox-bell").click();
    await page.locator('[data-testid="inbox-item"][data-kind="completed"][data-unread="true"]').waitFor();
    await takeScreenshot(page, "5-inbox");
    await page.keyboard.press("Escape");
    await secondTab.close();

    const stored = await storedFiles(page, id);
    const items = await page.getByTestId("file-tree-item").all();
    const paths = await Promise.all(items.map((item) => item.getAttribute("data-path")));
    expect(paths.sort()).toEqual([...stored.keys()].sort());
    for (const path of ["package.json", "README.md"]) {
      await page.locator(`[data-testid="file-tree-item"][data-path="${path}"]`).click();
      const text = await waitFor(`the text of ${path}`, async () => {
        const shown = await shownText(page);
        return shown.trim() === stored.get(path)?.trim() ? shown : undefined;
      });
      expect(text.trim()).toBe(stored.get(path)?.trim());
    }

    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByTestId("download-zip").click(),
    ]);
    const zip = unzipSync(new Uint8Array(readFileSync(await download.path())));
    const unpacked = Object.entries(zip).map(([path, bytes]) => [
      path.replace(/^[^/]+\//, ""),
      strFromU8(bytes),
    ]);
    expect(new Map(unpacked as [string, string][])).toEqual(stored);
    expect(complaints).toEqual([]);
  }, 120_000);

  it("a cancelled generation says so and stays where it is", async () => {
    await page.goto(running.stack.url);
    await submitPrompt(page, prompt);
    await waitForText(page);
    await page.getByTestId("cancel-button").click();
    await page.getByTestId("confirm-button").click();
    await waitForStatus(page, /cancelled/i);
    await takeScreenshot(page, "6-cancelled");
  }, 60_000);

  it("a prompt with nothing to build from fails with an example of a better one", async () => {
    await page.goto(running.stack.url);
    await submitPrompt(page, "hello there");
    await waitForStatus(page, /failed/i);
    expect(await page.locator("body").innerText()).toMatch(/books|for example|such as/i);
    await takeScreenshot(page, "7-failed");
  }, 60_000);

  it("the banner tells that Redis is away, generations go on, and it goes when Redis is back", async () => {
    await page.goto(running.stack.url);
    await submitPrompt(page, prompt);
    await waitForText(page);
    await running.stack.kill("redis");
    await page.getByTestId("system-banner").waitFor({ state: "visible", timeout: 15_000 });
    await takeScreenshot(page, "8-without-redis");
    await waitForStatus(page, /completed|done/i);
    await running.stack.restartPart("redis");
    await page.getByTestId("system-banner").waitFor({ state: "hidden", timeout: 15_000 });
  }, 120_000);

  it("signing out leads back to the sign-in page, also after a reload", async () => {
    await page.goto(running.stack.url);
    await page.getByTestId("user-menu").click();
    await page.getByTestId("sign-out").click();
    await page.getByTestId("auth-email").waitFor();
    await page.reload();
    await page.getByTestId("auth-email").waitFor();
  }, 30_000);
});

/** The bell comes to it by itself. */
function waitForUnread(page: Page, count: string): Promise<true> {
  return waitFor("the bell to count what is unread", async () =>
    (await page.getByTestId("inbox-bell").getAttribute("data-unread")) === count ? true : undefined,
  );
}
