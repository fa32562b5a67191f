/** What the bot says through a response_url, or in the answer to a command: five uses, thirty minutes. */
import type { HttpAnswer } from "../faults.ts";
import { isRecord, type Json, listOf, parseJson } from "./json-values.ts";
import { addMessage, changeMessage, findMessage, removeMessage } from "./messages.ts";
import { flagArg, messageBlocksArg, metadataArg, SlackRefusal, textArg } from "./method-call.ts";
import type { ResponseUrl, Workspace } from "./workspace.ts";

const MAX_USES = 5;
const LIFE_MS = 30 * 60_000;

export function answerResponseUrl(workspace: Workspace, path: string, body: string): HttpAnswer {
  const target = workspace.responseUrls.get(path);
  if (target === undefined) return failed(404, "no_service");
  if (workspace.now() - target.issuedAt > LIFE_MS) return failed(404, "expired_url");
  if (target.uses >= MAX_USES) return failed(404, "used_url");
  const parsed = parseJson(body);
  if (!isRecord(parsed)) return failed(400, "invalid_payload");
  try {
    sayIn(workspace, target, parsed);
  } catch (error) {
    if (!(error instanceof SlackRefusal)) throw error;
    return { status: 400, body: { ok: false, error: error.error, ...error.details } };
  }
  target.uses += 1;
  return { status: 200, body: { ok: true } };
}

function failed(status: number, error: string): HttpAnswer {
  return { status, body: { ok: false, error } };
}

/** Throws a SlackRefusal when Slack would not take it. The cap on the text of all blocks does not hold here. */
export function sayIn(workspace: Workspace, target: ResponseUrl, said: Json): void {
  const origin =
    target.originTs === null ? undefined : findMessage(workspace, target.channel, target.originTs);
  if (flagArg(said, "delete_original")) {
    if (origin === undefined) throw new SlackRefusal("message_not_found");
    removeMessage(workspace, origin);
    return;
  }
  const text = textArg(said, "text");
  const blocks = messageBlocksArg(said);
  if (text === "" && listOf(blocks).length === 0 && listOf(said["attachments"]).length === 0)
    throw new SlackRefusal("no_text");
  if (flagArg(said, "replace_original") && origin !== undefined) {
    changeMessage(workspace, origin, {
      text,
      blocks: blocks ?? [],
      attachments: listOf(said["attachments"]),
      marksEdited: false,
    });
    return;
  }
  const isPublic = said["response_type"] === "in_channel";
  const posted = addMessage(workspace, {
    channel: target.channel,
    user: workspace.seed.bot.userId,
    byBot: true,
    text,
    blocks,
    attachments: listOf(said["attachments"]),
    metadata: isPublic ? metadataArg(said) : null,
    threadTs: textArg(said, "thread_ts") || null,
    visibleTo: isPublic ? null : target.userId,
  });
  // A command has no message of its own: its first answer is what replace_original and delete_original mean.
  target.originTs ??= posted.ts;
}
