/** `/emm <sub>`: finds the subcommand and answers privately. Acknowledged before it gets here. */
import type { SlackCommandMiddlewareArgs } from "@slack/bolt";
import { helpText, SUBCOMMANDS, type Subcommand, unknownText } from "../cards/help.ts";
import { cleanText, typedText } from "../limits.ts";
import type { Outbound } from "../outbound.ts";
import { type Reply, type RunningAnswer, runningAnswer } from "../replies.ts";

export interface CommandRequest {
  userId: string;
  teamId: string;
  triggerId: string;
  /** Where it was typed; the bot need not be a member there. */
  channelId: string;
  /** What follows the subcommand, as the person typed it. */
  text: string;
  /** User ids of the people named in it, in order. */
  mentioned: string[];
  /** Shows how far the work is, in the place of the answer; at most three times. Never rejects. */
  progress: RunningAnswer["progress"];
}

/** Answers privately, with inert mrkdwn or a whole message; null = a form was opened, which says it all. */
export type CommandHandler = (request: CommandRequest) => Promise<Reply | null>;

export interface EmmDeps {
  handlers: Record<Exclude<Subcommand, "help">, CommandHandler>;
  outbound: Pick<Outbound, "whisper">;
}

export function emm({ handlers, outbound }: EmmDeps) {
  return async ({ command, respond }: SlackCommandMiddlewareArgs): Promise<void> => {
    const typed = cleanText(typedText(command.text ?? "")).trim();
    const [word = ""] = typed.split(/\s/, 1);
    const to = { userId: command.user_id, channel: command.channel_id, respond };
    const running = runningAnswer(outbound, to);
    const request = {
      userId: command.user_id,
      teamId: command.team_id,
      triggerId: command.trigger_id,
      channelId: command.channel_id,
      text: typed.slice(word.length).trim(),
      mentioned: [...(command.text ?? "").matchAll(/<@([UW][A-Z0-9]+)(?:\|[^>]*)?>/g)].map(
        ([, id = ""]) => id,
      ),
      progress: running.progress,
    };
    const reply = await answer(word, request, handlers);
    if (reply !== null) await running.finish(reply);
  };
}

async function answer(
  word: string,
  request: CommandRequest,
  handlers: EmmDeps["handlers"],
): Promise<Reply | null> {
  const name = SUBCOMMANDS.find((candidate) => candidate === word.toLowerCase());
  if (word === "" || name === "help") return helpText();
  return name === undefined ? unknownText(word) : handlers[name](request);
}
