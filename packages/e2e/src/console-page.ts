import { randomUUID } from "node:crypto";
import type { Page } from "playwright-core";
import { password } from "./person";
import { waitFor } from "./wait-for";

/** Signs a new person up through the page. */
export async function signUp(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.getByRole("link", { name: /sign up|create|register/i }).click();
  await page.getByTestId("auth-email").fill(`${randomUUID()}@example.org`);
  await page.getByTestId("auth-password").fill(password);
  await page.getByTestId("auth-submit").click();
}

/** @returns the generation's id */
export async function submitPrompt(page: Page, prompt: string): Promise<string> {
  await page.getByTestId("prompt-input").fill(prompt);
  await page.getByTestId("prompt-submit").click();
  await page.waitForURL(/\/g\//);
  return page.url().split("/").at(-1) ?? "";
}

export async function shownText(page: Page): Promise<string> {
  // Without the line numbers, which are hidden from screen readers too.
  const blocks = page.getByTestId("code-view").locator("pre:not([aria-hidden])");
  return (await blocks.allTextContents()).join("\n");
}

export function waitForText(page: Page): Promise<string> {
  return waitFor("text in the code view", async () => {
    const text = await shownText(page);
    return text.trim().length > 0 ? text : undefined;
  });
}

export async function statusOf(page: Page): Promise<string> {
  return (await page.getByTestId("generation-status").textContent()) ?? "";
}

export async function waitForStatus(page: Page, status: RegExp): Promise<void> {
  await waitFor(
    `the status ${String(status)}`,
    async () => (status.test(await statusOf(page)) ? true : undefined),
    { timeoutMs: 60_000 },
  );
}

/** Asked from inside the page, so with the person's own cookie. */
export async function storedFiles(page: Page, id: string): Promise<Map<string, string>> {
  const entries = await page.evaluate(async (generationId) => {
    const base = `/api/v1/generations/${generationId}/files`;
    const { items } = (await (await fetch(base)).json()) as { items: { path: string }[] };
    return Promise.all(
      items.map(
        async ({ path }) => [path, await (await fetch(`${base}/${path}`)).text()] as [string, string],
      ),
    );
  }, id);
  return new Map(entries);
}
