/**
 * The one table of every environment variable: how it is read, whether it is secret, its default, its meaning.
 * `.env.example` is rendered from it and a test keeps the two equal. What variables mean together is config.ts.
 */
import { z } from "zod";
import {
  address,
  addressRanges,
  channelId,
  cron,
  dailyWindow,
  daySpans,
  daysAndTimes,
  decimal,
  environment,
  flag,
  headerName,
  hookSecret,
  modelName,
  notionDatabase,
  oneOf,
  origins,
  peopleIds,
  pollInterval,
  postgresAddress,
  type Rule,
  secretAddress,
  signingSecret,
  slackToken,
  text,
  timezone,
  wholeNumber,
  word,
} from "./config-values.ts";
import { modelProblem } from "./domain/models.ts";
import { readWorkingHours } from "./domain/working-hours.ts";

export type VariableGroup =
  | "Slack"
  | "Notion"
  | "Claude"
  | "Running"
  | "Storage"
  | "Decisions"
  | "Digests"
  | "Alerts"
  | "HTTP"
  | "HTTP protection"
  | "Metrics and errors"
  | "Deployments"
  | "Webhooks"
  | "Set by Railway";

export interface VariableDoc {
  group: VariableGroup;
  meaning: string;
  /** Without it the bot does not start. */
  required: boolean;
  /** Never logged, never repeated in an error. */
  secret: boolean;
  /** As it would be written in the environment; null = none. */
  fallback: string | null;
}

/** What each schema of the table says about itself. */
export const variableDocs = z.registry<VariableDoc>();

interface Words {
  secret?: boolean;
  meaning: string;
}

function groupOf(group: VariableGroup) {
  return {
    required<T>(rule: Rule<T>, { meaning, secret = false }: Words) {
      return z
        .string({ error: `is missing: ${meaning}` })
        .pipe(rule)
        .register(variableDocs, { group, meaning, secret, required: true, fallback: null });
    },
    /** Null when not set. */
    optional<T>(rule: Rule<T>, { meaning, secret = false }: Words) {
      return rule
        .optional()
        .transform((value) => value ?? null)
        .register(variableDocs, { group, meaning, secret, required: false, fallback: null });
    },
    fallback<T>(rule: Rule<T>, fallback: string, { meaning, secret = false }: Words) {
      return rule
        .prefault(fallback)
        .register(variableDocs, { group, meaning, secret, required: false, fallback });
    },
  };
}

const slack = groupOf("Slack");
const notion = groupOf("Notion");
const claude = groupOf("Claude");
const running = groupOf("Running");
const storage = groupOf("Storage");
const decisions = groupOf("Decisions");
const digests = groupOf("Digests");
const alerts = groupOf("Alerts");
const http = groupOf("HTTP");
const protection = groupOf("HTTP protection");
const metrics = groupOf("Metrics and errors");
const deployments = groupOf("Deployments");
const webhooks = groupOf("Webhooks");
const railway = groupOf("Set by Railway");

function database(title: string) {
  return notion.required(notionDatabase, { meaning: `the database "${title}": its link or 32-digit id` });
}

function webhookSecret(sender: string, what: string) {
  return webhooks.optional(hookSecret, {
    secret: true,
    meaning: `${what}; unset = POST /webhooks/${sender} is off`,
  });
}

function injected(meaning: string) {
  return railway.optional(text, { meaning });
}

export const EnvironmentSchema = z.object({
  SLACK_BOT_TOKEN: slack.required(slackToken("xoxb-", '"OAuth & Permissions" of the Slack app'), {
    secret: true,
    meaning: 'bot token (xoxb-…), from "OAuth & Permissions" of the Slack app',
  }),
  SLACK_SIGNING_SECRET: slack.optional(signingSecret, {
    secret: true,
    meaning: 'signing secret, from "Basic Information"; required unless SLACK_APP_TOKEN is set',
  }),
  SLACK_APP_TOKEN: slack.optional(slackToken("xapp-", '"Basic Information → App-Level Tokens"'), {
    secret: true,
    meaning: "app-level token (xapp-…) with connections:write; set = Socket Mode, no public address needed",
  }),
  SLACK_DECISIONS_CHANNEL: slack.required(channelId, {
    meaning: "id of the channel (C…) for decision cards; invite the bot to it",
  }),
  SLACK_ALERTS_CHANNEL: slack.optional(channelId, {
    meaning: "id of the channel for failures and alerts; default: the decisions channel",
  }),
  SLACK_APPROVERS: slack.fallback(peopleIds, "", {
    meaning: "who may decide: user ids (U…) and user-group ids (S…), with commas; empty = nobody",
  }),
  SLACK_APPROVERS_HIGH: slack.fallback(peopleIds, "", {
    meaning:
      "who alone may decide from an impact of 8 of 10 on: user ids and user-group ids; empty = the approvers",
  }),
  SLACK_OPERATORS: slack.optional(peopleIds, {
    meaning: "who may poll, roll back and set maintenance; default: the approvers",
  }),
  SLACK_ESCALATION: slack.fallback(peopleIds, "", {
    meaning:
      "who is asked too, and may decide then, when 90 % of a decision's time is over: user and group ids; empty = nobody",
  }),
  SLACK_CONFIG_TOKEN: slack.optional(
    slackToken("xoxe.xoxp-", '"Your App Configuration Tokens" at https://api.slack.com/apps'),
    {
      secret: true,
      meaning:
        "app configuration token (xoxe.xoxp-…), only for npm run emm -- doctor: lets it read the installed app's commands and events; lives 12 hours",
    },
  ),
  SLACK_API_URL: slack.fallback(address, "https://slack.com/api/", {
    meaning: "where Slack's Web API is; leave it alone outside tests",
  }),

  NOTION_API_KEY: notion.required(word, {
    secret: true,
    meaning: "secret of the Notion integration that has access to the ten databases",
  }),
  NOTION_DB_SYSTEM_INBOX: database("System Inbox"),
  NOTION_DB_EXECUTIVE_INTENTS: database("Executive Intents"),
  NOTION_DB_ACTION_PIPES: database("Action Pipes"),
  NOTION_DB_AGENT_REGISTRY: database("Agent Registry"),
  NOTION_DB_EXECUTION_LOG: database("Execution Log"),
  NOTION_DB_TRAINING_DATA: database("Training Data"),
  NOTION_DB_TASKS: database("Tasks"),
  NOTION_DB_PROJECTS: database("Projects"),
  NOTION_DB_AREAS: database("Areas"),
  NOTION_DB_NODES: database("Nodes"),
  NOTION_REQUESTS_PER_MINUTE: notion.fallback(wholeNumber({ min: 1, max: 10_000 }), "180", {
    meaning: "request budget shared by all replicas; 180 is Notion's own limit for an integration",
  }),
  NOTION_BASE_URL: notion.fallback(address, "https://api.notion.com", {
    meaning: "where Notion's API is; leave it alone outside tests",
  }),

  ANTHROPIC_API_KEY: claude.required(word, {
    secret: true,
    meaning: "API key, from the Claude console",
  }),
  ANTHROPIC_MODEL: claude.fallback(modelName(modelProblem), "claude-sonnet-5-5", {
    meaning: "model that frames, advises and synthesises",
  }),
  ANTHROPIC_TRIAGE_MODEL: claude.fallback(modelName(modelProblem), "claude-haiku-5-5", {
    meaning: "cheaper model that sorts inbox items",
  }),
  DAILY_BUDGET_USD: claude.fallback(decimal({ min: 0, max: 1_000_000 }), "0", {
    meaning: "spending cap per day; at the cap new analyses wait; 0 = no cap",
  }),
  ANTHROPIC_BASE_URL: claude.optional(address, {
    meaning: "where Claude's API is, for a gateway; default: the SDK's own",
  }),

  ENVIRONMENT: running.fallback(environment, "development", {
    meaning: "production turns on the start-up checks of a real installation",
  }),
  LOG_LEVEL: running.fallback(oneOf(["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], "upper"), "INFO", {
    meaning: "DEBUG, INFO, WARNING, ERROR or CRITICAL",
  }),
  JSON_LOGS: running.optional(flag, {
    meaning: "one JSON line per event; default: true in production, false elsewhere",
  }),
  TIMEZONE: running.fallback(timezone, "UTC", { meaning: "IANA time zone of dates and digests" }),
  POLLING_INTERVAL_SECONDS: running.fallback(pollInterval, "120", {
    meaning: "seconds between polls: a divisor of 60, or whole minutes dividing 60",
  }),

  DATABASE_URL: storage.optional(postgresAddress, {
    secret: true,
    meaning: "PostgreSQL, direct connection (no transaction-mode pooler); unset = embedded in DATA_DIR",
  }),
  DATA_DIR: storage.fallback(text, ".data", {
    meaning: "folder of the embedded store; in production it must lie on a mounted volume",
  }),

  DECISION_TTL_HOURS: decisions.fallback(wholeNumber({ min: 0, max: 87_600 }), "168", {
    meaning: "hours until an undecided card expires; 0 = never",
  }),
  WORKING_HOURS: decisions.fallback(daysAndTimes(readWorkingHours), "Mon-Fri 09:00-18:00", {
    meaning: "days and hours of TIMEZONE in which people are reminded of open decisions; off = at any time",
  }),
  SELF_APPROVAL: decisions.fallback(oneOf(["allow", "warn", "forbid"], "lower"), "warn", {
    meaning: "deciding on one's own request: allow, warn (allowed, and said on the card) or forbid",
  }),
  REVIEW_AFTER_DAYS: decisions.fallback(daySpans, "30,90", {
    meaning:
      "days after an approval at which people are asked in its thread whether it was right; off = never",
  }),
  APPROVALS_REQUIRED_HIGH: decisions.fallback(wholeNumber({ min: 1, max: 2 }), "1", {
    meaning: "approvals that a decision of impact 8 or more needs: 1 or 2",
  }),
  UNDO_SECONDS: decisions.fallback(wholeNumber({ min: 0, max: 600 }), "30", {
    meaning: "seconds in which a decision made in Slack can be taken back before it is carried out; 0 = none",
  }),
  DIGEST_CRON: digests.fallback(cron, "0 8 * * 1-5", { meaning: "daily digest; off = none" }),
  WEEKLY_DIGEST_CRON: digests.fallback(cron, "0 8 * * 1", { meaning: "weekly digest; off = none" }),
  QUIET_HOURS: alerts.fallback(dailyWindow, "off", {
    meaning:
      "alerts that are not critical wait during these hours of TIMEZONE, such as 22:00-07:00; off = never",
  }),
  ALERT_ACK_HOURS: alerts.fallback(wholeNumber({ min: 1, max: 720 }), "4", {
    meaning: "hours until an acknowledged alert that is still there asks again",
  }),
  HEARTBEAT_URL: alerts.optional(secretAddress, {
    secret: true,
    meaning: "address called after every good poll, for an outside monitor; unset = off",
  }),

  HOST: http.fallback(word, "0.0.0.0", { meaning: "address the HTTP server listens on" }),
  PUBLIC_URL: http.optional(address, {
    meaning:
      "public address of the bot, where a rollback's health is asked; default: the domain that Railway gave",
  }),
  PORT: http.fallback(wholeNumber({ min: 0, max: 65_535 }), "8000", {
    meaning: "port the HTTP server listens on; Railway sets it",
  }),
  API_KEY: protection.optional(word, {
    secret: true,
    meaning: "key that POST /trigger-poll and POST /webhooks/inbox ask for; unset = those routes are off",
  }),
  API_KEY_HEADER: protection.fallback(headerName, "X-API-Key", { meaning: "header that carries the key" }),
  RATE_LIMIT_ENABLED: protection.fallback(flag, "true", { meaning: "limit requests per caller" }),
  RATE_LIMIT_PER_MINUTE: protection.fallback(wholeNumber({ min: 1, max: 1_000_000 }), "60", {
    meaning: "requests per minute and caller; Slack's own are not counted",
  }),
  ALLOWED_ORIGINS: protection.fallback(origins, "", {
    meaning: "web origins that may call the HTTP side, with commas; empty = none",
  }),
  MAINTENANCE_ALLOWED_IPS: protection.fallback(addressRanges, "", {
    meaning: "addresses and ranges that the HTTP side answers during a maintenance too, with commas",
  }),

  ENABLE_METRICS: metrics.fallback(flag, "true", { meaning: "serve GET /metrics" }),
  METRICS_TOKEN: metrics.optional(word, {
    secret: true,
    meaning: "bearer token that /metrics asks for; unset = open",
  }),
  SENTRY_DSN: metrics.optional(secretAddress, { secret: true, meaning: "error tracking; unset = off" }),
  SENTRY_TRACES_SAMPLE_RATE: metrics.fallback(decimal({ min: 0, max: 1 }), "0.1", {
    meaning: "share of requests that are traced, 0 to 1",
  }),

  RAILWAY_TOKEN: deployments.optional(word, {
    secret: true,
    meaning: "project token, for deployments and rollback from Slack",
  }),
  RAILWAY_API_TOKEN: deployments.optional(word, {
    secret: true,
    meaning: "account or workspace token, where a project token is not enough; set only one of the two",
  }),
  RAILWAY_API_URL: deployments.fallback(address, "https://backboard.railway.com/graphql/v2", {
    meaning: "where Railway's API is; leave it alone outside tests",
  }),

  WEBHOOK_SECRET_NOTION: webhookSecret("notion", "verification token that Notion sent for the subscription"),
  WEBHOOK_SECRET_RAILWAY: webhookSecret(
    "railway",
    "word of yours that the address of Railway's webhook ends in",
  ),
  WEBHOOK_SECRET_SENTRY: webhookSecret(
    "sentry",
    "client secret of the Sentry integration, which signs with it",
  ),
  WEBHOOK_SECRET_ALERTMANAGER: webhookSecret("alertmanager", "bearer token of yours that Alertmanager sends"),

  RAILWAY_PROJECT_ID: injected("project"),
  RAILWAY_ENVIRONMENT_ID: injected("environment"),
  RAILWAY_SERVICE_ID: injected("service"),
  RAILWAY_PUBLIC_DOMAIN: injected("public domain of the service"),
  RAILWAY_DEPLOYMENT_ID: injected("deployment that runs"),
  RAILWAY_GIT_COMMIT_SHA: injected("commit that runs"),
  RAILWAY_VOLUME_MOUNT_PATH: injected("mount path of the volume"),
});

/** Every variable, read and checked one by one. */
export type EnvironmentValues = z.infer<typeof EnvironmentSchema>;
export type VariableName = keyof EnvironmentValues;
