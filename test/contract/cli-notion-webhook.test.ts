/** `emm notion-webhook`: how the operator gets the token that Notion sends. */
import { afterEach, describe, expect, it } from "vitest";
import { silentLog } from "../../src/cli/context.ts";
import { notionWebhook } from "../../src/cli/notion-webhook.ts";
import { emm } from "../fixtures/cli.ts";
import { HOOK_SECRETS } from "../fixtures/webhook-samples.ts";
import { startWebhooks, type WebhookSide, type WebhookSideOptions } from "./webhook-side.ts";

const TOKEN = "secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl";
let side: WebhookSide | null = null;

async function start(options: WebhookSideOptions = {}): Promise<WebhookSide> {
  side = await startWebhooks({ ...options, secrets: { notion: null, ...options.secrets } });
  return side;
}

afterEach(async () => {
  await side?.close();
  side = null;
});

const notionSends = (at: WebhookSide) => {
  const body = JSON.stringify({ verification_token: TOKEN });
  return at.post("/webhooks/notion", { "content-type": "application/json" }, body);
};

describe("emm notion-webhook", () => {
  it("waits for the token, shows it on stdout alone, and says what to do with it", async () => {
    const at = await start();
    const [out, notes]: [string[], string[]] = [[], []];
    const terminal = {
      out: (line: string) => void out.push(line),
      note: (line: string) => void notes.push(line),
      style: (_style: string, text: string) => text,
      async working<T>(_label: string, run: (step: (label: string) => void) => Promise<T>): Promise<T> {
        expect((await notionSends(at)).status).toBe(200);
        return run(() => {});
      },
    };
    const context = { env: {}, folder: ".", terminal, json: false, log: silentLog() };
    const { apiKey, apiKeyHeader } = HOOK_SECRETS;
    expect(await notionWebhook(context, { url: at.origin, apiKey, apiKeyHeader, everyMs: 1 })).toBe(0);
    expect(out).toEqual([TOKEN]);
    expect(notes[0]).toContain(`${at.origin}/webhooks/notion`);
    expect(notes[1]).toContain("WEBHOOK_SECRET_NOTION");
  });

  it("takes the key from the environment, and answers in JSON", async () => {
    const at = await start();
    const env = { API_KEY: HOOK_SECRETS.apiKey };
    await at.post("/webhooks/notion/handshake", { "x-api-key": HOOK_SECRETS.apiKey }, "");
    await notionSends(at);
    const { code, out } = await emm(["notion-webhook", at.origin, "--json"], { env });
    expect([code, JSON.parse(out)]).toEqual([0, { ok: true, verification_token: TOKEN }]);
  });

  it("names what is wrong: the key, a bot without one, an address where nobody is", async () => {
    const at = await start();
    const wrong = await emm(["notion-webhook", at.origin, "wrong"], { env: {} });
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining("not the bot's API_KEY")]);
    await at.close();
    const keyless = await start({ secrets: { apiKey: null } });
    const off = await emm(["notion-webhook", keyless.origin, "any"], { env: {} });
    expect([off.code, off.err]).toEqual([1, expect.stringContaining("set API_KEY")]);
    const nobody = await emm(["notion-webhook", "http://127.0.0.1:9", "any"], { env: {} });
    expect([nobody.code, nobody.err]).toEqual([1, expect.stringContaining("does not answer")]);
  });
});
