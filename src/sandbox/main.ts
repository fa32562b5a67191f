/**
 * `npm run demo`: the stand-ins, the real bot pointed at them, and the page to watch both. A service whose real
 * credentials are in the environment is used for real. Owns start, addresses and a clean stop; no behaviour.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApp } from "../app.ts";
import { DATABASE_NAMES, parseConfig } from "../config.ts";
import { type DemoOptions, demoOptions, HELP } from "./demo-options.ts";
import { createPage } from "./page/page-server.ts";
import { createWorld } from "./world.ts";

type Env = Record<string, string | undefined>;

const CLAUDE_LATENCY_MS = 1_200;
/** A deployment takes about as long as a real one without a build. */
const DEPLOYMENT_STAGE_MS = 4_000;
/** For the examples of docs/webhooks.md; the bot listens on the loopback address only. */
const HTTP_SECRETS = {
  API_KEY: "sandbox-api-key",
  WEBHOOK_SECRET_ALERTMANAGER: "sandbox-alertmanager-secret",
  WEBHOOK_SECRET_NOTION: "sandbox-notion-secret",
  WEBHOOK_SECRET_RAILWAY: "sandbox-railway-secret",
  WEBHOOK_SECRET_SENTRY: "sandbox-sentry-secret",
};
/** What may be set from outside although it belongs to no service. */
const SETTINGS =
  /^(ANTHROPIC_(TRIAGE_)?MODEL|DAILY_BUDGET_USD|DATABASE_URL|LOG_LEVEL|JSON_LOGS|TIMEZONE|POLLING_INTERVAL_SECONDS|DECISION_TTL_HOURS|(WEEKLY_)?DIGEST_CRON|QUIET_HOURS|ALERT_ACK_HOURS|HEARTBEAT_URL|SELF_APPROVAL|APPROVALS_REQUIRED_HIGH|UNDO_SECONDS|REVIEW_AFTER_DAYS|SLACK_APPROVERS(_HIGH)?|SLACK_OPERATORS|SLACK_ESCALATION|WORKING_HOURS)$/;

interface Service {
  /** Without all of these the stand-in is used. */
  needs: string[];
  /** Taken over too when the real thing is used. */
  takes: RegExp;
}

const SERVICES = {
  slack: { needs: ["SLACK_BOT_TOKEN", "SLACK_DECISIONS_CHANNEL"], takes: /^SLACK_/ },
  notion: {
    needs: ["NOTION_API_KEY", ...DATABASE_NAMES.map((name) => `NOTION_DB_${name}`)],
    takes: /^NOTION_/,
  },
  claude: { needs: ["ANTHROPIC_API_KEY"], takes: /^ANTHROPIC_/ },
  railway: { needs: ["RAILWAY_TOKEN", "RAILWAY_SERVICE_ID"], takes: /^(RAILWAY_|PUBLIC_URL$)/ },
} satisfies Record<string, Service>;
type ServiceName = keyof typeof SERVICES;
const SERVICE_NAMES: ServiceName[] = ["slack", "notion", "claude", "railway"];

async function main(outside: Env): Promise<void> {
  const options = demoOptions(process.argv.slice(2), outside);
  if (options.isHelp) {
    console.log(HELP);
    return;
  }
  /** Undone in reverse, also when the start fails half-way. */
  const undo: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const step of undo.toReversed()) await step();
  };
  try {
    await start(outside, options, undo);
  } catch (error) {
    await stop();
    throw error;
  }
  stopOnSignal(stop);
}

async function start(
  outside: Env,
  { pagePort, botPort }: DemoOptions,
  undo: (() => Promise<void>)[],
): Promise<void> {
  console.log("Executive Mind Matrix sandbox: starting …");
  const real = realServices(outside);
  const dataDir = outside["DATA_DIR"] ?? (await temporaryFolder(undo));
  const world = await createWorld({
    dataDir,
    claudeLatencyMs: CLAUDE_LATENCY_MS,
    env: {
      ...{ POLLING_INTERVAL_SECONDS: "10", LOG_LEVEL: "WARNING", JSON_LOGS: "false", UNDO_SECONDS: "5" },
      ...HTTP_SECRETS,
      ...settings(outside),
    },
  });
  undo.push(world.close);
  world.railway.stageMs = DEPLOYMENT_STAGE_MS;
  const env = botEnv(world.env, outside, real);
  env["PORT"] = String(await freePort(botPort));
  const app = await createApp(parseConfig(env));
  undo.push(app.stop);
  await app.start();
  const botUrl = `http://127.0.0.1:${app.httpPort()}`;
  world.slack.deliverTo(`${botUrl}/slack/events`);
  const page = await createPage({ world, real, botUrl, port: await freePort(pagePort) });
  undo.push(page.close);
  announce(page.url, { real, botUrl, dataDir });
}

async function temporaryFolder(undo: (() => Promise<void>)[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "emm-demo-"));
  undo.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Real only when everything the service needs is there; half a set is said aloud. */
function realServices(outside: Env): Record<ServiceName, boolean> {
  const isReal = (name: ServiceName) => {
    const { needs } = SERVICES[name];
    const missing = needs.filter((variable) => !outside[variable]);
    if (missing.length > 0 && missing.length < needs.length)
      console.log(`The ${name} stand-in is used; for the real one these are missing: ${missing.join(", ")}`);
    return missing.length === 0;
  };
  return {
    slack: isReal("slack"),
    notion: isReal("notion"),
    claude: isReal("claude"),
    railway: isReal("railway"),
  };
}

/** The world's variables, with those of each real service taken from outside. */
function botEnv(sandbox: Record<string, string>, outside: Env, real: Record<ServiceName, boolean>): Env {
  const env: Env = { ...sandbox };
  for (const name of SERVICE_NAMES) {
    if (!real[name]) continue;
    const { takes } = SERVICES[name];
    for (const variable of Object.keys(env)) if (takes.test(variable)) delete env[variable];
    for (const [variable, value] of Object.entries(outside)) if (takes.test(variable)) env[variable] = value;
  }
  return env;
}

function settings(outside: Env): Record<string, string> {
  const chosen = Object.entries(outside).filter(([name, value]) => SETTINGS.test(name) && value);
  return Object.fromEntries(chosen.map(([name, value]) => [name, value ?? ""]));
}

/** The wished port, or any free one, said aloud. */
async function freePort(wished: number): Promise<number> {
  if (wished === 0 || (await isFree(wished))) return wished;
  console.log(`Port ${wished} is taken by another program; using a free one.`);
  return 0;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

interface Running {
  real: Record<ServiceName, boolean>;
  botUrl: string;
  dataDir: string;
}

function announce(url: string, { real, botUrl, dataDir }: Running): void {
  const kind = (name: ServiceName) => `${name} ${real[name] ? "REAL" : "stand-in"}`;
  console.log(`
  Executive Mind Matrix sandbox

    Open      ${url}
    Bot       ${botUrl}/health
    Services  ${SERVICE_NAMES.map(kind).join(", ")}
    Data      ${dataDir}

  Ctrl-C stops everything.
`);
}

function stopOnSignal(stop: () => Promise<void>): void {
  let isStopping = false;
  const onSignal = () => {
    if (isStopping) process.exit(1);
    isStopping = true;
    console.log("\nStopping …");
    stop().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
}

function fail(error: unknown): void {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

main(process.env).catch(fail);
