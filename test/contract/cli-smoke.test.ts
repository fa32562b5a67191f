/** `emm smoke` against the real bot, and against things that are not it; `emm predeploy` without its tests. */
import { writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { emm } from "../fixtures/cli.ts";
import { emptyFolder } from "../fixtures/data-folders.ts";
import { type Bot, bootBot } from "../flows/bot.ts";

const KEY = "key-for-the-smoke-test";
let bot: Bot;
let url: string;

beforeAll(async () => {
  bot = await bootBot({ env: { API_KEY: KEY, RATE_LIMIT_PER_MINUTE: "120" } });
  await bot.poll();
  await bot.idle();
  url = `http://127.0.0.1:${bot.app.httpPort()}`;
  // The monitor looked before the poller ran, and looks again after some seconds.
  while (!(await fetch(`${url}/health`)).ok) await new Promise((resolve) => setTimeout(resolve, 100));
}, 60_000);
afterAll(() => bot.stop());

const smoke = (...args: string[]) => emm(["smoke", ...args], { env: {} });

/** Answers everything the same way. */
async function impostor(listener: RequestListener): Promise<{ url: string; close: () => void }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}

describe("smoke", () => {
  it("finds the bot in order: endpoints, headers, refusals, polling with the key, rate limit", async () => {
    const { code, out } = await smoke(url, KEY);
    expect(out).not.toContain("✗");
    for (const path of ["/", "/health", "/ready", "/api/status", "/metrics", "/docs", "/openapi.json"]) {
      expect(out).toMatch(new RegExp(`✓ GET ${path} +200`));
    }
    expect(out).toMatch(/✓ headers +5 security headers/);
    expect(out).toMatch(/✓ unknown path +404 in JSON/);
    expect(out).toMatch(/✓ \/slack\/events +401/);
    expect(out).toMatch(/✓ POST \/trigger-poll, no key +401/);
    expect(out).toMatch(/✓ POST \/trigger-poll +200 \{"found":/);
    expect(out).toMatch(/✓ \/webhooks\/inbox +on; 401/);
    expect(out).toMatch(/– \/webhooks\/notion +off: WEBHOOK_SECRET_NOTION/);
    expect(out).toMatch(/✓ rate limit +429 with Retry-After \d+ s/);
    expect(code).toBe(0);
  });

  it("says when to come back once the limit is used up", async () => {
    const { code, out } = await smoke(url, KEY);
    expect(out).toMatch(/✗ bot +429: this address has used up its requests\n.*→ run it again in \d+ seconds/);
    expect(code).toBe(1);
  });

  it("says that nothing answers", async () => {
    const { code, out } = await smoke("http://127.0.0.1:9");
    expect(out).toMatch(/✗ bot +http:\/\/127\.0\.0\.1:9 does not answer/);
    expect(code).toBe(1);
  });

  it("is not fooled by a page that answers 200 to everything", async () => {
    const page = await impostor((_request, response) => response.end("<h1>It works</h1>"));
    const { code, out } = await smoke(page.url, KEY, "--json");
    page.close();
    const { findings } = JSON.parse(out) as { findings: { subject: string; mark: string; detail: string }[] };
    const wrong = findings.filter(({ mark }) => mark === "problem").map(({ subject }) => subject);
    expect(wrong).toEqual(
      expect.arrayContaining([
        "GET /health",
        "headers",
        "unknown path",
        "/slack/events",
        "POST /trigger-poll",
      ]),
    );
    expect(code).toBe(1);
  });

  it("takes only an address", async () => {
    const { code, err } = await smoke("bot.example.com");
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining("write it with https://") });
  });
});

describe("predeploy", () => {
  it("looks at everything, and says that the tests were left out", async () => {
    const { out } = await emm(["predeploy", "--skip-tests"], { env: bot.world.env, folder: process.cwd() });
    for (const area of [
      "Environment",
      "Files",
      "Slack",
      "Notion",
      "Claude",
      "Store",
      "Secrets",
      "Connections",
      "Tests",
    ]) {
      expect(out).toContain(`\n${area}\n`);
    }
    expect(out).toMatch(/✓ Dockerfile/);
    expect(out).toMatch(/– npm test +left out by --skip-tests/);
  });

  it("fails with the end of what the tests said", async () => {
    const folder = emptyFolder();
    const test = "node -e \"console.log('the last words');process.exit(3)\"";
    writeFileSync(join(folder, "package.json"), JSON.stringify({ scripts: { test } }));
    const { code, out, err } = await emm(["predeploy"], { env: bot.world.env, folder });
    expect(out).toMatch(/✗ npm test +fails \(exit code 3\)\n.*→ run npm test/);
    expect(err).toContain("the last words");
    expect(code).toBe(1);
  });
});
