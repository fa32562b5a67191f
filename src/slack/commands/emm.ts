/** `/emm <sub>`: finds the subcommand and answers privately. Acknowledged before it gets here. */
import type { SlackCommandMiddlewareArgs } from "@slack/bolt";
import { helpText, SUBCOMMANDS, type Subcommand, unknownText } from "../cards/help.ts";
import { typedText } from "../limits.ts";
import type { Outbound } from "../outbound.ts";
import { tell } from "../replies.ts";

export interface CommandRequest {
  userId: string;
  teamId: string;
  triggerId: string;
  /** What follows the subcommand, as the person typed it. */
  text: string;
}

/** Answers with inert mrkdwn. */
export type CommandHandler = (request: CommandRequest) => Promise<string>;

export interface EmmDeps {
  handlers: Record<Exclude<Subcommand, "help">, CommandHandler>;
  outbound: Pick<Outbound, "whisper">;
}

export function emm({ handlers, outbound }: EmmDeps) {
  return async ({ command, respond }: SlackCommandMiddlewareArgs): Promise<void> => {
    const typed = typedText(command.text ?? "").trim();
    const [word = ""] = typed.split(/\s/, 1);
    const request = {
      userId: command.user_id,
      teamId: command.team_id,
      triggerId: command.trigger_id,
      text: typed.slice(word.length).trim(),
    };
    const to = { userId: command.user_id, channel: command.channel_id, respond };
    await tell(outbound, to, await answer(word, request, handlers));
  };
}

async function answer(word: string, request: CommandRequest, handlers: EmmDeps["handlers"]): Promise<string> {
  const name = SUBCOMMANDS.find((candidate) => candidate === word.toLowerCase());
  if (word === "" || name === "help") return helpText();
  return name === undefined ? unknownText(word) : handlers[name](request);
}
