/** `emm notion-webhook <url> [key]`: waits with the running bot for Notion's verification token, and shows it here only. */
import { setTimeout as sleep } from "node:timers/promises";
import type { z } from "zod";
import { Fault, WebhookHandshake } from "../http/bodies.ts";
import type { RoutePath } from "../http/route-table.ts";
import { type CommandContext, type ExitCode, printJson } from "./context.ts";

export interface NotionWebhookOptions {
  /** Of the bot, without a path. */
  url: string;
  apiKey: string | null;
  apiKeyHeader: string;
  /** How often the bot is asked. */
  everyMs?: number;
}

const PATH = "/webhooks/notion/handshake" satisfies RoutePath;
const EVERY_MS = 3_000;
const TIMEOUT_MS = 15_000;

type Handshake = z.infer<typeof WebhookHandshake>;
type Look = { ok: true; handshake: Handshake } | { ok: false; why: string };

export async function notionWebhook(
  context: CommandContext,
  options: NotionWebhookOptions,
): Promise<ExitCode> {
  const { terminal, json } = context;
  const first = await look(options);
  if (first.ok && first.handshake.status === "waiting") {
    terminal.note(
      `In Notion, open your connection → Webhooks → Create a subscription, with this address:\n\n  ${options.url}/webhooks/notion\n`,
    );
  }
  const last = await terminal.working("Waiting for Notion …", () => untilReceived(first, options));
  if (!last.ok) {
    if (json) printJson(context, { ok: false, message: last.why });
    else terminal.note(`${terminal.style("red", "✗")} ${last.why}`);
    return 1;
  }
  const { verification_token: token } = last.handshake;
  if (json) printJson(context, { ok: true, verification_token: token });
  else {
    terminal.out(token ?? "");
    terminal.note(NEXT);
  }
  return 0;
}

const NEXT = `
This is the verification token, a secret:
  1. Paste it in Notion where it asks for it, and press Verify. If Notion refuses it, ask Notion to send it again and
     run this command again.
  2. Only then set it as WEBHOOK_SECRET_NOTION, and restart the bot.`;

async function untilReceived(first: Look, options: NotionWebhookOptions): Promise<Look> {
  let latest = first;
  while (latest.ok && latest.handshake.status === "waiting") {
    const { open_until: openUntil } = latest.handshake;
    if (first.ok && openUntil !== first.handshake.open_until) {
      return { ok: false, why: "Notion sent nothing within a quarter of an hour. Run the command again." };
    }
    await sleep(options.everyMs ?? EVERY_MS);
    latest = await look(options);
  }
  return latest;
}

async function look({ url, apiKey, apiKeyHeader }: NotionWebhookOptions): Promise<Look> {
  try {
    const answer = await fetch(url + PATH, {
      method: "POST",
      headers: apiKey === null ? {} : { [apiKeyHeader]: apiKey },
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return await read(answer, apiKeyHeader);
  } catch (error) {
    const reason =
      error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    return { ok: false, why: `${url} does not answer (${reason}).` };
  }
}

async function read(answer: Response, apiKeyHeader: string): Promise<Look> {
  const body: unknown = await answer.json().catch(() => null);
  const handshake = WebhookHandshake.safeParse(body);
  if (answer.ok && handshake.success) return { ok: true, handshake: handshake.data };
  if (answer.status === 401) {
    return {
      ok: false,
      why: `The key is not the bot's API_KEY. Name its header with --header (${apiKeyHeader}).`,
    };
  }
  if (answer.status === 404) {
    return { ok: false, why: "The bot has no API_KEY, or is an older version: set API_KEY and restart it." };
  }
  const fault = Fault.safeParse(body);
  return { ok: false, why: fault.success ? fault.data.message : `The bot answers ${answer.status}.` };
}
