/**
 * The shape of the configuration, and the one way from the environment to it. parseConfig is called by the two
 * main files only; it reports every problem at once, by variable name and with the fix. What a single variable
 * may hold is in config-variables.ts and config-values.ts, what they mean together in config-rules.ts.
 */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { type Environment, jointProblems, type Problem, warningsFor } from "./config-rules.ts";
import { EnvironmentSchema, type EnvironmentValues, variableDocs } from "./config-variables.ts";
import type { SelfApproval } from "./domain/decision.ts";
import type { NamedSecret } from "./domain/secret-age.ts";
import type { WorkingHours } from "./domain/working-hours.ts";
import { AppError } from "./errors.ts";

export const DATABASE_NAMES = [
  "SYSTEM_INBOX",
  "EXECUTIVE_INTENTS",
  "ACTION_PIPES",
  "AGENT_REGISTRY",
  "EXECUTION_LOG",
  "TRAINING_DATA",
  "TASKS",
  "PROJECTS",
  "AREAS",
  "NODES",
] as const;
export type DatabaseName = (typeof DATABASE_NAMES)[number];

export interface Config {
  environment: string;
  timezone: string;
  log: { level: string; json: boolean };
  slack: {
    botToken: string;
    signingSecret: string | null;
    /** Socket Mode when set. */
    appToken: string | null;
    /** Ends in a slash, as the SDK wants it. */
    apiUrl: string;
    decisionsChannel: string;
    alertsChannel: string;
    /** User ids (U…, W…) and user-group ids (S…). */
    approvers: string[];
    /** Who alone decides what has a high impact; empty = the approvers. */
    approversHigh: string[];
    operators: string[];
    /** Who may decide too once nobody did for long. */
    escalation: string[];
  };
  notion: {
    apiKey: string;
    baseUrl: string;
    requestsPerMinute: number;
    /** Dashed lower-case ids. */
    databases: Record<DatabaseName, string>;
  };
  claude: {
    apiKey: string;
    baseUrl: string | null;
    model: string;
    triageModel: string;
    /** 0 = no cap. */
    dailyBudgetUsd: number;
  };
  store: {
    /** null = embedded. */
    databaseUrl: string | null;
    dataDir: string;
  };
  /** `cron` has a seconds field. */
  poll: { intervalSeconds: number; cron: string };
  http: {
    host: string;
    port: number;
    /** Where the bot is reached from outside; null = not known. */
    publicUrl: string | null;
    apiKey: string | null;
    apiKeyHeader: string;
    rateLimitEnabled: boolean;
    rateLimitPerMinute: number;
    allowedOrigins: string[];
    maintenanceAllowedIps: string[];
  };
  /** `workingHours` null = people are reminded at any time. */
  decisions: {
    ttlHours: number;
    selfApproval: SelfApproval;
    workingHours: WorkingHours | null;
    /** Shortest first; empty = nobody is asked. */
    reviewAfterDays: number[];
    /** That a decision of high impact needs. */
    approvalsRequiredHigh: number;
    /** In which a decision made in Slack can be taken back; 0 = it cannot. */
    undoSeconds: number;
  };
  /** Five cron fields each; null = off. */
  digest: { dailyCron: string | null; weeklyCron: string | null };
  /** Local times, HH:MM. */
  alerts: { quietHours: { from: string; to: string } | null; ackHours: number };
  heartbeatUrl: string | null;
  metrics: { enabled: boolean; token: string | null };
  sentry: { dsn: string | null; tracesSampleRate: number };
  railway: {
    token: { kind: "project" | "account"; value: string } | null;
    apiUrl: string;
    projectId: string | null;
    environmentId: string | null;
    serviceId: string | null;
    deploymentId: string | null;
  };
  /** null = that route is off. */
  webhookSecrets: Record<"notion" | "railway" | "sentry" | "alertmanager", string | null>;
  /** Version, commit and deployment, for `/` and `/emm health`. */
  build: { version: string; commit: string | null; deployment: string | null };
  /** Nothing wrong enough to stop, but probably not meant; one sentence each. */
  warnings: string[];
  /** Every secret value that was given: what logs and error reports must never contain. */
  secrets: string[];
  /** The same with the names of their variables. */
  namedSecrets: NamedSecret[];
}

/** Throws `config_invalid` with one line per problem. Values may have outer blanks; empty means not set. */
export function parseConfig(env: Environment): Config {
  const given = givenVariables(env);
  const { values, problems } = readEnvironment(given);
  if (values === null || problems.length > 0) throw configError(problems);
  const namedSecrets = secretVariables(given);
  const secrets = namedSecrets.map(({ value }) => value);
  return { ...toConfig(values, warningsFor({ env, values })), secrets, namedSecrets };
}

/** The secrets that are set. */
export function secretVariables(env: Environment): NamedSecret[] {
  const given = givenVariables(env);
  return Object.entries(EnvironmentSchema.shape)
    .filter(([, schema]) => variableDocs.get(schema)?.secret)
    .flatMap(([name]) => (given[name] ? [{ name, value: given[name] }] : []));
}

/** Everything parseConfig would refuse, and the variables that are sound by themselves. */
export function inspectEnvironment(env: Environment): {
  problems: Problem[];
  sound: Partial<EnvironmentValues>;
} {
  const given = givenVariables(env);
  const { values, problems } = readEnvironment(given);
  if (values !== null) return { problems, sound: values };
  const broken = new Set(problems.map((problem) => problem.variable));
  const rest = EnvironmentSchema.partial().safeParse(without(given, broken));
  return { problems, sound: rest.success ? rest.data : {} };
}

function readEnvironment(given: Environment): { values: EnvironmentValues | null; problems: Problem[] } {
  const { values, problems } = parseEnvironment(given);
  return { values, problems: problems.map((problem) => withoutSecrets(problem, given)) };
}

/** A shorter value also stands in other values by chance. */
const SHORTEST_SECRET = 6;

/** A secret pasted into a variable that is none, and so may be repeated: saying so helps. */
function withoutSecrets(problem: Problem, given: Environment): Problem {
  const { variable } = problem;
  const known = secretVariables(given);
  if (known.some(({ name }) => name === variable)) return problem;
  const pasted = known.find(
    ({ value }) => value.length >= SHORTEST_SECRET && given[variable]?.includes(value),
  );
  if (pasted === undefined) return problem;
  return { variable, message: `holds the value of ${pasted.name}, a secret: write its own value here` };
}

function parseEnvironment(given: Environment): { values: EnvironmentValues | null; problems: Problem[] } {
  const parsed = EnvironmentSchema.safeParse(given);
  if (parsed.success) return { values: parsed.data, problems: jointProblems(parsed.data) };
  const single = parsed.error.issues.map((issue) => ({
    variable: String(issue.path[0]),
    message: issue.message,
  }));
  const broken = new Set(single.map((problem) => problem.variable));
  const rest = EnvironmentSchema.partial().safeParse(without(given, broken));
  const joint = rest.success ? jointProblems(rest.data) : [];
  // A broken variable is already reported; what would follow from its absence only confuses.
  const isConsequence = ({ variable }: Problem) =>
    broken.has(variable) || (variable === "SLACK_SIGNING_SECRET" && broken.has("SLACK_APP_TOKEN"));
  return { values: null, problems: [...single, ...joint.filter((problem) => !isConsequence(problem))] };
}

function without(given: Environment, names: ReadonlySet<string>): Environment {
  return Object.fromEntries(Object.entries(given).filter(([name]) => !names.has(name)));
}

function givenVariables(env: Environment): Environment {
  const names = Object.keys(EnvironmentSchema.shape);
  return Object.fromEntries(
    names.map((name) => [name, env[name]?.trim()] as const).filter(([, value]) => value),
  );
}

function configError(problems: Problem[]): AppError {
  const lines = problems.map(({ variable, message }) => `- ${variable} ${message}`);
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return new AppError(`The configuration has ${count}:\n${lines.join("\n")}`, {
    code: "config_invalid",
    retryable: false,
  });
}

function toConfig(values: EnvironmentValues, warnings: string[]): Omit<Config, "secrets" | "namedSecrets"> {
  return {
    environment: values.ENVIRONMENT,
    timezone: values.TIMEZONE,
    log: { level: values.LOG_LEVEL, json: values.JSON_LOGS ?? values.ENVIRONMENT === "production" },
    slack: slackConfig(values),
    notion: {
      apiKey: values.NOTION_API_KEY,
      baseUrl: values.NOTION_BASE_URL,
      requestsPerMinute: values.NOTION_REQUESTS_PER_MINUTE,
      databases: databaseIds(values),
    },
    claude: {
      apiKey: values.ANTHROPIC_API_KEY,
      baseUrl: values.ANTHROPIC_BASE_URL,
      model: values.ANTHROPIC_MODEL,
      triageModel: values.ANTHROPIC_TRIAGE_MODEL,
      dailyBudgetUsd: values.DAILY_BUDGET_USD,
    },
    store: { databaseUrl: values.DATABASE_URL, dataDir: values.DATA_DIR },
    poll: values.POLLING_INTERVAL_SECONDS,
    http: httpConfig(values),
    decisions: {
      ttlHours: values.DECISION_TTL_HOURS,
      selfApproval: values.SELF_APPROVAL,
      workingHours: values.WORKING_HOURS,
      reviewAfterDays: values.REVIEW_AFTER_DAYS,
      approvalsRequiredHigh: values.APPROVALS_REQUIRED_HIGH,
      undoSeconds: values.UNDO_SECONDS,
    },
    digest: { dailyCron: values.DIGEST_CRON, weeklyCron: values.WEEKLY_DIGEST_CRON },
    alerts: { quietHours: values.QUIET_HOURS, ackHours: values.ALERT_ACK_HOURS },
    heartbeatUrl: values.HEARTBEAT_URL,
    metrics: { enabled: values.ENABLE_METRICS, token: values.METRICS_TOKEN },
    sentry: { dsn: values.SENTRY_DSN, tracesSampleRate: values.SENTRY_TRACES_SAMPLE_RATE },
    railway: railwayConfig(values),
    webhookSecrets: {
      notion: values.WEBHOOK_SECRET_NOTION,
      railway: values.WEBHOOK_SECRET_RAILWAY,
      sentry: values.WEBHOOK_SECRET_SENTRY,
      alertmanager: values.WEBHOOK_SECRET_ALERTMANAGER,
    },
    build: {
      version: packageVersion(),
      commit: values.RAILWAY_GIT_COMMIT_SHA,
      deployment: values.RAILWAY_DEPLOYMENT_ID,
    },
    warnings,
  };
}

function slackConfig(values: EnvironmentValues): Config["slack"] {
  return {
    botToken: values.SLACK_BOT_TOKEN,
    signingSecret: values.SLACK_SIGNING_SECRET,
    appToken: values.SLACK_APP_TOKEN,
    apiUrl: `${values.SLACK_API_URL}/`,
    decisionsChannel: values.SLACK_DECISIONS_CHANNEL,
    alertsChannel: values.SLACK_ALERTS_CHANNEL ?? values.SLACK_DECISIONS_CHANNEL,
    approvers: values.SLACK_APPROVERS,
    approversHigh: values.SLACK_APPROVERS_HIGH,
    operators: values.SLACK_OPERATORS ?? values.SLACK_APPROVERS,
    escalation: values.SLACK_ESCALATION,
  };
}

function httpConfig(values: EnvironmentValues): Config["http"] {
  return {
    host: values.HOST,
    port: values.PORT,
    publicUrl: values.PUBLIC_URL ?? domainAddress(values.RAILWAY_PUBLIC_DOMAIN),
    apiKey: values.API_KEY,
    apiKeyHeader: values.API_KEY_HEADER,
    rateLimitEnabled: values.RATE_LIMIT_ENABLED,
    rateLimitPerMinute: values.RATE_LIMIT_PER_MINUTE,
    allowedOrigins: values.ALLOWED_ORIGINS,
    maintenanceAllowedIps: values.MAINTENANCE_ALLOWED_IPS,
  };
}

/** Railway gives a bare host name. */
function domainAddress(domain: string | null): string | null {
  return domain === null ? null : `https://${domain}`;
}

function railwayConfig(values: EnvironmentValues): Config["railway"] {
  const project = values.RAILWAY_TOKEN && { kind: "project" as const, value: values.RAILWAY_TOKEN };
  const account = values.RAILWAY_API_TOKEN && { kind: "account" as const, value: values.RAILWAY_API_TOKEN };
  return {
    token: project || account || null,
    apiUrl: values.RAILWAY_API_URL,
    projectId: values.RAILWAY_PROJECT_ID,
    environmentId: values.RAILWAY_ENVIRONMENT_ID,
    serviceId: values.RAILWAY_SERVICE_ID,
    deploymentId: values.RAILWAY_DEPLOYMENT_ID,
  };
}

function databaseIds(values: EnvironmentValues): Record<DatabaseName, string> {
  return {
    SYSTEM_INBOX: values.NOTION_DB_SYSTEM_INBOX,
    EXECUTIVE_INTENTS: values.NOTION_DB_EXECUTIVE_INTENTS,
    ACTION_PIPES: values.NOTION_DB_ACTION_PIPES,
    AGENT_REGISTRY: values.NOTION_DB_AGENT_REGISTRY,
    EXECUTION_LOG: values.NOTION_DB_EXECUTION_LOG,
    TRAINING_DATA: values.NOTION_DB_TRAINING_DATA,
    TASKS: values.NOTION_DB_TASKS,
    PROJECTS: values.NOTION_DB_PROJECTS,
    AREAS: values.NOTION_DB_AREAS,
    NODES: values.NOTION_DB_NODES,
  };
}

/** package.json lies one folder up from src/ and from dist/ alike. */
function packageVersion(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}

/** The configuration as it may be logged: a secret says only whether it is set. */
export function loggableConfig(config: Config) {
  const { slack, notion, claude, store, http, metrics, sentry, railway, webhookSecrets, ...rest } = config;
  const { secrets, namedSecrets: _, ...open } = rest;
  return {
    ...open,
    secrets: `${secrets.length} set`,
    heartbeatUrl: isSet(config.heartbeatUrl),
    slack: {
      ...slack,
      botToken: isSet(slack.botToken),
      signingSecret: isSet(slack.signingSecret),
      appToken: isSet(slack.appToken),
    },
    notion: { ...notion, apiKey: isSet(notion.apiKey) },
    claude: { ...claude, apiKey: isSet(claude.apiKey) },
    store: { ...store, databaseUrl: isSet(store.databaseUrl) },
    http: { ...http, apiKey: isSet(http.apiKey) },
    metrics: { ...metrics, token: isSet(metrics.token) },
    sentry: { ...sentry, dsn: isSet(sentry.dsn) },
    railway: { ...railway, token: railway.token === null ? isSet(null) : `set (${railway.token.kind})` },
    webhookSecrets: Object.fromEntries(
      Object.entries(webhookSecrets).map(([sender, secret]) => [sender, isSet(secret)]),
    ),
  };
}

function isSet(secret: string | null): "set" | "not set" {
  return secret === null ? "not set" : "set";
}
