/** What the command line writes where: answers on stdout, progress and remarks on stderr, colours only for people. */
import { styleText } from "node:util";
import ora from "ora";

export type Style = "red" | "green" | "yellow" | "cyan" | "dim" | "bold";

export interface Terminal {
  /** A line of the answer. */
  out(line: string): void;
  /** A line beside the answer: what happens, what went wrong. */
  note(line: string): void;
  style(style: Style, text: string): string;
  /** Shows that `label` is being done; `step` may change the words. A line each where nobody watches. */
  working<T>(label: string, run: (step: (label: string) => void) => Promise<T>): Promise<T>;
}

export interface TerminalStreams {
  stdout: NodeJS.WritableStream & { isTTY?: boolean };
  stderr: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
  env: Readonly<Record<string, string | undefined>>;
}

export function createTerminal({ stdout, stderr, env }: TerminalStreams, isQuiet = false): Terminal {
  const isColoured = wantsColour(stdout, env);
  // A terminal that says it has no columns makes the spinner count its lines for ever.
  const isWatched = stderr.isTTY === true && (stderr.columns ?? 0) > 0 && !env["CI"];
  const note = (line: string) => {
    if (!isQuiet) stderr.write(`${line}\n`);
  };
  return {
    out: (line) => void stdout.write(`${line}\n`),
    note,
    // The streams are asked here, because styleText would ask the process's own.
    style: (style, text) => (isColoured ? styleText(style, text, { validateStream: false }) : text),
    async working(label, run) {
      if (isQuiet || !isWatched) return run(note);
      const spinner = ora({ text: label, stream: stderr }).start();
      try {
        return await run((text) => {
          spinner.text = text;
        });
      } finally {
        spinner.stop();
      }
    },
  };
}

/** https://no-color.org: any value but the empty one. */
function wantsColour(stream: { isTTY?: boolean }, env: TerminalStreams["env"]): boolean {
  if (env["NO_COLOR"]) return false;
  if (env["FORCE_COLOR"]) return env["FORCE_COLOR"] !== "0";
  return stream.isTTY === true && env["TERM"] !== "dumb";
}
