/**
 * What every measurement stands on: the built bot as a process of its own, a world of stand-ins, a database. Whatever is
 * opened here is closed by `close`, also when a measurement fails.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createWorld, type World, type WorldOptions } from "../../src/sandbox/world.ts";
import { type BotProcess, childEnv, startBot } from "../fixtures/bot-process.ts";
import { type BuiltBot, buildBot } from "../fixtures/built-bot.ts";
import { openPostgres, type Postgres } from "./postgres.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
export const API_KEY = "bench-api-key-0123456789abcdef";
const LOOK_MS = 100;

export type StoreKind = "postgres" | "embedded";

export interface Lab {
  isQuick: boolean;
  /** A sentence when there is none. */
  postgres: Postgres | string;
  /** PostgreSQL when there is one. */
  preferred: StoreKind;
  /** Progress, a line each. */
  say(words: string): void;
  /** Closed with the lab. */
  world(options?: WorldOptions): Promise<World>;
  /** Environment of a store nobody else uses. */
  store(kind: StoreKind): Promise<Record<string, string>>;
  bot(world: World, env: Record<string, string>, how?: How): Promise<BotProcess>;
  close(): Promise<void>;
}

export interface How {
  /** Posts to Slack as fast as it can. */
  isUnpaced?: boolean;
  /** More for Node. */
  nodeArgs?: string[];
}

/** As in production, except that it polls when it is told to and says nothing by itself. */
const ENV = {
  LOG_LEVEL: "INFO",
  POLLING_INTERVAL_SECONDS: "3600",
  RATE_LIMIT_ENABLED: "false",
  API_KEY,
  DIGEST_CRON: "off",
  WEEKLY_DIGEST_CRON: "off",
  UNDO_SECONDS: "0",
  NOTION_REQUESTS_PER_MINUTE: "10000",
  NODE_OPTIONS: "--no-deprecation",
};

export interface LabOptions {
  isQuick: boolean;
  /** Where every bot leaves a CPU profile when it ends; null = none. */
  profiles: string | null;
}

export async function openLab({ isQuick, profiles }: LabOptions): Promise<Lab> {
  const undo: (() => unknown)[] = [];
  // What is being opened while this closes would be closed by nobody.
  const closing = new AbortController();
  const close = async () => {
    closing.abort(new Error("it was ended"));
    const failed: unknown[] = [];
    // What cannot be closed must not keep the rest open.
    for (const step of undo.splice(0).toReversed()) {
      await Promise.resolve()
        .then(step)
        .catch((error: unknown) => failed.push(error));
    }
    if (failed.length > 0) throw new AggregateError(failed, `not closed: ${failed.map(String).join("; ")}`);
  };
  try {
    const say = sayer(closing.signal);
    say("building the bot");
    const build = await buildBot();
    process.once("exit", build.remove);
    const postgres = await openPostgres();
    if (typeof postgres !== "string") undo.push(postgres.close);
    const preferred = typeof postgres === "string" ? "embedded" : "postgres";
    return {
      isQuick,
      postgres,
      preferred,
      say,
      close,
      ...openers({ build, postgres, profiles, undo, closing: closing.signal }),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function sayer(closing: AbortSignal) {
  const begun = performance.now();
  return (words: string) => {
    if (closing.aborted) return;
    const seconds = ((performance.now() - begun) / 1_000).toFixed(0).padStart(4);
    process.stdout.write(`${seconds} s  ${words}\n`);
  };
}

interface Opened {
  build: BuiltBot;
  postgres: Postgres | string;
  profiles: string | null;
  undo: (() => unknown)[];
  closing: AbortSignal;
}

function openers({ build, postgres, profiles, undo, closing }: Opened): Pick<Lab, "world" | "store" | "bot"> {
  return {
    async world(options) {
      closing.throwIfAborted();
      const world = await createWorld(options);
      undo.push(world.close);
      world.notion.requestsPerMinute = null;
      for (const row of world.notion.rows("System Inbox")) world.notion.trash(row.id);
      return world;
    },
    async store(kind): Promise<Record<string, string>> {
      closing.throwIfAborted();
      if (kind === "embedded") {
        const dataDir = mkdtempSync(join(tmpdir(), "emm-bench-data-"));
        undo.push(() => rmSync(dataDir, { recursive: true, force: true }));
        return { DATA_DIR: dataDir };
      }
      if (typeof postgres === "string") throw new Error(postgres);
      return { DATABASE_URL: await postgres.database() };
    },
    async bot(world, env, { isUnpaced = false, nodeArgs = [] } = {}) {
      const unpaced = join(ROOT, "test/bench/unpaced-bot.mjs");
      const entry = isUnpaced ? build.args.with(-1, unpaced) : build.args;
      const profiling = profiles === null ? [] : ["--cpu-prof", `--cpu-prof-dir=${profiles}`];
      const bot = await startBot({
        env: childEnv(world, { ...ENV, BENCH_BUILD: join(build.root, "dist"), ...env }),
        root: build.root,
        args: [...profiling, ...nodeArgs, ...entry],
        signal: closing,
      });
      undo.push(async () => bot.isRunning() && (await bot.end(profiles === null ? "SIGKILL" : "SIGTERM")));
      world.slack.deliverTo(`${bot.url}/slack/events`);
      await isReady(bot);
      return bot;
    },
  };
}

async function isReady(bot: BotProcess): Promise<void> {
  while (!(await fetch(`${bot.url}/ready`)).ok) await sleep(5);
}

export async function poll(bot: BotProcess): Promise<void> {
  const answer = await fetch(`${bot.url}/trigger-poll`, {
    method: "POST",
    headers: { "X-API-Key": API_KEY },
  });
  if (!answer.ok) throw new Error(`the poll was refused: ${answer.status} ${await answer.text()}`);
}

/** Looks until it holds; a measurement that never ends is no measurement. */
export async function until(
  what: string,
  look: () => boolean | Promise<boolean>,
  { limitMs = 120_000, everyMs = LOOK_MS } = {},
): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await look())) {
    if (performance.now() > end) throw new Error(`did not happen within ${limitMs / 1_000} s: ${what}`);
    await sleep(everyMs);
  }
}

/** Resolves when no stand-in was asked anything for a while. */
export async function quiet(world: World, forMs = 600): Promise<void> {
  const sides = [world.notion, world.claude, world.slack];
  const count = () => sides.reduce((sum, side) => sum + side.calls.length, 0);
  for (let seen = -1; seen !== count(); ) {
    seen = count();
    await sleep(forMs);
  }
}

/** What a process has used of all cores so far. */
export function cpuMs(pid: number): number {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return Number.NaN;
  // After the name, which is in brackets: user and system time are the 12th and 13th, in hundredths of a second.
  const fields = readFileSync(file, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Resident memory of a process in bytes, now or the most it ever was. */
export function residentBytes(pid: number, what: "now" | "peak" = "now"): number | null {
  const file = `/proc/${pid}/status`;
  if (!existsSync(file)) return null;
  const line = what === "now" ? /^VmRSS:\s+(\d+) kB/m : /^VmHWM:\s+(\d+) kB/m;
  const kilobytes = line.exec(readFileSync(file, "utf8"))?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1_024;
}
