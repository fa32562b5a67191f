/** What may be said to `npm run demo`: two ports, or that help is wanted. Anything else is refused, with the fix. */
import { parseArgs } from "node:util";

const PAGE_PORT = 4400;
const BOT_PORT = 8000;

const USAGE = "Usage: npm run demo [-- --port <number>]";
export const HELP = `${USAGE}

The bot with stand-ins for Slack, Notion, Claude and Railway, and one page to watch and use them.

  --port <number>   of the page; default ${PAGE_PORT}
  PORT=<number>     in the environment, of the bot; default ${BOT_PORT}

A port that is taken is replaced by a free one; 0 is any free one.`;

export interface DemoOptions {
  isHelp: boolean;
  pagePort: number;
  botPort: number;
}

export function demoOptions(args: string[], { PORT }: Record<string, string | undefined>): DemoOptions {
  const { help = false, port } = valuesOf(args);
  if (help) return { isHelp: true, pagePort: PAGE_PORT, botPort: BOT_PORT };
  return {
    isHelp: false,
    pagePort: port === undefined ? PAGE_PORT : portNumber("--port", port),
    botPort: PORT ? portNumber("PORT, in the environment,", PORT) : BOT_PORT,
  };
}

/** Also refuses what is no option of the demo: a misspelt one would pass unseen. */
function valuesOf(args: string[]) {
  try {
    const options = { port: { type: "string" }, help: { type: "boolean", short: "h" } } as const;
    return parseArgs({ args, options }).values;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${why}\n${USAGE}`, { cause: error });
  }
}

function portNumber(name: string, wished: string): number {
  const port = Number(wished);
  if (wished.trim() === "" || !Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(
      `${name} takes a port number from 0 to 65535, not "${wished}": write one or leave it out.\n${USAGE}`,
    );
  return port;
}
