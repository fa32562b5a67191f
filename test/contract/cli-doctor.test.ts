/** `emm doctor`, `check-env` and `check-connections`: set-ups that are broken on purpose, and the words for each. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWorkspaceSeed } from "../../src/sandbox/notion/workspace-seed.ts";
import { createSlackStandIn } from "../../src/sandbox/slack/slack-stand-in.ts";
import { createSlackSeed, leadershipGroup, people } from "../../src/sandbox/slack/workspace-seed.ts";
import type { SlackSeed } from "../../src/sandbox/stand-ins.ts";
import { createWorld, type World } from "../../src/sandbox/world.ts";
import { BOT_SCOPES } from "../../src/slack/scopes.ts";
import { type CliRun, emm, writesTo } from "../fixtures/cli.ts";
import { emptyFolder } from "../fixtures/data-folders.ts";

const closing: (() => Promise<void>)[] = [];
afterAll(() => Promise.all(closing.map((close) => close())));

async function newWorld(seed = createWorkspaceSeed()): Promise<World> {
  const made = await createWorld({ notionSeed: seed });
  made.notion.requestsPerMinute = null;
  closing.push(made.close);
  return made;
}

/** Another Slack for the same world. */
async function slackWith(
  change: (seed: SlackSeed) => void,
  scopes: readonly string[] = Object.keys(BOT_SCOPES),
) {
  const seed = createSlackSeed();
  change(seed);
  const slack = await createSlackStandIn({ seed, scopes });
  closing.push(slack.close);
  return { SLACK_API_URL: new URL("/api/", slack.url).href };
}

const nothing = () => undefined;

let world: World;
beforeAll(async () => {
  world = await newWorld();
});

const doctor = (changes: Record<string, string | undefined> = {}, more: string[] = []) =>
  emm(["doctor", ...more], { env: { ...world.env, ...changes } });

/** The line that begins with this subject, and the fix below it. */
function lineOf({ out }: CliRun, words: string): string {
  const lines = out.split("\n");
  const at = lines.findIndex((line) => line.includes(words));
  return `${lines[at] ?? "(none)"}\n${lines[at + 1] ?? ""}`;
}

describe("doctor on a set-up as it should be", () => {
  it("finds nothing wrong", async () => {
    const run = await doctor(await slackWith(nothing));
    expect(run.out).not.toMatch(/[✗!]/);
    expect(run.out).toContain("all that manifest.yml asks for");
    expect(run.out).toContain("Dana Reyes, Sam Okafor");
    expect(run.code).toBe(0);
  });

  it("answers in JSON, with nothing beside it", async () => {
    const { out, err, code } = await doctor(await slackWith(nothing), ["--json"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(JSON.parse(out)).toMatchObject({ ok: true, counts: { problem: 0 } });
  });
});

const BROKEN: [string, () => Promise<Record<string, string | undefined>>, RegExp][] = [
  [
    "a Slack token that is refused",
    async () => ({ SLACK_BOT_TOKEN: "xoxb-another" }),
    /✗ SLACK_BOT_TOKEN +Slack refuses it \(invalid_auth\)\n.*→ copy the Bot User OAuth Token again/,
  ],
  [
    "an app that was installed before a scope was added",
    () =>
      slackWith(
        nothing,
        Object.keys(BOT_SCOPES).filter((scope) => scope !== "usergroups:read"),
      ),
    /✗ scopes.*usergroups:read is missing: approver groups.*\n.*→ add it under "OAuth & Permissions".*reinstall/,
  ],
  [
    "a channel the bot was not invited to",
    () =>
      slackWith((seed) => {
        for (const channel of seed.channels) channel.botIsMember = channel.name !== "leadership";
      }),
    /✗ SLACK_DECISIONS_CHANNEL.*the bot is not in #leadership\n.*→ type \/invite/,
  ],
  [
    "a channel that does not exist",
    async () => ({ SLACK_ALERTS_CHANNEL: "C0NOWHERE1" }),
    /✗ SLACK_ALERTS_CHANNEL.*no channel C0NOWHERE1 that the bot can see\n.*→ copy the id from the foot/,
  ],
  [
    "an approver who has left",
    async () => ({ SLACK_APPROVERS: `${people.dana},${people.former}` }),
    /✗ SLACK_APPROVERS.*U0FORMER01 \(Kim Doyle\) has left, so their clicks are refused\n.*→ take U0FORMER01 out/,
  ],
  [
    "an approver group that is gone",
    async () => ({ SLACK_APPROVERS: "S0NOGROUP1" }),
    /✗ SLACK_APPROVERS.*S0NOGROUP1 cannot be used: the user group in the list no longer exists/,
  ],
  [
    "an approver group without anybody who can decide",
    async () => ({
      ...(await slackWith(({ groups: [group] }) => {
        if (group) group.users = [people.guest, people.former];
      })),
      SLACK_APPROVERS: leadershipGroup,
    }),
    /✗ SLACK_APPROVERS.*S0LEADERS1 is a user group in which nobody was found who could: U0GUEST001 \(Gale Moss\) is a guest/,
  ],
  [
    "a guest who alone may decide what has a high impact",
    async () => ({ SLACK_APPROVERS_HIGH: people.guest }),
    /✗ SLACK_APPROVERS_HIGH.*U0GUEST001 \(Gale Moss\) is a guest/,
  ],
  [
    "nobody who may decide",
    async () => ({ SLACK_APPROVERS: "" }),
    /✗ SLACK_APPROVERS.*is empty, so nobody can decide\n.*→ add user ids/,
  ],
  [
    "a Notion key that was rotated",
    async () => ({ NOTION_API_KEY: "ntn_old" }),
    /✗ NOTION_API_KEY.*Notion refuses the key\n.*→ copy the secret again/,
  ],
  [
    "a database that is not shared",
    async () => ({ NOTION_DB_NODES: "c".repeat(32) }),
    /✗ Nodes.*Notion finds nothing under this id.*\n.*→ correct NOTION_DB_NODES, or share/,
  ],
  [
    "a retired model",
    async () => ({ ANTHROPIC_MODEL: "claude-3-opus-20240229" }),
    /✗ ANTHROPIC_MODEL.*was retired on 2026-01-05; use claude-opus-5-5 instead/,
  ],
  [
    "a Claude that does not answer",
    async () => ({ ANTHROPIC_BASE_URL: "http://127.0.0.1:9" }),
    /✗ ANTHROPIC_MODEL.*Claude could not be reached\n.*→ check the network/,
  ],
  [
    "a PostgreSQL that does not answer",
    async () => ({ DATABASE_URL: "postgresql://bot:secret-word@127.0.0.1:9/bot" }),
    /✗ DATABASE_URL.*PostgreSQL does not answer: .*ECONNREFUSED.*\n.*→ check host and port/,
  ],
];

describe("doctor on broken set-ups", () => {
  it.each(BROKEN)("names %s and the fix", async (_what, break_, words) => {
    const run = await doctor(await break_());
    expect(run.out).toMatch(words);
    expect(run.code).toBe(1);
  });

  it("never shows a secret", async () => {
    const { out, err } = await doctor({
      DATABASE_URL: "postgresql://bot:secret-word@127.0.0.1:9/bot",
      SLACK_BOT_TOKEN: "xoxb-secret-word",
      NOTION_API_KEY: "ntn_secret-word",
    });
    expect(out + err).not.toContain("secret-word");
  });

  it("still looks at the rest when a variable cannot be read", async () => {
    const run = await doctor({ SLACK_BOT_TOKEN: "xoxp-wrong-kind", SLACK_SIGNING_SECRET: "" });
    expect(run.out).toMatch(/✗ SLACK_BOT_TOKEN +must start with xoxb-/);
    expect(run.out).toMatch(/– token +SLACK_BOT_TOKEN is missing or wrong/);
    expect(run.out).toMatch(/✓ System Inbox/);
    expect(run.out).toMatch(/✓ ANTHROPIC_MODEL/);
  });
});

describe("doctor on databases that do not fit", () => {
  /** The workspace of the demo with some properties changed. */
  function seedWith(database: string, change: (property: { name: string; type: string }) => boolean) {
    const seed = createWorkspaceSeed();
    for (const one of seed.databases) {
      if (one.title === database) {
        one.properties = one.properties.filter((property) => change(property));
        one.rows = [];
      }
    }
    return seed;
  }

  it("adds what is missing with --fix, once", async () => {
    const broken = await newWorld(
      seedWith("Action Pipes", ({ name }) => name !== "Risk_Assessment" && name !== "Key"),
    );
    const before = await emm(["doctor"], { env: broken.env });
    expect(lineOf(before, "Risk_Assessment")).toMatch(/✗.*is missing\n.*→ run "npm run emm -- doctor --fix"/);
    expect(lineOf(before, '"Key" is missing')).toMatch(/! Action Pipes/);
    expect(before.code).toBe(1);
    expect(writesTo(broken)).toEqual([]);
    const fixed = await emm(["doctor", "--fix"], { env: broken.env });
    expect(fixed.out).toMatch(/\+ Action Pipes +added Risk_Assessment, Key/);
    expect(fixed.code).toBe(0);
    broken.notion.calls.length = 0;
    expect((await emm(["doctor", "--fix"], { env: broken.env })).out).not.toContain("added");
    expect(writesTo(broken)).toEqual([]);
  });

  it("leaves a property of the wrong type alone, and says what to do", async () => {
    const seed = seedWith("Training Data", (property) => {
      if (property.name === "Acceptance_Rate") property.type = "rich_text";
      return true;
    });
    const broken = await newWorld(seed);
    const run = await emm(["doctor", "--fix"], { env: broken.env });
    expect(lineOf(run, "Acceptance_Rate")).toMatch(
      /✗ Training Data.*is of the type text and has to be number\n.*→ change its type in Notion, or rename it/,
    );
    expect(writesTo(broken)).toEqual([]);
  });

  it("notices that two databases were mixed up", async () => {
    const { NOTION_DB_AREAS: areas, NOTION_DB_NODES: nodes } = world.env;
    const writes = writesTo(world).length;
    const run = await doctor({ NOTION_DB_AREAS: nodes, NOTION_DB_NODES: areas }, ["--fix"]);
    expect(run.out).toMatch(
      /✗ Areas +NOTION_DB_AREAS holds the id of the database "Nodes"\n.*→ write that id into NOTION_DB_NODES/,
    );
    expect(run.out).toMatch(/✗ Executive Intents +the relation "Area" points to another database than Areas/);
    expect(writesTo(world)).toHaveLength(writes);
  });
});

describe("doctor on files", () => {
  const good = ["package.json", "package-lock.json", "Dockerfile", "railway.json", "manifest.yml"];
  const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");

  function repository(change: Record<string, string | null> = {}): string {
    const folder = emptyFolder();
    mkdirSync(join(folder, "src"));
    for (const name of good) {
      const text = name in change ? change[name] : read(name);
      if (typeof text === "string") writeFileSync(join(folder, name), text);
    }
    return folder;
  }

  const files = async (folder: string) => {
    const { out } = await emm(["doctor", "--json"], { env: {}, folder });
    const { findings } = JSON.parse(out) as {
      findings: { area: string; subject: string; mark: string; detail: string }[];
    };
    return findings.filter(({ area }) => area === "Files");
  };

  it("is content with this repository", async () => {
    expect((await files(repository())).map(({ subject, mark }) => `${mark} ${subject}`)).toEqual([
      "ok Dockerfile",
      "ok railway.json",
      "ok package-lock.json",
      "ok manifest.yml",
    ]);
  });

  it.each([
    ["Dockerfile", { Dockerfile: null }, /is missing/],
    ["Dockerfile", { Dockerfile: read("Dockerfile").replace("USER node", "") }, /run as root/],
    ["railway.json", { "railway.json": read("railway.json").replace("100", '"100"') }, /healthcheckTimeout/],
    [
      "package-lock.json",
      { "package-lock.json": read("package-lock.json").replace('"pino": "', '"pino": "^') },
      /pino/,
    ],
    ["manifest.yml", { "manifest.yml": read("manifest.yml").replace("- im:write", "") }, /im:write/],
  ] as const)("sees what is wrong with %s %#", async (name, change, words) => {
    const wrong = (await files(repository(change))).filter(({ mark }) => mark === "problem");
    expect(wrong.map(({ subject }) => subject)).toEqual([name]);
    expect(wrong[0]?.detail).toMatch(words);
  });
});

describe("check-env", () => {
  it("ends with the sentence of the guide when all is valid", async () => {
    const { out, code } = await emm(["check-env"], { env: world.env });
    expect(out.trimEnd().split("\n").at(-1)).toBe("✓ All environment variables are valid!");
    expect(out).toMatch(/✓ NOTION_API_KEY +set/);
    expect(code).toBe(0);
  });

  it("ends with the list of what is wrong, by variable and with the fix", async () => {
    const env = {
      ...world.env,
      SLACK_SIGNING_SECRET: "your-signing-secret",
      NOTION_DB_TASKS: "tasks",
      POLLING_INTERVAL_SECONDS: "45",
      ANTHROPIC_API_KEY: undefined,
    };
    const { out, code } = await emm(["check-env"], { env });
    expect(out.split("✗ 4 problems:\n")[1]?.trimEnd().split("\n").toSorted()).toEqual([
      expect.stringMatching(/^- ANTHROPIC_API_KEY is missing/),
      expect.stringMatching(/^- NOTION_DB_TASKS is not a database id/),
      expect.stringMatching(/^- POLLING_INTERVAL_SECONDS is 45.*nearest 30 or 60/),
      expect.stringMatching(/^- SLACK_SIGNING_SECRET still holds the placeholder/),
    ]);
    expect(code).toBe(1);
  });

  it("says each problem once, which file was read, and that nobody may decide", async () => {
    const env = { ...world.env, NOTION_DB_TASKS: "tasks", SLACK_APPROVERS: "" };
    const without = await emm(["check-env"], { env, envFile: null });
    expect(without.out).toContain("cp .env.example .env");
    expect(without.out.match(/is not a database id/g)).toHaveLength(1);
    expect(without.out).toMatch(/! SLACK_APPROVERS is not set, so nobody can decide: add user ids/);
    const read = await emm(["check-env"], { env: world.env, envFile: "/srv/emm/.env" });
    expect(read.out).toMatch(/^Read \/srv\/emm\/\.env/);
  });

  it("tells a script the same", async () => {
    const { out, code } = await emm(["check-env", "--json"], { env: { ...world.env, PORT: "http" } });
    expect(JSON.parse(out)).toMatchObject({ valid: false, problems: [{ variable: "PORT" }] });
    expect(code).toBe(1);
  });

  it("mentions a variable whose name is a slip", async () => {
    const { out } = await emm(["check-env"], { env: { ...world.env, SLACK_APPROVER: "U0DANA0001" } });
    expect(out).toContain("SLACK_APPROVER is not known; did you mean SLACK_APPROVERS?");
  });
});

describe("check-connections", () => {
  it("asks each service once", async () => {
    const { out, code } = await emm(["check-connections"], { env: world.env });
    expect(out).toMatch(/✓ Slack +answers for the workspace "Acme"/);
    expect(out).toMatch(/✓ Notion +answers for the connection "Executive Mind Matrix"/);
    expect(out).toMatch(/✓ ANTHROPIC_MODEL/);
    expect(out).toMatch(/✓ DATA_DIR/);
    expect(code).toBe(0);
  });

  it("says which one does not answer", async () => {
    const { out, code } = await emm(["check-connections"], {
      env: { ...world.env, NOTION_BASE_URL: "http://127.0.0.1:9" },
    });
    expect(out).toMatch(/✗ Notion +Notion is not answering at the moment\.\n.*→ try again/);
    expect(out).toMatch(/✓ Slack/);
    expect(code).toBe(1);
  });
});

describe("the command line itself", () => {
  it("answers wrong usage with exit code 2 and the nearest command", async () => {
    const { code, err } = await emm(["doktor"], { env: {} });
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining("Did you mean doctor?") });
  });

  it("shows its help with exit code 0", async () => {
    const { code, out } = await emm(["--help"], { env: {} });
    expect(code).toBe(0);
    for (const name of [
      "setup",
      "doctor",
      "check-env",
      "check-connections",
      "smoke",
      "predeploy",
      "export",
    ]) {
      expect(out).toMatch(new RegExp(`^  ${name} `, "m"));
    }
  });

  it("answers a failure in JSON when asked to", async () => {
    const { code, out, err } = await emm(["export", "--json"], { env: {} });
    expect({ code, err }).toEqual({ code: 1, err: "" });
    expect(JSON.parse(out)).toMatchObject({ ok: false, error: "config_invalid" });
  });
});
