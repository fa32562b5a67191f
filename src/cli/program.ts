/** THE map of the command line: every command with its arguments, and what the exit code says. */
import { Argument, Command, CommanderError, Option } from "commander";
import { EXAMPLE_TYPES } from "../domain/training-file.ts";
import { toFailure } from "../errors.ts";
import { checkConnections } from "./check-connections.ts";
import { checkEnv } from "./check-env.ts";
import {
  type CommandContext,
  type ExitCode,
  isUsageError,
  printJson,
  silentLog,
  usageError,
} from "./context.ts";
import { type DoctorOptions, doctor } from "./doctor.ts";
import { type ExportOptions, exportTraining } from "./export.ts";
import { notionWebhook } from "./notion-webhook.ts";
import { predeploy } from "./predeploy.ts";
import { type SetupOptions, setup } from "./setup.ts";
import { smoke } from "./smoke.ts";
import { createTerminal, type TerminalStreams } from "./terminal.ts";

export interface CliOptions extends TerminalStreams {
  folder: string;
  /** The .env file that is part of `env`; null = there is none. */
  envFile?: string | null;
  lookupDelaysMs?: readonly number[];
}

const USAGE_EXIT = 2;

/** Resolves with the exit code: 0 fine, 1 something is wrong, 2 wrong usage. `args` without node and script. */
export async function runCli(args: readonly string[], options: CliOptions): Promise<number> {
  let exitCode: number = 0;
  const program = createProgram(options, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...args], { from: "user" });
    return exitCode;
  } catch (error) {
    // Help and version end this way too, with code 0; commander has written its words already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE_EXIT;
    return fail(error, args.includes("--json"), options);
  }
}

function fail(error: unknown, json: boolean, options: CliOptions): number {
  const { code, message } = toFailure(error);
  const exitCode = isUsageError(error) ? USAGE_EXIT : 1;
  const terminal = createTerminal(options);
  if (json) printJson({ terminal }, { ok: false, error: code, message });
  else terminal.note(`${terminal.style("red", "✗")} ${message}`);
  return exitCode;
}

type Run<O> = (context: CommandContext, options: O) => ExitCode | Promise<ExitCode>;

function createProgram(options: CliOptions, onDone: (code: ExitCode) => void): Command {
  const program = new Command("npm run emm --")
    .description("Sets up, checks and exports Executive Mind Matrix.")
    .showHelpAfterError("(npm run emm -- --help shows the commands, <command> --help its options)")
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void options.stdout.write(text),
      writeErr: (text) => void options.stderr.write(text),
    });
  const command = (name: string, summary: string) =>
    // Subcommands do not inherit the override that was set before they were made.
    program.command(name).description(summary).option("--json", "answer in JSON");
  const start = async <O>(given: O & { json?: boolean }, run: Run<O>) =>
    onDone(await run(contextFor(options, given.json === true), given));

  addSetUp(command, start);
  addChecks(command, start, options);
  command("export", "writes Training Data as JSONL: supervised examples and preference pairs")
    .option("--out <file>", "file to write; without it the lines go to stdout")
    .addOption(new Option("--only <type>", "one kind of line").choices(EXAMPLE_TYPES))
    .action((given: ExportOptions & { json?: boolean }) => start(given, exportTraining));
  return program;
}

type MakeCommand = (name: string, summary: string) => Command;
type Start = <O>(given: O & { json?: boolean }, run: Run<O>) => Promise<void>;

function addSetUp(command: MakeCommand, start: Start): void {
  command("setup", "creates the ten Notion databases under one page; run again, it completes them")
    .requiredOption("--parent <page>", "link or id of a Notion page that is shared with the connection")
    .option("--write <file>", "put the NOTION_DB_ lines into this file, keeping its other lines")
    .option("--dry-run", "only say what would be done")
    .action((given: SetupOptions & { json?: boolean }) => start(given, setup));
  command("doctor", "checks tokens, scopes, channels, people, databases, models, store and files")
    .option("--fix", "add missing properties to the Notion databases")
    .action((given: DoctorOptions & { json?: boolean }) => start(given, doctor));
}

function addChecks(command: MakeCommand, start: Start, { env }: CliOptions): void {
  command("check-env", "checks every environment variable; asks nobody").action((given: { json?: boolean }) =>
    start(given, (context) => checkEnv(context)),
  );
  command("check-connections", "one real request to each of Slack, Notion, Claude and the store").action(
    (given: { json?: boolean }) => start(given, checkConnections),
  );
  command("smoke", "checks a running bot from outside: endpoints, headers, refusals, limit, poll")
    .addArgument(new Argument("<url>", "of the bot, such as https://emm.example.com").argParser(botUrl))
    .argument("[key]", "its API_KEY, to trigger a poll")
    .option("--header <name>", "header of the key", env["API_KEY_HEADER"]?.trim() || "X-API-Key")
    .action((url: string, key: string | undefined, given: { header: string; json?: boolean }) =>
      start(given, (context) => smoke(context, { url, apiKey: key ?? null, apiKeyHeader: given.header })),
    );
  command("notion-webhook", "waits for the token that Notion sends when its webhook is made, and shows it")
    .addArgument(new Argument("<url>", "of the bot, such as https://emm.example.com").argParser(botUrl))
    .argument("[key]", "its API_KEY; left out: API_KEY of this environment")
    .option("--header <name>", "header of the key", env["API_KEY_HEADER"]?.trim() || "X-API-Key")
    .action((url: string, key: string | undefined, given: { header: string; json?: boolean }) =>
      start(given, (context) => {
        const apiKey = key ?? (env["API_KEY"]?.trim() || null);
        return notionWebhook(context, { url, apiKey, apiKeyHeader: given.header });
      }),
    );
  command("predeploy", "everything before a deployment: what doctor checks, and npm test")
    .option("--skip-tests", "leave out npm test")
    .action((given: { skipTests?: boolean; json?: boolean }) => start(given, predeploy));
}

function botUrl(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return new URL(text).origin;
  throw usageError(
    `"${text}" is not the address of a bot: write it with https://, such as https://emm.example.com`,
  );
}

function contextFor(options: CliOptions, json: boolean): CommandContext {
  const { env, folder, envFile, lookupDelaysMs } = options;
  const terminal = createTerminal(options, json);
  return {
    ...{ env, folder, terminal, json, log: silentLog() },
    ...(envFile !== undefined && { envFile }),
    ...(lookupDelaysMs && { lookupDelaysMs }),
  };
}
