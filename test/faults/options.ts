/** What the campaign is told on its command line. Pure. */
import { parseArgs } from "node:util";

export const USAGE = `npm run faults -- [options]

  --rounds N          how many (10; of a given schedule 1)
  --seed S            of the first round; the next one's is one more (random). S,T,U: rounds of exactly these
  --quick             only faults that heal within seconds
  --undo N            UNDO_SECONDS of the bots (0)
  --schedule JSON     rounds of exactly this; @file reads it from a file
  --shrink-seconds N  how long a failure is narrowed down, and tried three times more (300; 0 = not at all)
  --keep-going        counts failures instead of ending at the first
  --logs FOLDER       where the logs of each round go
  --help              this`;

export interface Options {
  /** Of each round; the schedule, if there is one, is that of each. */
  seeds: number[];
  isQuick: boolean;
  undoSeconds: number;
  /** JSON, or @file. */
  schedule: string | null;
  shrinkSeconds: number;
  keepsGoing: boolean;
  logs: string | null;
}

const ROUNDS = 10;

/** null when help is asked for. Throws in words of one line. */
export function readOptions(args: string[], randomSeed: number): Options | null {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: "string" },
      seed: { type: "string" },
      quick: { type: "boolean", default: false },
      undo: { type: "string", default: "0" },
      schedule: { type: "string" },
      "shrink-seconds": { type: "string", default: "300" },
      "keep-going": { type: "boolean", default: false },
      logs: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return null;
  const rounds = wholeNumber("rounds", values.rounds ?? String(values.schedule === undefined ? ROUNDS : 1));
  const [first = randomSeed, ...others] =
    values.seed?.split(",").map((text) => wholeNumber("seed", text)) ?? [];
  return {
    seeds: others.length > 0 ? [first, ...others] : Array.from({ length: rounds }, (_, nth) => first + nth),
    isQuick: values.quick,
    undoSeconds: wholeNumber("undo", values.undo),
    schedule: values.schedule ?? null,
    shrinkSeconds: wholeNumber("shrink-seconds", values["shrink-seconds"]),
    keepsGoing: values["keep-going"],
    logs: values.logs ?? null,
  };
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`--${name} must be a whole number, and is "${text}"`);
  return Number(text);
}
