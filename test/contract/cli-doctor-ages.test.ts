/** `emm doctor` on what no single request tells: the installed app's settings, and the age of each secret. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { createLog } from "../../src/log.ts";
import { createSlackStandIn } from "../../src/sandbox/slack/slack-stand-in.ts";
import { createSlackSeed } from "../../src/sandbox/slack/workspace-seed.ts";
import { createWorld, type World } from "../../src/sandbox/world.ts";
import { createSecretBook } from "../../src/store/secrets.ts";
import { openStore } from "../../src/store/store.ts";
import { type CliRun, emm } from "../fixtures/cli.ts";
import { emptyFolder, preparedDataFolder, removeDataFolder } from "../fixtures/data-folders.ts";

const closing: (() => Promise<void>)[] = [];
let world: World;
beforeAll(async () => {
  world = await createWorld();
  world.notion.requestsPerMinute = null;
  closing.push(world.close);
});
afterAll(() => Promise.all(closing.map((close) => close())));

const doctor = (changes: Record<string, string | undefined> = {}) =>
  emm(["doctor"], { env: { ...world.env, ...changes } });

/** The line that names this subject, and the fix below it. */
function lineOf({ out }: CliRun, words: string): string {
  const lines = out.split("\n");
  const at = lines.findIndex((line) => line.includes(words));
  return `${lines[at] ?? "(none)"}\n${lines[at + 1] ?? ""}`;
}

/** A Slack whose app was made from this manifest, and the token that may read it. */
async function appMadeFrom(manifest: string) {
  const slack = await createSlackStandIn({ seed: createSlackSeed(), manifest: parse(manifest) });
  closing.push(slack.close);
  return { SLACK_API_URL: new URL("/api/", slack.url).href, SLACK_CONFIG_TOKEN: slack.configToken };
}

const MANIFEST = readFileSync(new URL("../../manifest.yml", import.meta.url), "utf8").replaceAll(
  "YOUR-DOMAIN",
  "emm.example.com",
);

describe("doctor on the installed app", () => {
  it("says that a bot token cannot read its settings, instead of calling them fine", async () => {
    const run = await doctor();
    expect(lineOf(run, "app settings")).toMatch(
      /– app settings +commands, events and addresses cannot be read with a bot token\n.*→ compare .* with manifest\.yml/,
    );
  });

  it("compares them when it is given a configuration token", async () => {
    const fine = await doctor(await appMadeFrom(MANIFEST));
    expect(lineOf(fine, "app settings")).toMatch(
      /✓ app settings +commands, events and addresses as in manifest/,
    );
    const old = await doctor(await appMadeFrom(MANIFEST.replace("- app_home_opened", "- app_mention")));
    expect(lineOf(old, "app settings")).toMatch(
      /✗.*the event app_home_opened is missing\n.*→ paste manifest\.yml/,
    );
    expect(old.code).toBe(1);
  });

  it("takes a token that ran out for what it is", async () => {
    const run = await doctor({ SLACK_CONFIG_TOKEN: "xoxe.xoxp-1-old" });
    expect(lineOf(run, "app settings")).toMatch(
      /!.*SLACK_CONFIG_TOKEN is refused .*it lives 12 hours\n.*→ make a new one/,
    );
    expect(run.code).toBe(0);
  });
});

describe("doctor on the age of secrets", () => {
  const log = createLog({ level: "ERROR", json: true });
  const DAY_MS = 86_400_000;
  const SECRETS = ["SLACK_BOT_TOKEN", "NOTION_API_KEY", "ANTHROPIC_API_KEY"];

  it("says when each was first seen here, and which is due for a change", async () => {
    const dataDir = preparedDataFolder();
    const store = await openStore({ databaseUrl: null, dataDir, log });
    const book = createSecretBook(store.db);
    const known = SECRETS.map((name) => ({ name, value: world.env[name] ?? "" }));
    await book.remember(known.slice(0, 1), new Date(Date.now() - 204 * DAY_MS));
    await book.remember(known.slice(0, 2), new Date(Date.now() - 3 * DAY_MS));
    // A later start changes no date, and an older secret that comes back keeps its own.
    await book.remember(known.slice(0, 2), new Date());
    const running = await doctor({ DATA_DIR: dataDir });
    expect(lineOf(running, "ages")).toMatch(
      /– ages +the running bot holds the embedded store; stop it and ask again/,
    );
    await store.close();

    const run = await doctor({ DATA_DIR: dataDir });
    const [, secrets = ""] = run.out.split("\nSecrets\n");
    expect(secrets).toMatch(
      /! SLACK_BOT_TOKEN +first seen \d{4}-\d\d-\d\d, 204 days ago; change it every 180\n.*→ change it: docs/,
    );
    expect(secrets).toMatch(/✓ NOTION_API_KEY +first seen \d{4}-\d\d-\d\d, 3 days ago/);
    expect(secrets).toMatch(/✓ ANTHROPIC_API_KEY +new here: counted from the next start of the bot/);
    const changed = await doctor({ DATA_DIR: dataDir, NOTION_API_KEY: `${world.env["NOTION_API_KEY"]}x` });
    expect(changed.out).toMatch(/✓ NOTION_API_KEY +new here/);
    removeDataFolder(dataDir);
  });

  it("has nothing to say before the first start", async () => {
    const run = await doctor({ DATA_DIR: join(emptyFolder(), "not-yet") });
    expect(lineOf(run, "ages")).toMatch(/– ages +noted from the first start on/);
  });
});
