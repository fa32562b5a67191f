import { describe, expect, it } from "vitest";
import { parseConfig } from "../src/config.ts";
import { EnvironmentSchema, variableDocs } from "../src/config-variables.ts";
import { isAppError } from "../src/errors.ts";
import { configWith, DATABASE_IDS, problemsWith } from "./fixtures/environment.ts";

describe("a minimal configuration", () => {
  it("is filled up with the documented defaults", () => {
    expect(configWith({})).toMatchObject({
      environment: "development",
      timezone: "UTC",
      log: { level: "INFO", json: false },
      slack: {
        appToken: null,
        apiUrl: "https://slack.com/api/",
        decisionsChannel: "C0DECISIONS",
        alertsChannel: "C0DECISIONS",
        approvers: [],
        operators: [],
      },
      notion: { baseUrl: "https://api.notion.com", requestsPerMinute: 180 },
      claude: {
        baseUrl: null,
        model: "claude-sonnet-5-5",
        triageModel: "claude-haiku-5-5",
        dailyBudgetUsd: 0,
      },
      store: { databaseUrl: null, dataDir: ".data" },
      poll: { intervalSeconds: 120, cron: "0 */2 * * * *" },
      http: {
        host: "0.0.0.0",
        port: 8000,
        apiKey: null,
        apiKeyHeader: "X-API-Key",
        rateLimitEnabled: true,
        rateLimitPerMinute: 60,
        allowedOrigins: [],
      },
      decisions: { ttlHours: 168, selfApproval: "warn" },
      digest: { dailyCron: "0 8 * * 1-5", weeklyCron: "0 8 * * 1" },
      heartbeatUrl: null,
      metrics: { enabled: true, token: null },
      sentry: { dsn: null, tracesSampleRate: 0.1 },
      railway: { token: null, apiUrl: "https://backboard.railway.com/graphql/v2", projectId: null },
      webhookSecrets: { notion: null, railway: null, sentry: null, alertmanager: null },
      build: { commit: null },
      warnings: [],
    });
  });

  it("knows its own version and the commit that Railway deployed", () => {
    const { build } = configWith({ RAILWAY_GIT_COMMIT_SHA: "abc123", RAILWAY_DEPLOYMENT_ID: "d-1" });
    expect(build).toEqual({
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      commit: "abc123",
      deployment: "d-1",
    });
  });

  it("treats an empty or blank variable as not set, and trims the others", () => {
    const config = configWith({ TIMEZONE: " ", PORT: "", SLACK_BOT_TOKEN: "  xoxb-1 \n" });
    expect(config).toMatchObject({ timezone: "UTC", http: { port: 8000 }, slack: { botToken: "xoxb-1" } });
  });

  it("gives operators the approvers, and alerts the decisions channel, unless set", () => {
    expect(configWith({ SLACK_APPROVERS: "U0ANNA, S0BOARD,,U0ANNA" }).slack).toMatchObject({
      approvers: ["U0ANNA", "S0BOARD"],
      approversHigh: [],
      operators: ["U0ANNA", "S0BOARD"],
    });
    expect(configWith({ SLACK_APPROVERS_HIGH: "U0ANNA" }).slack.approversHigh).toEqual(["U0ANNA"]);
    expect(
      configWith({
        SLACK_APPROVERS: "U0ANNA",
        SLACK_OPERATORS: "W0BEN",
        SLACK_ALERTS_CHANNEL: "G0ALERTS",
      }).slack,
    ).toMatchObject({ operators: ["W0BEN"], alertsChannel: "G0ALERTS" });
  });
});

describe("start-up errors", () => {
  it("list every missing variable at once, with what to put there", () => {
    const expected = Object.entries(EnvironmentSchema.shape)
      .filter(([, schema]) => variableDocs.get(schema)?.required)
      .map(([name]) => name);
    expect(expected).toHaveLength(14);
    try {
      parseConfig({});
      expect.unreachable();
    } catch (error) {
      if (!isAppError(error)) throw error;
      const lines = error.message.split("\n");
      expect(lines[0]).toBe("The configuration has 15 problems:");
      for (const name of [...expected, "SLACK_SIGNING_SECRET"]) {
        expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^- ${name} is missing: .{10,}`)));
      }
    }
  });

  it("hold single and joint problems of one configuration together", () => {
    const problems = problemsWith({
      SLACK_BOT_TOKEN: "xoxp-1",
      RATE_LIMIT_ENABLED: "ture",
      NOTION_BASE_URL: "http://localhost:3000",
      NOTION_DB_TASKS: Object.values(DATABASE_IDS).at(-1),
      ENVIRONMENT: "production",
    });
    expect(problems.map((line) => line.split(" ")[1])).toEqual([
      "SLACK_BOT_TOKEN",
      "RATE_LIMIT_ENABLED",
      "NOTION_DB_NODES",
      "NOTION_BASE_URL",
      "DATABASE_URL",
    ]);
  });

  it("name a broken variable once, not what follows from its absence", () => {
    expect(problemsWith({ SLACK_SIGNING_SECRET: "", SLACK_APP_TOKEN: "xoxb-1" })).toEqual([
      expect.stringContaining("SLACK_APP_TOKEN must start with xapp-"),
    ]);
    expect(problemsWith({ ENVIRONMENT: "production", DATABASE_URL: "mysql://db/emm" })).toEqual([
      "- DATABASE_URL must start with postgresql://",
    ]);
  });

  it("treat whatever is named like a secret as one", () => {
    const secrets = Object.entries(EnvironmentSchema.shape)
      .filter(([, schema]) => variableDocs.get(schema)?.secret)
      .map(([name]) => name);
    const named = Object.keys(EnvironmentSchema.shape).filter((name) =>
      /TOKEN|SECRET|_KEY$|DSN|DATABASE_URL|HEARTBEAT_URL/.test(name),
    );
    expect(secrets.toSorted()).toEqual(named.toSorted());
  });

  it("never repeat a secret", () => {
    const bad = "sentinel secret-value";
    const secrets = Object.entries(EnvironmentSchema.shape)
      .filter(([, schema]) => variableDocs.get(schema)?.secret)
      .map(([name]) => name);
    const problems = problemsWith(Object.fromEntries(secrets.map((name) => [name, bad])));
    expect(problems.length).toBe(secrets.length);
    expect(problems.join("\n")).not.toContain("sentinel");
  });
});

describe.each([
  ["SLACK_BOT_TOKEN", "xoxp-1-2", "must start with xoxb-"],
  ["SLACK_BOT_TOKEN", "xoxb-xxxxxxxxxxxx", "placeholder"],
  ["SLACK_BOT_TOKEN", "xoxb-your-bot-token", "placeholder"],
  ["SLACK_SIGNING_SECRET", "xoxb-1-2-abc", "is a token"],
  ["SLACK_SIGNING_SECRET", "your-signing-secret-here", "placeholder"],
  ["SLACK_APP_TOKEN", "xoxb-1", "must start with xapp-"],
  ["SLACK_DECISIONS_CHANNEL", "#decisions", "must be a channel id"],
  ["SLACK_ALERTS_CHANNEL", "alerts", "must be a channel id"],
  ["SLACK_APPROVERS", "U0ANNA,@ben", '"@ben"'],
  ["SLACK_APPROVERS", "anna@acme.com", "Copy member ID"],
  ["SLACK_OPERATORS", "C0CHANNEL", "user id"],
  ["SLACK_API_URL", "slack.com/api", "https://"],
  ["NOTION_API_KEY", "secret_xxxxxxxxxxxxxxxxxxxx", "placeholder"],
  ["NOTION_API_KEY", "changeme", "placeholder"],
  ["NOTION_API_KEY", "<your key>", "placeholder"],
  ["NOTION_API_KEY", "two words", "space"],
  ["NOTION_DB_TASKS", "xxxxxxxxxxxxxxxxxxxx", "placeholder"],
  ["NOTION_DB_TASKS", "collection://0123", "data source id"],
  ["NOTION_DB_TASKS", "Tasks", "32 hex digits"],
  ["NOTION_DB_TASKS", "?v=0123456789abcdef0123456789abcdef", "32 hex digits"],
  [
    "NOTION_DB_TASKS",
    "https://www.notion.so/acme/?v=0123456789abcdef0123456789abcdef",
    "without a database id",
  ],
  ["NOTION_REQUESTS_PER_MINUTE", "0", "from 1 to"],
  ["NOTION_REQUESTS_PER_MINUTE", "180/min", "whole number"],
  ["NOTION_BASE_URL", "https://user:pass@api.notion.com", "leave them out"],
  ["ANTHROPIC_API_KEY", "sk-ant-...", "placeholder"],
  ["ANTHROPIC_MODEL", "claude-3-5-sonnet-20241022", "claude-sonnet-"],
  ["ANTHROPIC_TRIAGE_MODEL", "claude-3-haiku-20240307", "claude-haiku-"],
  ["DAILY_BUDGET_USD", "-1", "from 0 to"],
  ["DAILY_BUDGET_USD", "5 EUR", "a number"],
  ["ENVIRONMENT", "prod", "write production"],
  ["ENVIRONMENT", "two words", "one word"],
  ["LOG_LEVEL", "verbose", "DEBUG, INFO, WARNING"],
  ["JSON_LOGS", "ture", "true or false"],
  ["TIMEZONE", "Berlin", "IANA"],
  ["TIMEZONE", "+02:00", "IANA"],
  ["POLLING_INTERVAL_SECONDS", "0", "nearest 1"],
  ["POLLING_INTERVAL_SECONDS", "45", "nearest 30 or 60"],
  ["POLLING_INTERVAL_SECONDS", "90", "nearest 60 or 120"],
  ["POLLING_INTERVAL_SECONDS", "420", "nearest 360 or 600"],
  ["POLLING_INTERVAL_SECONDS", "7200", "nearest 3600"],
  ["POLLING_INTERVAL_SECONDS", "2m", "whole seconds"],
  ["DATABASE_URL", "mysql://db/emm", "postgresql://"],
  ["DATABASE_URL", "postgres://u:p@db.supabase.co:6543/postgres", "pooler"],
  ["DATABASE_URL", "postgres://u:p@ep-x-pooler.eu.neon.tech/db", "pooler"],
  ["DATABASE_URL", "postgres://u:p@db/emm?pgbouncer=true", "pooler"],
  ["DATABASE_URL", "postgres://u:p@db:port/emm", "percent-encode"],
  ["DECISION_TTL_HOURS", "1.5", "whole number"],
  ["REVIEW_AFTER_DAYS", "30,,90", "numbers of days"],
  ["REVIEW_AFTER_DAYS", "0", "numbers of days"],
  ["REVIEW_AFTER_DAYS", "1,2,3,4,5,6", "up to 5"],
  ["SELF_APPROVAL", "maybe", "allow, warn, forbid"],
  ["DIGEST_CRON", "0 8 * *", "five cron fields"],
  ["DIGEST_CRON", "0 25 * * *", "five cron fields"],
  ["WEEKLY_DIGEST_CRON", "monday", "off"],
  ["MAINTENANCE_ALLOWED_IPS", "203.0.113.7, office", "not an address or range"],
  ["MAINTENANCE_ALLOWED_IPS", "10.0.0.0/33", "203.0.113.0/24"],
  ["MAINTENANCE_ALLOWED_IPS", "::1/64/2", "not an address or range"],
  ["HEARTBEAT_URL", "hc-ping.com/1", "https://"],
  ["PORT", "http", "whole number"],
  ["PORT", "70000", "65535"],
  ["API_KEY", "your-secure-api-key-here", "placeholder"],
  ["API_KEY_HEADER", "X API Key", "header name"],
  ["RATE_LIMIT_ENABLED", "sure", "true or false"],
  ["RATE_LIMIT_PER_MINUTE", "0", "from 1 to"],
  ["ALLOWED_ORIGINS", "*", "origin"],
  ["ALLOWED_ORIGINS", "https://app.acme.com/path", "origin"],
  ["ALLOWED_ORIGINS", "https://yourdomain.com", "placeholder"],
  ["ENABLE_METRICS", "2", "true or false"],
  ["SENTRY_DSN", "https://xxxx@xxxx.ingest.sentry.io/xxxx", "placeholder"],
  ["SENTRY_TRACES_SAMPLE_RATE", "1.5", "from 0 to 1"],
])("%s=%s", (variable, value, part) => {
  it(`is refused, by name, saying "${part}"`, () => {
    const problems = problemsWith({ [variable]: value });
    expect(problems).toEqual([expect.stringContaining(part)]);
    expect(problems[0]).toMatch(new RegExp(`^- ${variable} `));
  });
});

describe("NOTION_DB_*", () => {
  const dashed = "0123abcd-4567-89ef-0123-456789abcdef";
  const hex = dashed.replaceAll("-", "");
  const view = "fedcba9876543210fedcba9876543210";

  it.each([
    hex,
    hex.toUpperCase(),
    dashed,
    `${hex}?v=${view}`,
    `https://www.notion.so/acme/${hex}?v=${view}`,
    `https://www.notion.so/acme/Our-Tasks-${hex}?v=${view}&pvs=4`,
    `https://www.notion.so/acme/Tasks-cafe-${dashed}`,
    `https://app.notion.com/p/${dashed}/`,
    `https://acme.notion.site/${hex}#section`,
  ])("reads %s as the database, never the view", (value) => {
    expect(configWith({ NOTION_DB_TASKS: value }).notion.databases.TASKS).toBe(dashed);
  });

  it("each have their own database", () => {
    expect(problemsWith({ NOTION_DB_AREAS: hex, NOTION_DB_NODES: dashed })).toEqual([
      expect.stringMatching(/^- NOTION_DB_NODES names the same database as NOTION_DB_AREAS/),
    ]);
  });
});

describe("POLLING_INTERVAL_SECONDS", () => {
  it.each([
    ["1", "* * * * * *"],
    ["5", "*/5 * * * * *"],
    ["30", "*/30 * * * * *"],
    ["60", "0 * * * * *"],
    ["120", "0 */2 * * * *"],
    ["1800", "0 */30 * * * *"],
    ["3600", "0 0 * * * *"],
  ])("%s becomes the cron %s", (seconds, cron) => {
    expect(configWith({ POLLING_INTERVAL_SECONDS: seconds }).poll).toEqual({
      intervalSeconds: Number(seconds),
      cron,
    });
  });
});

describe("values in other spellings", () => {
  it.each([
    [{ JSON_LOGS: "TRUE" }, { log: { json: true } }],
    [{ JSON_LOGS: "0" }, { log: { json: false } }],
    [{ LOG_LEVEL: "debug" }, { log: { level: "DEBUG" } }],
    [{ SELF_APPROVAL: "Forbid" }, { decisions: { selfApproval: "forbid" } }],
    [{ DECISION_TTL_HOURS: "0" }, { decisions: { ttlHours: 0 } }],
    [{ REVIEW_AFTER_DAYS: "90, 30,90" }, { decisions: { reviewAfterDays: [30, 90] } }],
    [{ REVIEW_AFTER_DAYS: "off" }, { decisions: { reviewAfterDays: [] } }],
    [{ DIGEST_CRON: "off" }, { digest: { dailyCron: null } }],
    [{ DIGEST_CRON: "*/15  9-17 1,15 * *" }, { digest: { dailyCron: "*/15 9-17 1,15 * *" } }],
    [{ SLACK_API_URL: "https://slack.com/api" }, { slack: { apiUrl: "https://slack.com/api/" } }],
    [{ NOTION_BASE_URL: "https://api.notion.com/" }, { notion: { baseUrl: "https://api.notion.com" } }],
    [
      { ALLOWED_ORIGINS: "https://a.acme.com, http://localhost:3000" },
      { http: { allowedOrigins: ["https://a.acme.com", "http://localhost:3000"] } },
    ],
    [{ RAILWAY_TOKEN: "t1" }, { railway: { token: { kind: "project", value: "t1" } } }],
    [{ RAILWAY_API_TOKEN: "t2" }, { railway: { token: { kind: "account", value: "t2" } } }],
    [{ ENVIRONMENT: "staging" }, { environment: "staging", log: { json: false } }],
  ])("%j gives %j", (changes, expected) => {
    expect(configWith(changes)).toMatchObject(expected);
  });
});
