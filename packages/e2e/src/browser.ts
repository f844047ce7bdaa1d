import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";

/** Where the tests leave what they saw. */
export const screenshotsDirectory = join(__dirname, "../../../.local/screenshots");

/**
 * Chromium as the gate found or installed it (`CHROMIUM_PATH`). Without one the suite is skipped, which the
 * gate says loudly, and which is a failure where `CI` is set.
 */
export const describeInBrowser: (name: string, suite: () => void) => void =
  process.env["CHROMIUM_PATH"] !== undefined || process.env["CI"] !== undefined ? describe : describe.skip;

export function launchBrowser(): Promise<Browser> {
  const executablePath = process.env["CHROMIUM_PATH"];
  if (executablePath === undefined) throw new Error("CHROMIUM_PATH names no browser");
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

export async function takeScreenshot(page: Page, name: string): Promise<void> {
  mkdirSync(screenshotsDirectory, { recursive: true });
  await page.screenshot({ path: join(screenshotsDirectory, `${name}.png`) });
}
