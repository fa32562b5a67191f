/**
 * `npm run bench`: what the main job costs, beside the budget. Real bot, real SDKs over HTTP, stand-ins that answer
 * as slowly as the services do (Notion 250 ms; Claude 1.3 s for the small steps, 8.2 s for advice would hide our own
 * share, so Claude is given as one latency per call and the critical path is computed from it).
 */
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type App, createApp } from "../../src/app.ts";
import { parseConfig } from "../../src/config.ts";
import { createWorld, type World } from "../../src/sandbox/world.ts";

const NOTION_MS = 250;
const CLAUDE_MS = 2_000;

interface Kind {
  name: string;
  title: string;
  content: string;
  budget: number;
  /** Claude calls in a row, and Notion calls in a row, that nothing can shorten. */
  serial: { claude: number; notion: number };
}

const KINDS: Kind[] = [
  {
    name: "strategic, three advisers",
    title: "Should we expand to the Nordic market in 2027?",
    content: "Expanding to Sweden and Norway would cost about 2 million euros and changes the whole company.",
    budget: 10,
    serial: { claude: 4, notion: 4 },
  },
  {
    name: "strategic, one adviser",
    title: "Should we change the weekly meeting to Tuesdays?",
    content: "Whether to move the weekly team meeting.",
    budget: 10,
    serial: { claude: 4, notion: 4 },
  },
  {
    name: "operational",
    title: "Book the venue for the summer party",
    content: "Book a place for 40 people before 1 June.",
    budget: 4,
    serial: { claude: 1, notion: 4 },
  },
  {
    name: "reference",
    title: "Notes from the meeting with Anna Lind",
    content: "FYI: met Anna Lind of Nordlys Energy about the billing service.",
    budget: 7,
    serial: { claude: 1, notion: 5 },
  },
];

const rows: string[][] = [["what", "measured", "budget or floor"]];

async function main(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), "emm-bench-"));
  const world = await createWorld({ dataDir, env: { POLLING_INTERVAL_SECONDS: "3600", LOG_LEVEL: "ERROR" } });
  for (const row of world.notion.rows("System Inbox")) world.notion.trash(row.id);
  const app = await start(world, "start to ready, embedded, empty folder", "≤ 6 s");
  await warmedUp(world);
  world.notion.latencyMs = NOTION_MS;
  world.claude.latencyMs = CLAUDE_MS;
  for (const kind of KINDS) await measureItem({ world, app }, kind);
  await measureApproval({ world, app });
  await measureIdle({ world, app });
  await measureClicks({ world, app });
  rows.push([
    "memory after all this (RSS, with the stand-ins in the process)",
    `${Math.round(process.memoryUsage.rss() / 1e6)} MB`,
    "≤ 450 MB for the bot alone",
  ]);
  await app.stop();
  const again = await start(world, "start to ready, embedded, used folder", "≤ 6 s");
  await again.idle();
  await again.stop();
  await world.close();
  await rm(dataDir, { recursive: true, force: true });
  print();
}

async function start(world: World, what: string, budget: string): Promise<App> {
  const begun = performance.now();
  const app = await createApp(parseConfig(world.env));
  await app.start();
  rows.push([what, `${((performance.now() - begun) / 1_000).toFixed(2)} s`, budget]);
  world.slack.deliverTo(`http://127.0.0.1:${app.httpPort()}/slack/events`);
  return app;
}

/** Schemas and caches are read once in a process's life, behind the start; the items come after. */
async function warmedUp({ notion }: World): Promise<void> {
  for (let seen = -1; seen !== notion.calls.length; ) {
    seen = notion.calls.length;
    await sleep(500);
  }
}

interface Bench {
  world: World;
  app: App;
}

function routes(world: World): string {
  const counts = new Map<string, number>();
  for (const { route } of world.notion.calls) counts.set(route, (counts.get(route) ?? 0) + 1);
  return [...counts].map(([route, n]) => `${n} × ${route.replace("/v1/", "")}`).join(", ");
}

/** Waits for an item that was put into the inbox; the poll's own two queries are not the item's. */
async function measureItem({ world, app }: Bench, kind: Kind): Promise<void> {
  const { notion, claude } = world;
  notion.create({
    user: notion.users[0]?.id ?? "",
    database: "System Inbox",
    values: { Input_Title: kind.title, Content: kind.content, Status: "Unprocessed" },
  });
  notion.calls.length = 0;
  const asked = claude.requests.length;
  const begun = performance.now();
  await app.pollNow();
  await app.idle();
  const seconds = (performance.now() - begun) / 1_000;
  const path = (kind.serial.claude * CLAUDE_MS + (kind.serial.notion + 1) * NOTION_MS) / 1_000;
  rows.push([`${kind.name}: Notion calls`, String(notion.calls.length - 2), `≤ ${kind.budget}`]);
  rows.push([`  of them (with the poll's two queries)`, routes(world), ""]);
  rows.push([
    `${kind.name}: Claude calls, serial depth`,
    `${claude.requests.length - asked}, ${kind.serial.claude}`,
    "depth ≤ 4",
  ]);
  rows.push([
    `${kind.name}: poll to finished`,
    `${seconds.toFixed(2)} s`,
    `critical path ${path.toFixed(2)} s × 1.15 = ${(path * 1.15).toFixed(2)} s`,
  ]);
}

function card(world: World) {
  const { decisionsChannel } = channels(world);
  return world.slack
    .messages(decisionsChannel)
    .find((message) => JSON.stringify(message.blocks).includes("decision_approve"));
}

function channels(world: World) {
  return { decisionsChannel: world.env["SLACK_DECISIONS_CHANNEL"] ?? "" };
}

const approver = (world: World, n = 0) => (world.env["SLACK_APPROVERS"] ?? "").split(",")[n] ?? "";

async function measureApproval({ world, app }: Bench): Promise<void> {
  const message = card(world);
  if (!message) throw new Error("no card to approve");
  world.notion.calls.length = 0;
  const begun = performance.now();
  const click = {
    user: approver(world),
    channel: message.channel,
    ts: message.ts,
    actionId: "decision_approve",
  };
  const { acknowledgedMs } = await world.slack.click(click);
  await app.idle();
  const tasks = world.notion.calls.filter(({ route }) => route === "POST /v1/pages").length - 3;
  rows.push([
    `approve (${tasks} tasks and a project): Notion calls`,
    String(world.notion.calls.length),
    `≤ ${6 + tasks}`,
  ]);
  rows.push(["  of them", routes(world), ""]);
  rows.push([
    "approve: acknowledged, recorded",
    `${Math.round(acknowledgedMs)} ms, ${((performance.now() - begun) / 1_000).toFixed(2)} s`,
    "< 3 s, < 60 s",
  ]);
}

async function measureIdle({ world, app }: Bench): Promise<void> {
  world.notion.calls.length = 0;
  await app.pollNow();
  rows.push(["idle poll: Notion calls", String(world.notion.calls.length), "≤ 2"]);
}

async function measureClicks({ world, app }: Bench): Promise<void> {
  const message = card(world);
  if (!message) throw new Error("no card to click");
  const clicks = Array.from({ length: 100 }, (_, n) =>
    world.slack.click({
      user: approver(world, n % 2),
      channel: message.channel,
      ts: message.ts,
      actionId: "decision_approve",
    }),
  );
  const acks = (await Promise.all(clicks)).map((delivery) => delivery.acknowledgedMs).sort((a, b) => a - b);
  await app.idle();
  const trained = world.notion.rows("Training Data").length - 1;
  rows.push(["100 clicks at the same moment: decisions", String(trained), "1"]);
  rows.push([
    "  acknowledged p50, p99 (one burst)",
    `${Math.round(acks[49] ?? 0)} ms, ${Math.round(acks[98] ?? 0)} ms`,
    "p99 < 250 ms at 50/s",
  ]);
}

function print(): void {
  const width = Math.max(...rows.map(([what]) => what?.length ?? 0));
  process.stdout.write(
    `\n${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}; Notion ${NOTION_MS} ms, Claude ${CLAUDE_MS} ms per call\n\n`,
  );
  for (const [what = "", measured = "", budget = ""] of rows)
    process.stdout.write(`${what.padEnd(width)}  ${measured}${budget && `   (${budget})`}\n`);
}

await main();
