import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Locator, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type App, createApp } from "../../src/app.ts";
import { parseConfig } from "../../src/config.ts";
import { createPage, type Page as SandboxPage } from "../../src/sandbox/page/page-server.ts";
import { people } from "../../src/sandbox/slack/workspace-seed.ts";
import { createWorld, type World } from "../../src/sandbox/world.ts";

const CHROMIUM = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
const QUIET = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const isMissing = !existsSync(CHROMIUM);
const reason = isMissing ? ` (skipped: no Chromium at ${CHROMIUM}; set CHROMIUM_PATH)` : "";
const CARD_MS = 45_000;
/** Notes of the step bar that do not fit. */
const CUT_NOTES = `[...document.querySelectorAll(".step-words span")]
  .filter((note) => note.scrollWidth > note.clientWidth).map((note) => note.textContent)`;

let dataDir: string;
let world: World;
let app: App;
let sandbox: SandboxPage;
let browser: Browser;
let page: Page;
/** What the browser's console complained about. */
const complaints: string[] = [];

beforeAll(async () => {
  if (isMissing) return;
  dataDir = await mkdtemp(join(tmpdir(), "emm-browser-"));
  const env = { POLLING_INTERVAL_SECONDS: "10", LOG_LEVEL: "ERROR", JSON_LOGS: "true", UNDO_SECONDS: "0" };
  world = await createWorld({ dataDir, env });
  app = await createApp(parseConfig(world.env));
  await app.start();
  world.slack.deliverTo(`http://127.0.0.1:${app.httpPort()}/slack/events`);
  sandbox = await createPage({ world, port: 0 });
  browser = await chromium.launch({ executablePath: CHROMIUM, args: QUIET });
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.setDefaultTimeout(10_000);
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(sandbox.url);
}, 60_000);

afterAll(async () => {
  if (isMissing) return;
  await browser?.close();
  await sandbox?.close();
  await app?.stop();
  await world?.close();
  await rm(dataDir, { recursive: true, force: true });
}, 30_000);

afterEach(() => {
  expect(complaints.splice(0)).toEqual([]);
});

/** The newest card that still has its buttons. */
function openCard(): Locator {
  return page.locator("#messages > .message", { has: page.locator("[data-action=decision_approve]") }).last();
}

async function ask(question: string): Promise<void> {
  await page.getByLabel("Ask the leadership bot something").fill(question);
  await page.getByRole("button", { name: "Ask", exact: true }).click();
}

async function actAs(id: string): Promise<void> {
  await page.getByLabel("You are").selectOption(id);
  await page.waitForSelector(`#person[data-me="${id}"]`);
}

test.skipIf(isMissing)(
  `a question becomes a card, an edit decides it, and the tasks appear${reason}`,
  async () => {
    const question = "Should we open a second warehouse in Leeds before the summer season?";
    await ask(question);
    const step = page.locator(".step").nth(2);
    await step.and(page.locator(".active")).waitFor({ timeout: CARD_MS });
    await page.getByText(`The latest question: ${question}`).waitFor();
    expect(await page.evaluate(CUT_NOTES)).toEqual([]);
    const card = page.locator("#messages > .message", { hasText: "warehouse in Leeds" }).last();
    await card.locator("[data-action=decision_edit]").click();
    const form = page.getByRole("dialog");
    await form.getByLabel("Tasks").fill("Visit three sites in Leeds\nCompare the leases");
    await form.getByLabel("Why").fill("Two tasks are enough to start");
    await form.getByRole("button", { name: "Approve with changes" }).click();
    await form.waitFor({ state: "hidden" });
    await card
      .locator("> .message-body > .blocks")
      .getByText("Two tasks are enough to start")
      .waitFor({ timeout: CARD_MS });
    expect(await card.locator("[data-action=decision_approve]").count()).toBe(0);
    await page.locator(".step.done").nth(3).waitFor();
    await page.getByRole("tab", { name: /^Tasks/ }).click();
    await page.locator("#table").getByText("Visit three sites in Leeds").waitFor();
    await page.getByRole("tab", { name: /^Training Data/ }).click();
    await page.locator("#table").getByText("Two tasks are enough to start").waitFor();
  },
  90_000,
);

test.skipIf(isMissing)(
  `an empty question is answered with a word, and the menu of a card has a name${reason}`,
  async () => {
    await ask(" ");
    await page.getByText("Write a question first").waitFor();
    await openCard().getByRole("button", { name: "More actions" }).click();
    await openCard()
      .getByRole("button", { name: "Run the dialectic" })
      .or(openCard().getByRole("button", { name: "Withdraw request" }))
      .first()
      .waitFor();
    await page.keyboard.press("Escape");
  },
  30_000,
);

test.skipIf(isMissing)(
  `who may not decide is told so privately, and nobody else sees it${reason}`,
  async () => {
    await actAs(people.lee);
    const card = openCard();
    const before = await page.locator(".message.private").count();
    await card.locator("[data-action=decision_approve]").click();
    const note = page.locator(".message.private").nth(before);
    await note.waitFor();
    expect(await note.textContent()).toContain("Only visible to you");
    expect(await card.locator("[data-action=decision_approve]").count()).toBe(1);
    const refusal = (await note.locator(".blocks").textContent()) ?? "";
    await actAs(people.dana);
    expect(await page.getByText(refusal, { exact: true }).count()).toBe(0);
  },
  60_000,
);

test.skipIf(isMissing)(
  `a rejection needs a reason, and then stands on the card${reason}`,
  async () => {
    const card = openCard();
    const title = (await card.locator(".bk-header").textContent()) ?? "";
    await card.locator("[data-action=decision_reject]").click();
    const form = page.getByRole("dialog");
    const submit = form.getByRole("button", { name: "Reject" });
    await submit.click();
    await form.getByRole("alert").waitFor();
    // What was typed is gone then, and so is the complaint about it.
    await page.reload();
    await form.waitFor();
    expect(await form.getByRole("alert").count()).toBe(0);
    await form.getByLabel("Why not?").fill("Not before the budget is settled");
    await submit.click();
    await form.waitFor({ state: "hidden" });
    const decided = page
      .locator("#messages > .message", { hasText: title })
      .filter({ hasText: "budget is settled" });
    await decided.waitFor({ timeout: CARD_MS });
    expect(await decided.locator("[data-action=decision_approve]").count()).toBe(0);
  },
  90_000,
);

test.skipIf(isMissing)(
  `Escape closes a form, and nothing was decided${reason}`,
  async () => {
    await openCard().locator("[data-action=decision_details]").click();
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    expect(world.slack.modals(people.dana)).toEqual([]);
    expect(await openCard().locator("[data-action=decision_approve]").count()).toBe(1);
  },
  60_000,
);

test.skipIf(isMissing)(
  `on a phone one pane is shown at a time${reason}`,
  async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.locator("#pane-notion").isVisible()).toBe(false);
    await page.getByRole("button", { name: "Notion", exact: true }).click();
    expect(await page.locator("#pane-notion").isVisible()).toBe(true);
    expect(await page.locator("#pane-slack").isVisible()).toBe(false);
    const isWide = "document.documentElement.scrollWidth > document.documentElement.clientWidth";
    expect(await page.evaluate(isWide)).toBe(false);
  },
  30_000,
);
