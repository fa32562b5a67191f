/** `emm check-env`: every variable, its form, and whether it still holds a placeholder. Asks nobody. */

import { type Finding, findingsOf } from "../checks/finding.ts";
import { DATABASE_NAMES, inspectEnvironment, parseConfig } from "../config.ts";
import { EnvironmentSchema, variableDocs } from "../config-variables.ts";
import { type CommandContext, type ExitCode, printJson } from "./context.ts";

export const ALL_VALID = "✓ All environment variables are valid!";

const mark = findingsOf("Environment");

/** One finding for each problem, and one for all that is well. */
export function environmentFindings(env: CommandContext["env"]): Finding[] {
  const { problems } = inspectEnvironment(env);
  if (problems.length > 0) {
    return problems.map(({ variable, message }) => mark.problem(variable, message, setupHint(variable, env)));
  }
  const count = Object.keys(EnvironmentSchema.shape).filter((name) => env[name]?.trim()).length;
  const warnings = parseConfig(env).warnings.map((warning) => mark.warning("note", warning));
  return [mark.ok("variables", `${count} set, all of them valid`), ...warnings];
}

const SETUP =
  "npm run emm -- setup --parent <page> --write .env makes the ten databases and writes these lines";

/** Once, at the first of the databases that are not named yet. */
function setupHint(variable: string, env: CommandContext["env"]): string | null {
  const first = DATABASE_NAMES.map((name) => `NOTION_DB_${name}`).find((name) => !env[name]?.trim());
  return variable === first ? SETUP : null;
}

export function checkEnv(context: CommandContext): ExitCode {
  const { env, terminal } = context;
  const { problems } = inspectEnvironment(env);
  const warnings = problems.length === 0 ? parseConfig(env).warnings : [];
  if (context.json) {
    printJson(context, { valid: problems.length === 0, problems, warnings });
    return problems.length === 0 ? 0 : 1;
  }
  const wrong = new Map(problems.map(({ variable, message }) => [variable, message]));
  const names = Object.keys(EnvironmentSchema.shape);
  const width = Math.max(...names.map((name) => name.length));
  for (const name of names) {
    const message = wrong.get(name);
    if (message !== undefined) terminal.out(`${terminal.style("red", "✗")} ${name} ${message}`);
    else {
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

/** Never the value, which may be a secret. */
function stateOf(name: string, isSet: boolean): string {
  if (isSet) return "set";
  const schema = Object.entries(EnvironmentSchema.shape).find(([known]) => known === name)?.[1];
  const fallback = schema && variableDocs.get(schema)?.fallback;
  return fallback ? `not set, default ${fallback}` : "not set";
}
