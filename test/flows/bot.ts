/** Boots the real bot against the three stand-ins, in this process. Tests act as people and look at what people see. */
import { type App, type AppOptions, createApp } from "../../src/app.ts";
import { type Config, parseConfig } from "../../src/config.ts";
import type { PollReport } from "../../src/domain/health.ts";
import type { Log } from "../../src/log.ts";
import type { NotionRow, SlackMessage } from "../../src/sandbox/stand-ins.ts";
import { createWorld, type World } from "../../src/sandbox/world.ts";
import { preparedDataFolder, removeDataFolder } from "../fixtures/data-folders.ts";

export interface Bot {
  world: World;
  app: App;
  dataDir: string;
  /** One poll, as `/emm poll` does it. */
  poll(): Promise<PollReport>;
  /** The bot's clock jumps ahead. */
  moveClock(byMs: number): void;
  /** Resolves when no workflow is at work. */
  idle(): Promise<void>;
  /** Stops and starts it on the same data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export const DECISIONS = "C0LEADERS1";
export const ALERTS = "C0ALERTS01";

/** Waits are shorter; nothing else differs from production. */
const IMPATIENT = {
  patience: { firstIntervalSeconds: 0.1, backoffRate: 1, maxAttempts: 600 },
  notionLookupDelaysMs: [0, 100],
  notionBackoffMs: 20,
  slackPostIntervalMs: 10,
  deploymentLookMs: 50,
  alerts: { settleMs: 20, everyMs: 3_600_000 },
  diskSpace: async () => ({ free: 50e9, total: 100e9 }),
};

/** There is one engine in a process: a bot that a broken file left behind must not break the next file. */
let running: App | null = null;

async function startApp(config: Config, options: AppOptions): Promise<App> {
  await running?.stop();
  const created = await createApp(config, options);
  const app: App = {
    ...created,
    async stop() {
      if (running === app) running = null;
      await created.stop();
    },
  };
  running = app;
  await app.start();
  return app;
}

export async function bootBot(
  options: { env?: Record<string, string>; world?: World; log?: Log } = {},
): Promise<Bot> {
  const dataDir = preparedDataFolder();
  let aheadMs = 0;
  const world = options.world ?? (await createWorld({ notionNow: () => Date.now() + aheadMs }));
  const env = {
    ...world.env,
    DATA_DIR: dataDir,
    // What goes wrong on purpose need not be read.
    LOG_LEVEL: "CRITICAL",
    JSON_LOGS: "true",
    // No surprise polls: tests poll when they mean to.
    POLLING_INTERVAL_SECONDS: "3600",
    NOTION_REQUESTS_PER_MINUTE: "10000",
    // Only what is about taking decisions back waits for it.
    UNDO_SECONDS: "0",
    // Nor posts that depend on the time of day.
    DIGEST_CRON: "off",
    WEEKLY_DIGEST_CRON: "off",
    ...options.env,
  };
  world.notion.requestsPerMinute = null;
  world.slack.hasRateLimits = false;
  const now = () => new Date(Date.now() + aheadMs);
  const start = async () => {
    const app = await startApp(parseConfig(env), {
      ...IMPATIENT,
      now,
      ...(options.log ? { log: options.log } : {}),
    });
    world.slack.deliverTo(`http://127.0.0.1:${app.httpPort()}/slack/events`);
    return app;
  };
  const bot: Bot = {
    world,
    dataDir,
    app: await start(),
    poll: () => bot.app.pollNow(),
    idle: () => bot.app.idle(),
    moveClock(byMs) {
      aheadMs += byMs;
    },
    async restart() {
      await bot.app.stop();
      bot.app = await start();
    },
    async stop() {
      await bot.app.stop();
      await world.close();
      removeDataFolder(dataDir);
    },
  };
  return bot;
}

/** Waits until `look` finds something; looks again whenever the world changes. */
export async function eventually<T>(
  world: World,
  look: () => T | undefined | null | false,
  what: string,
  timeoutMs = 20_000,
): Promise<T> {
  const found = look();
  if (found) return found;
  return new Promise<T>((resolve, reject) => {
    const settle = () => {
      const value = look();
      if (!value) return;
      stop();
      resolve(value);
    };
    const stops = [world.slack, world.notion, world.claude, world.railway].map((side) =>
      side.onChange(settle),
    );
    // A change may come before its effect is readable; this only re-reads, it never decides.
    const again = setInterval(settle, 100);
    const limit = setTimeout(() => {
      stop();
      reject(new Error(`did not happen within ${timeoutMs} ms: ${what}`));
    }, timeoutMs);
    const stop = () => {
      for (const s of stops) s();
      clearInterval(again);
      clearTimeout(limit);
    };
  });
}

/** A property as plain text, the way a person reads the cell. */
export function cell(row: NotionRow | undefined, property: string): string {
  const value = row?.properties[property];
  if (!value) return "";
  const content = value[value.type];
  if (Array.isArray(content)) {
    return content
      .map(
        (part: { plain_text?: string; id?: string; name?: string }) =>
          part.plain_text ?? part.id ?? part.name ?? "",
      )
      .join(value.type === "relation" ? "," : "");
  }
  if (content === null || content === undefined) return "";
  if (typeof content === "object") {
    const named = content as { name?: string; start?: string };
    return named.name ?? named.start ?? JSON.stringify(content);
  }
  return String(content);
}

export function rowTitled(world: World, database: string, title: string): NotionRow | undefined {
  return world.notion
    .rows(database)
    .find((row) =>
      Object.entries(row.properties).some(
        ([name, value]) => value.type === "title" && cell(row, name).includes(title),
      ),
    );
}

/** Everything a message says, in reading order. */
export function wordsOf(message: SlackMessage): string {
  return JSON.stringify(message.blocks);
}

/** action_ids on the message, in order. */
export function buttonsOf(message: SlackMessage): string[] {
  return [...JSON.stringify(message.blocks).matchAll(/"action_id":"([^"]+)"/g)].map(
    (match) => match[1] ?? "",
  );
}

/** The decision cards in a channel, oldest first. */
export function cardsIn(world: World, channel = DECISIONS): SlackMessage[] {
  return world.slack
    .messages(channel)
    .filter(
      (m) =>
        m.threadTs === null && m.visibleTo === null && JSON.stringify(m.metadata ?? {}).includes("card:"),
    );
}

/** Puts the seed's inbox out of the way, so that a test sees its own items only. */
export function emptyInbox(world: World): void {
  for (const row of world.notion.rows("System Inbox")) world.notion.trash(row.id);
}

export function userId(world: World, handle: string): string {
  const user = world.slack.seed.users.find((candidate) => candidate.name === handle);
  if (!user) throw new Error(`no user ${handle} in the seed`);
  return user.id;
}

/** Requests by route since the list was last emptied. */
export function notionCalls(world: World): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { route } of world.notion.calls) counts[route] = (counts[route] ?? 0) + 1;
  return counts;
}
