/**
 * The fault table: each fault is brought about in a running bot, with production patience, and taken back. Prints what
 * Slack showed, how long until health was red, and how long until it was green again by itself. INTERVAL is the poll
 * period (60 s), ONLY a part of the names of the cases to run.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { SlackMessage } from "../../src/sandbox/stand-ins.ts";
import { createWorld, type World } from "../../src/sandbox/world.ts";
import { type BotProcess, childEnv, startBot } from "../fixtures/bot-process.ts";
import { type SmallDisk, smallDisk } from "../fixtures/small-disk.ts";
import { DECISIONS, emptyInbox, userId } from "../flows/bot.ts";
import { CASES, type FaultCase, type Stage, writeShift } from "./fault-cases.ts";

const INTERVAL_S = Number(process.env["INTERVAL"] ?? 60);
const ONLY = process.env["ONLY"] ?? "";
/** Two poll periods, and what a look itself may take. */
const RED_LIMIT_MS = 2 * INTERVAL_S * 1_000 + 10_000;
const GREEN_LIMIT_MS = 4 * INTERVAL_S * 1_000 + 60_000;
const LOOK_MS = 200;

interface Row {
  name: string;
  shown: string;
  redMs: number | null;
  greenMs: number | null;
  problem: string | null;
}

let world: World;
let bot: BotProcess;
let disk: SmallDisk;
let folder: string;
let shiftFile: string;
const rows: Row[] = [];

const baseEnv = () =>
  childEnv(world, {
    DATA_DIR: join(disk.path, "data"),
    POLLING_INTERVAL_SECONDS: String(INTERVAL_S),
    NOTION_REQUESTS_PER_MINUTE: "180",
    LOG_LEVEL: "INFO",
    DIGEST_CRON: "off",
    WEEKLY_DIGEST_CRON: "off",
    SHIFTED_CLOCK: shiftFile,
    NODE_OPTIONS: `--no-deprecation --import ${new URL("../fixtures/shifted-clock.mjs", import.meta.url).href}`,
  });

async function start(env: Record<string, string> = {}): Promise<void> {
  bot = await startBot({ env: { ...baseEnv(), ...env } });
  world.slack.deliverTo(`${bot.url}/slack/events`);
}

const stage: Stage = {
  get world() {
    return world;
  },
  get disk() {
    return disk;
  },
  url: () => bot.url,
  async restart(env) {
    if (bot.isRunning()) await bot.end("SIGTERM");
    await start(env);
  },
  async kill() {
    await bot.end("SIGKILL");
  },
  async setClock(shiftMs) {
    await writeShift(shiftFile, shiftMs);
    process.kill(bot.pid, "SIGUSR2");
  },
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "emm-fault-table-"));
  shiftFile = join(folder, "shift");
  await writeShift(shiftFile, 0);
  disk = smallDisk();
  world = await createWorld();
  emptyInbox(world);
  await start();
});

afterAll(async () => {
  if (bot?.isRunning()) await bot.end("SIGTERM");
  await world.close();
  disk.remove();
  rmSync(folder, { recursive: true, force: true });
  console.log(`\n${table()}\n`);
});

interface Health {
  status: string;
  checks: Record<string, { status: string }>;
}

/** null = nobody answers. */
async function look(): Promise<Health | null> {
  try {
    const answer = await fetch(`${bot.url}/health`, { signal: AbortSignal.timeout(2_000) });
    return (await answer.json()) as Health;
  } catch {
    return null;
  }
}

/** Milliseconds until it holds; null when it does not within the limit. */
async function timeUntil(holds: (health: Health | null) => boolean, limitMs: number): Promise<number | null> {
  const begun = performance.now();
  while (performance.now() - begun < limitMs) {
    if (holds(await look())) return Math.round(performance.now() - begun);
    await sleep(LOOK_MS);
  }
  return null;
}

/** What is not well, and what the bot logged last. */
async function sick(): Promise<string> {
  const checks = Object.entries((await look())?.checks ?? {});
  const names = checks.flatMap(([name, { status }]) => (status === "ok" ? [] : [`${name} ${status}`]));
  const logged = bot.lines.slice(-5).map(({ level, message }) => `${level} ${message}`);
  return `${names.join(", ")}; last logged: ${logged.join(", ")}`;
}

const isGreen = (health: Health | null) => health?.status === "healthy";
/** "Not known" is no finding yet. */
const isRed = (check: string) => (health: Health | null) =>
  health === null || ["down", "degraded"].includes(health.checks[check]?.status ?? "");

/** What anybody could read in Slack since then, in few words. */
function since(before: ReadonlySet<string>): string {
  const everywhere = world.slack.seed.channels.flatMap(({ id }) => world.slack.messages(id));
  const fresh = everywhere.filter((message) => message.visibleTo === null && !before.has(keyOf(message)));
  return fresh.map((message) => `“${message.text.replaceAll("\n", " ").slice(0, 90)}”`).join(" · ");
}

const keyOf = (message: SlackMessage) => `${message.channel} ${message.ts} ${message.text}`;

function everything(): Set<string> {
  const everywhere = world.slack.seed.channels.flatMap(({ id }) => world.slack.messages(id));
  return new Set(everywhere.map(keyOf));
}

const ANSWER_MS = 15_000;

/** The lines of `/emm health` that are not well. */
async function healthLines(): Promise<string> {
  const user = userId(world, "dana");
  const last = () => world.slack.messages(DECISIONS).findLast((one) => one.visibleTo === user);
  const before = last()?.ts;
  const delivery = await world.slack.command({ user, channel: DECISIONS, command: "/emm", text: "health" });
  if (delivery.error !== null) return `Slack's own “${delivery.error}”`;
  const begun = performance.now();
  const isThere = () => last()?.ts !== before && !last()?.text.includes("Looking again");
  while (performance.now() - begun < ANSWER_MS && !isThere()) await sleep(LOOK_MS);
  if (!isThere()) return "no answer";
  const lines = (last()?.text ?? "").split("\n").filter((line) => /^• (Down|Needs|Not known)/.test(line));
  return lines.map((line) => plain(line).slice(2, 190)).join(" / ");
}

/** A moment as people read it. */
const plain = (text: string) => text.replaceAll(/<!date\^\d+\^[^|]*\|([^>]*)>/g, "$1");

async function run(fault: FaultCase): Promise<Row> {
  const green = await timeUntil(isGreen, GREEN_LIMIT_MS);
  if (green === null) return { ...blank(fault), problem: `not green before: ${await sick()}` };
  const before = everything();
  const seen = await fault.begin(stage);
  const { check } = fault;
  if (check === null) {
    await fault.end(stage);
    return { ...blank(fault), shown: typeof seen === "string" ? seen : "" };
  }
  const redMs = await timeUntil(isRed(check), RED_LIMIT_MS);
  const lines = bot.isRunning() ? await healthLines() : "";
  await fault.end(stage);
  const greenMs = await timeUntil(isGreen, GREEN_LIMIT_MS);
  const shown = [lines && `/emm health: ${lines}`, since(before)].filter(Boolean).join(" — ");
  const problem = redMs === null ? "never red" : greenMs === null ? `never green: ${await sick()}` : null;
  return { name: fault.name, shown, redMs, greenMs, problem };
}

const blank = (fault: FaultCase): Row => ({
  name: fault.name,
  shown: "",
  redMs: null,
  greenMs: null,
  problem: null,
});

function table(): string {
  const seconds = (ms: number | null) => (ms === null ? "–" : `${(ms / 1_000).toFixed(1)}`);
  const lines = rows.map(({ name, shown, redMs, greenMs, problem }) =>
    [
      name,
      problem ? `**${problem}** ${shown}` : shown.replaceAll("|", "\\|"),
      seconds(redMs),
      seconds(greenMs),
    ].join(" | "),
  );
  return [
    `Poll period ${INTERVAL_S} s.`,
    "",
    "| fault | what Slack showed | red after s | green after s |",
    "| --- | --- | --- | --- |",
    ...lines.map((line) => `| ${line} |`),
  ].join("\n");
}

const chosen = CASES.filter(({ name }) => name.includes(ONLY));

it.each(chosen)(
  "$name",
  async (fault) => {
    if (fault.name === "the disk is full" && disk.fill === null) {
      rows.push({ ...blank(fault), shown: "left out: no disk can be mounted here" });
      return;
    }
    const row = await run(fault);
    rows.push(row);
    console.log(
      `${row.name}: red ${row.redMs} ms, green ${row.greenMs} ms${row.problem ? `; ${row.problem}` : ""}`,
    );
    expect(row.problem).toBeNull();
  },
  2 * (RED_LIMIT_MS + 2 * GREEN_LIMIT_MS),
);
