/**
 * The sandbox world: the stand-ins and the environment that points a bot at them. Pure composition: it starts
 * no bot and reads no environment of its own. Used by the demo and by every test that boots the whole bot.
 */
import { createClaudeStandIn } from "./anthropic/server.ts";
import { createNotionStandIn } from "./notion/notion-stand-in.ts";
import { createWorkspaceSeed, type NotionSeed } from "./notion/workspace-seed.ts";
import { createRailwayStandIn } from "./railway/railway-stand-in.ts";
import { createSlackStandIn, type SlackWorkspaceStandIn } from "./slack/slack-stand-in.ts";
import { channels, createSlackSeed, people } from "./slack/workspace-seed.ts";
import type { ClaudeStandIn, NotionStandIn, RailwayStandIn, SlackStandIn } from "./stand-ins.ts";

export interface World {
  slack: SlackWorkspaceStandIn;
  notion: NotionStandIn;
  claude: ClaudeStandIn;
  railway: RailwayStandIn;
  /** For parseConfig. HTTP listens on port 0 of the loopback address unless told otherwise. */
  env: Record<string, string>;
  close(): Promise<void>;
}

export interface WorldOptions {
  /** Where the embedded store lives. Left out: the bot's own default. */
  dataDir?: string;
  /** Joins and overrides what the world would set. */
  env?: Record<string, string>;
  claudeLatencyMs?: number;
  /** Epoch milliseconds; the clock of the Notion stand-in. */
  notionNow?: () => number;
  /** The same of the Slack stand-in: what it signs is refused by a bot whose clock differs by more than five minutes. */
  slackNow?: () => number;
  /** Slack reaches the bot through a socket instead of HTTP. */
  socketMode?: boolean;
  /** Left out: the workspace of the demo. */
  notionSeed?: NotionSeed;
}

export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const slack = await createSlackStandIn({
    seed: createSlackSeed(),
    ...(options.slackNow ? { now: options.slackNow } : {}),
  });
  const notion = await createNotionStandIn({
    seed: options.notionSeed ?? createWorkspaceSeed(),
    ...(options.notionNow ? { now: options.notionNow } : {}),
  });
  const claude = await createClaudeStandIn({});
  const railway = await createRailwayStandIn();
  claude.latencyMs = options.claudeLatencyMs ?? 0;
  const env = {
    ...slackEnv(slack),
    ...(options.socketMode === true ? { SLACK_APP_TOKEN: slack.appToken } : {}),
    ...notionEnv(notion),
    ANTHROPIC_API_KEY: "sk-ant-sandbox",
    ANTHROPIC_BASE_URL: claude.url,
    ...railwayEnv(railway),
    ENVIRONMENT: "development",
    HOST: "127.0.0.1",
    PORT: "0",
    ...(options.dataDir ? { DATA_DIR: options.dataDir } : {}),
    ...options.env,
  };
  const close = async () => {
    await Promise.all([slack.close(), notion.close(), claude.close(), railway.close()]);
  };
  return { slack, notion, claude, railway, env, close };
}

function slackEnv({ seed, url }: SlackStandIn): Record<string, string> {
  return {
    SLACK_BOT_TOKEN: seed.bot.token,
    SLACK_SIGNING_SECRET: seed.signingSecret,
    SLACK_API_URL: new URL("/api/", url).href,
    SLACK_DECISIONS_CHANNEL: channels.leadership,
    SLACK_ALERTS_CHANNEL: channels.alerts,
    SLACK_APPROVERS: [people.dana, people.sam].join(","),
  };
}

/** The bot looks at the deployments of a service that only the stand-in runs. */
function railwayEnv({ apiUrl, url, projectToken, ids }: RailwayStandIn): Record<string, string> {
  return {
    RAILWAY_TOKEN: projectToken,
    RAILWAY_API_URL: apiUrl,
    RAILWAY_PROJECT_ID: ids.project,
    RAILWAY_ENVIRONMENT_ID: ids.environment,
    RAILWAY_SERVICE_ID: ids.service,
    PUBLIC_URL: url,
  };
}

/** "System Inbox" → NOTION_DB_SYSTEM_INBOX. */
function notionEnv(notion: NotionStandIn): Record<string, string> {
  const databases = notion
    .databases()
    .map(({ title, id }) => [`NOTION_DB_${title.toUpperCase().replaceAll(/\W+/g, "_")}`, id]);
  return {
    NOTION_API_KEY: notion.token,
    NOTION_BASE_URL: notion.url,
    ...Object.fromEntries(databases),
  };
}
