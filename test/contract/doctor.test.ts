/** `/emm doctor`: the running bot about itself, against the stand-ins; and who may ask. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createDoctor } from "../../src/compose/doctor.ts";
import { parseConfig } from "../../src/config.ts";
import type { HealthReport } from "../../src/domain/health.ts";
import { createLog } from "../../src/log.ts";
import { channels, people } from "../../src/sandbox/slack/workspace-seed.ts";
import { createWorld, type World } from "../../src/sandbox/world.ts";
import type { Diagnosis } from "../../src/slack/doctor-ports.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { createWebhookStore } from "../../src/store/webhooks.ts";
import { preparedDataFolder, removeDataFolder } from "../fixtures/data-folders.ts";
import { openOffice, type SlackOffice } from "./slack-office.ts";

const log = createLog({ level: "CRITICAL", json: true });
const HEALTH: HealthReport = {
  status: "degraded",
  checks: [
    { name: "poller", status: "degraded", detail: "Polls are paused by Dana Reyes.", checkedAt: null },
    { name: "claude", status: "unknown", detail: "Not asked yet.", checkedAt: null },
    { name: "approvers", status: "ok", detail: "Looked at more closely elsewhere.", checkedAt: null },
  ],
};

describe("the examination", () => {
  let world: World;
  let store: Store;
  const dataDir = preparedDataFolder();

  beforeAll(async () => {
    world = await createWorld();
    world.notion.requestsPerMinute = null;
    world.slack.hasRateLimits = false;
    store = await openStore({ databaseUrl: null, dataDir, log });
  });
  afterAll(async () => {
    await store.close();
    await world.close();
    removeDataFolder(dataDir);
  });

  const doctorWith = (env: Record<string, string> = {}, report = HEALTH) =>
    createDoctor(parseConfig({ ...world.env, DATA_DIR: dataDir, ...env }), {
      ...{ store, log, health: async () => report, now: () => new Date("2026-11-21T12:00:00Z") },
    });
  const about = (found: Diagnosis[], subject: string) => found.filter((one) => one.subject === subject);

  test("finds nothing wrong with the set-up of the sandbox, and passes on what health says of the rest", async () => {
    const found = await doctorWith().examine();
    expect(found.filter(({ mark }) => mark === "problem")).toEqual([]);
    expect(about(found, "SLACK_APPROVERS")).toMatchObject([{ mark: "ok" }]);
    expect(about(found, "System Inbox")).toMatchObject([{ area: "Notion", mark: "ok" }]);
    expect(about(found, "poller")).toMatchObject([{ mark: "warning", detail: /paused by Dana/ }]);
    expect(about(found, "claude")).toMatchObject([{ mark: "unproven" }]);
    expect(about(found, "approvers")).toEqual([]);
    const odd = await doctorWith({ SLACK_APPROVER: people.dana }).examine();
    expect(odd.filter(({ subject }) => subject === "note")).toHaveLength(1);
    expect([...found, ...odd].filter(({ mark, fix }) => mark !== "ok" && fix === null)).toEqual([]);
  });

  test("names an approver who is nobody, with the fix", async () => {
    const found = await doctorWith({ SLACK_APPROVERS: `${people.dana},U0NOBODY01` }).examine();
    const wrong = about(found, "SLACK_APPROVERS").filter(({ mark }) => mark === "problem");
    expect(wrong).toMatchObject([{ detail: "U0NOBODY01 is nobody in this workspace" }]);
    expect(wrong[0]?.fix).toContain("take U0NOBODY01 out of SLACK_APPROVERS");
  });

  test("passes on that too few can decide, once", async () => {
    const detail = "Only one person can decide, and 2 have to approve.";
    const few = { name: "approvers", status: "degraded", detail, checkedAt: null } as const;
    const report = { ...HEALTH, checks: [few] };
    const found = await doctorWith({}, report).examine();
    expect(about(found, "approvers")).toMatchObject([{ area: "Health", mark: "warning", detail }]);
    const wrong = await doctorWith({ SLACK_APPROVERS: "U0NOBODY01" }, report).examine();
    expect(about(wrong, "approvers")).toEqual([]);
  });

  test("calls a webhook unproven until something came that way", async () => {
    const secret = "0123456789abcdef0123456789abcdef";
    const doctor = doctorWith({ WEBHOOK_SECRET_SENTRY: secret, WEBHOOK_SECRET_RAILWAY: secret });
    expect(about(await doctor.examine(), "/webhooks/sentry")).toMatchObject([{ mark: "unproven" }]);
    await createWebhookStore(store.db).deliveries.note("sentry:1", "digest");
    const found = await doctor.examine();
    expect(about(found, "/webhooks/sentry")).toMatchObject([{ mark: "ok" }]);
    expect(about(found, "/webhooks/railway")).toMatchObject([{ mark: "unproven" }]);
    expect(about(found, "/webhooks/notion")).toEqual([]);
  });

  test("what cannot be asked is a finding, and keeps nothing else back", async () => {
    const { faults } = world.notion;
    faults.add({ route: /.*/, effect: { kind: "status", status: 401 } });
    const found = await doctorWith().examine();
    faults.clear();
    expect(about(found, "NOTION_API_KEY")).toMatchObject([
      { mark: "problem", detail: "Notion refuses the key" },
    ]);
    expect(about(found, "SLACK_BOT_TOKEN")).toMatchObject([{ mark: "ok" }]);
  });

  test("is made once for all who ask meanwhile", async () => {
    const doctor = doctorWith();
    const before = world.notion.calls.length;
    const [one, other] = await Promise.all([doctor.examine(), doctor.examine()]);
    const once = world.notion.calls.length - before;
    expect(other).toBe(one);
    await doctor.examine();
    expect(world.notion.calls.length - before).toBe(2 * once);
  });
});

describe("the command", () => {
  let at: SlackOffice;
  beforeEach(async () => {
    at = await openOffice();
  });
  afterEach(() => at.close());
  const ask = (user: string) =>
    at.slack.command({ user, channel: channels.leadership, command: "/emm", text: "doctor" });

  test("answers operators, privately", async () => {
    at.books.diagnoses.push({
      ...{ area: "Slack", subject: "SLACK_APPROVERS", mark: "problem" },
      ...{ detail: "is empty, so nobody can decide", fix: "add user ids" },
    });
    await ask(people.sam);
    expect(await at.toldTo(people.sam)).toContain("🔴 1 problem");
  });

  test("is refused to everybody else, and that is written down", async () => {
    await ask(people.lee);
    expect(await at.toldTo(people.lee)).toContain("SLACK_OPERATORS");
    expect(at.books.audit).toMatchObject([{ actor: people.lee, action: "doctor.read", outcome: "refused" }]);
  });
});
