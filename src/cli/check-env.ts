/** `emm check-env`: every variable, its form, and whether it still holds a placeholder. Asks nobody. */

import { type Finding, findingsOf, SETTINGS_FIX } from "../checks/finding.ts";
import { DATABASE_NAMES, inspectEnvironment, parseConfig } from "../config.ts";
import { EnvironmentSchema, variableDocs } from "../config-variables.ts";
import { type CommandContext, type ExitCode, printJson } from "./context.ts";

export const ALL_VALID = "✓ All environment variables are valid!";

const mark = findingsOf("Environment");

/** One finding for each problem, and one for all that is well. */
export function environmentFindings(env: CommandContext["env"]): Finding[] {
  const { problems, sound } = inspectEnvironment(env);
  if (problems.length > 0) {
    const found = problems.map(({ variable, message }) =>
      mark.problem(variable, message, setupHint(variable, env)),
    );
    // With a token, Slack is asked about the people, and its part says so.
    const isSilent = namesDeciders(env) || Boolean(sound.SLACK_BOT_TOKEN);
    return isSilent ? found : [...found, mark.warning(DECIDERS, NOBODY, DECIDERS_FIX)];
  }
  const count = Object.keys(EnvironmentSchema.shape).filter((name) => env[name]?.trim()).length;
  const warnings = parseConfig(env).warnings.map((warning) => mark.warning("note", warning, SETTINGS_FIX));
  return [mark.ok("variables", `${count} set, all of them valid`), ...warnings];
}

const DECIDERS = "SLACK_APPROVERS";
const NOBODY = "is not set, so nobody can decide";
const DECIDERS_FIX = 'add user ids ("Copy member ID" in a profile in Slack), with commas between them';

/** The bot starts without, because nothing is lost by it; but no card can be decided. */
function namesDeciders(env: CommandContext["env"]): boolean {
  return Boolean(env[DECIDERS]?.trim());
}

const SETUP =
  "npm run emm -- setup --parent <page> --write .env makes the ten databases and writes these lines";

/** Once, at the first of the databases that are not named yet. */
function setupHint(variable: string, env: CommandContext["env"]): string | null {
  const first = DATABASE_NAMES.map((name) => `NOTION_DB_${name}`).find((name) => !env[name]?.trim());
  return variable === first ? SETUP : null;
}

export function checkEnv(context: CommandContext): ExitCode {
  const { env, terminal, envFile } = context;
  const { problems } = inspectEnvironment(env);
  const warnings = [
    ...(namesDeciders(env) ? [] : [`${DECIDERS} ${NOBODY}: ${DECIDERS_FIX}`]),
    ...(problems.length === 0 ? parseConfig(env).warnings : []),
  ];
  if (context.json) {
    printJson(context, { valid: problems.length === 0, problems, warnings });
    return problems.length === 0 ? 0 : 1;
  }
  if (envFile !== undefined) terminal.out(`${sourceLine(envFile)}\n`);
  const wrong = new Set(problems.map(({ variable }) => variable));
  const names = Object.keys(EnvironmentSchema.shape);
  const width = Math.max(...names.map((name) => name.length));
  for (const name of names) {
    if (wrong.has(name)) terminal.out(`${terminal.style("red", "✗")} ${name.padEnd(width)}  see below`);
    else if (name === DECIDERS && !namesDeciders(env)) {
      terminal.out(`${terminal.style("yellow", "!")} ${name.padEnd(width)}  not set, see below`);
    } else {
      const isSet = Boolean(env[name]?.trim());
      const sign = isSet ? terminal.style("green", "✓") : terminal.style("dim", "–");
      terminal.out(`${sign} ${name.padEnd(width)}  ${terminal.style("dim", stateOf(name, isSet))}`);
    }
  }
  for (const warning of warnings) terminal.out(`${terminal.style("yellow", "!")} ${warning}`);
  if (problems.length === 0) {
    terminal.out(`\n${terminal.style("green", ALL_VALID)}`);
    return 0;
  }
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  terminal.out(`\n${terminal.style("red", `✗ ${count}:`)}`);
  for (const { variable, message } of problems) {
    terminal.out(`- ${variable} ${message}`);
    const hint = setupHint(variable, env);
    if (hint !== null) terminal.out(`  ${terminal.style("cyan", `→ ${hint}`)}`);
  }
  return 1;
}

function sourceLine(envFile: string | null): string {
  return envFile === null
    ? "No .env found here, so only the environment counts. To make one: cp .env.example .env"
    : `Read ${envFile}; what the environment sets already wins over it.`;
}

/** Never the value, which may be a secret. */
function stateOf(name: string, isSet: boolean): string {
  if (isSet) return "set";
  const schema = Object.entries(EnvironmentSchema.shape).find(([known]) => known === name)?.[1];
  const fallback = schema && variableDocs.get(schema)?.fallback;
  return fallback ? `not set, default ${fallback}` : "not set";
}
