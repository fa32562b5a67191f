/** What variables mean together, what is only warned about, and what may be logged. */
import { describe, expect, it } from "vitest";
import { loggableConfig } from "../src/config.ts";
import { EnvironmentSchema, variableDocs } from "../src/config-variables.ts";
import { configWith, problemsWith } from "./fixtures/environment.ts";

describe("Socket Mode", () => {
  it("needs no signing secret", () => {
    const { slack } = configWith({ SLACK_APP_TOKEN: "xapp-1-A-2", SLACK_SIGNING_SECRET: undefined });
    expect(slack).toMatchObject({ appToken: "xapp-1-A-2", signingSecret: null });
  });

  it("is what the signing secret is required without", () => {
    expect(problemsWith({ SLACK_SIGNING_SECRET: undefined })).toEqual([
      expect.stringMatching(/^- SLACK_SIGNING_SECRET is missing: .*SLACK_APP_TOKEN/),
    ]);
  });
});

describe("RAILWAY_TOKEN and RAILWAY_API_TOKEN", () => {
  it("exclude each other", () => {
    expect(problemsWith({ RAILWAY_TOKEN: "t1", RAILWAY_API_TOKEN: "t2" })).toEqual([
      expect.stringContaining("RAILWAY_API_TOKEN is set beside RAILWAY_TOKEN"),
    ]);
  });
});

describe("ENVIRONMENT=production", () => {
  const production = {
    ENVIRONMENT: "production",
    DATABASE_URL: "postgresql://u:p@postgres.railway.internal:5432/emm",
  };

  it("starts with real services and a database, and logs JSON", () => {
    expect(configWith(production)).toMatchObject({ environment: "production", log: { json: true } });
    expect(configWith({ ...production, ENVIRONMENT: "Production" }).environment).toBe("production");
  });

  it.each([
    ["SLACK_API_URL", "http://slack.com/api/"],
    ["SLACK_API_URL", "https://localhost:3000/api/"],
    ["NOTION_BASE_URL", "https://127.0.0.1:3000"],
    ["NOTION_BASE_URL", "https://notion.local"],
    ["NOTION_BASE_URL", "https://sandbox:3000"],
    ["ANTHROPIC_BASE_URL", "https://[::1]:3000"],
    ["ANTHROPIC_BASE_URL", "https://10.1.2.3"],
    ["ANTHROPIC_BASE_URL", "https://host.docker.internal"],
    ["RAILWAY_API_URL", "https://172.20.0.1/graphql"],
    ["RAILWAY_API_URL", "https://192.168.1.1"],
  ])("refuses the stand-in %s=%s", (variable, value) => {
    expect(problemsWith({ ...production, [variable]: value })).toEqual([
      expect.stringMatching(new RegExp(`^- ${variable} is a stand-in`)),
    ]);
    expect(problemsWith({ [variable]: value })).toEqual([]);
  });

  it("accepts a public gateway", () => {
    const config = configWith({ ...production, ANTHROPIC_BASE_URL: "https://gateway.acme.com/claude" });
    expect(config.claude.baseUrl).toBe("https://gateway.acme.com/claude");
  });

  it.each([
    [{ DATA_DIR: "/data/emm", RAILWAY_VOLUME_MOUNT_PATH: "/data" }, true],
    [{ DATA_DIR: "/data", RAILWAY_VOLUME_MOUNT_PATH: "/data/" }, true],
    [{ DATA_DIR: "/anything", RAILWAY_VOLUME_MOUNT_PATH: "/" }, true],
    [{ DATA_DIR: "/database", RAILWAY_VOLUME_MOUNT_PATH: "/data" }, false],
    [{ DATA_DIR: "/data/../tmp", RAILWAY_VOLUME_MOUNT_PATH: "/data" }, false],
    [{ RAILWAY_VOLUME_MOUNT_PATH: "/data" }, false],
    [{ DATA_DIR: "/data" }, false],
  ])("without DATABASE_URL and with %j: starts is %s", (changes, starts) => {
    const problems = problemsWith({ ...production, DATABASE_URL: undefined, ...changes });
    expect(problems).toEqual(
      starts ? [] : [expect.stringMatching(/^- DATABASE_URL is missing: .*RAILWAY_VOLUME_MOUNT_PATH/)],
    );
  });
});

describe("warnings", () => {
  it.each([
    [{ APPROVALS_REQUIRED_HIGH: "2", SLACK_APPROVERS: "U0ANNA" }, "SLACK_APPROVERS names one person"],
    [
      { APPROVALS_REQUIRED_HIGH: "2", SLACK_APPROVERS: "U0ANNA,U0BEN", SLACK_APPROVERS_HIGH: "U0BEN" },
      "SLACK_APPROVERS_HIGH names one person: what has a high impact cannot be approved",
    ],
    [{ SELF_APPROVAL: "forbid", SLACK_APPROVERS: "U0ANNA" }, "nobody can decide on that person's requests"],
  ])("say that more people are needed: %j", (variables, words) => {
    expect(configWith(variables).warnings).toEqual([expect.stringContaining(words)]);
  });

  it.each([
    { APPROVALS_REQUIRED_HIGH: "2", SELF_APPROVAL: "forbid", SLACK_APPROVERS: "S0BOARD" },
    { APPROVALS_REQUIRED_HIGH: "2", SLACK_APPROVERS: "U0ANNA", SLACK_APPROVERS_HIGH: "U0ANNA,U0BEN" },
    { APPROVALS_REQUIRED_HIGH: "2", SELF_APPROVAL: "forbid" },
  ])("do not count what they cannot: %j", (variables) => {
    expect(configWith(variables).warnings).toEqual([]);
  });

  it.each([
    ["NOTION_DB_TASK", "NOTION_DB_TASKS"],
    ["SLACK_DECISION_CHANNEL", "SLACK_DECISIONS_CHANNEL"],
    ["ANTHROPIC_KEY", "ANTHROPIC_API_KEY"],
    ["WEBHOOK_SECRET_NOTON", "WEBHOOK_SECRET_NOTION"],
  ])("tell that %s is probably %s", (unknown, known) => {
    expect(configWith({ [unknown]: "x" }).warnings).toEqual([
      `${unknown} is not known; did you mean ${known}?`,
    ]);
  });

  it("leave foreign names alone", () => {
    const foreign = {
      PATH: "/bin",
      POSTGRES_PORT: "1",
      RAILWAY_REPLICA_ID: "r",
      SLACK_WORKSPACE_URL: "https://x",
    };
    expect(configWith(foreign).warnings).toEqual([]);
  });

  it("name a deprecated model once, with its replacement", () => {
    const model = "claude-sonnet-4-5";
    expect(configWith({ ANTHROPIC_MODEL: model, ANTHROPIC_TRIAGE_MODEL: model }).warnings).toEqual([
      expect.stringMatching(/deprecated .* move to claude-/),
    ]);
  });
});

describe("the loggable view", () => {
  it("says which secrets are set and holds none of them", () => {
    const valid: Record<string, string> = {
      SLACK_BOT_TOKEN: "xoxb-sentinel",
      SLACK_APP_TOKEN: "xapp-sentinel",
      SLACK_CONFIG_TOKEN: "xoxe.xoxp-sentinel",
      DATABASE_URL: "postgresql://u:sentinel@db.acme.com/emm",
      HEARTBEAT_URL: "https://hc.acme.com/sentinel",
      SENTRY_DSN: "https://sentinel@sentry.acme.com/1",
      RAILWAY_API_TOKEN: "",
    };
    const secrets = Object.entries(EnvironmentSchema.shape)
      .filter(([, schema]) => variableDocs.get(schema)?.secret)
      .map(([name]) => [name, valid[name] ?? "sentinel-of-a-secret"]);
    expect(secrets.length).toBeGreaterThan(10);
    const view = loggableConfig(configWith(Object.fromEntries(secrets)));
    expect(JSON.stringify(view)).not.toContain("sentinel");
    expect(view).toMatchObject({
      slack: { botToken: "set", decisionsChannel: "C0DECISIONS" },
      store: { databaseUrl: "set", dataDir: ".data" },
      railway: { token: "set (project)" },
      webhookSecrets: { notion: "set" },
    });
    expect(loggableConfig(configWith({ RAILWAY_API_TOKEN: "sentinel" })).railway.token).toBe("set (account)");
    expect(loggableConfig(configWith({}))).toMatchObject({
      store: { databaseUrl: "not set" },
      railway: { token: "not set" },
      sentry: { dsn: "not set" },
    });
  });
});
