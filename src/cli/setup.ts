/**
 * `emm setup`: the ten databases under one Notion page, the first rows, and the lines for .env. Runs as often as one
 * likes: what is there is kept, what is missing is made.
 */
import { existsSync, readFileSync, realpathSync, renameSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { advisers } from "../agents/personas.ts";
import { DATABASE_NAMES, type DatabaseName, inspectEnvironment } from "../config.ts";
import { notionDatabase } from "../config-values.ts";
import { AppError, isAppError } from "../errors.ts";
import { createNotionAdmin, type DatabaseIds, type NotionAdmin } from "../notion/admin.ts";
import { DATABASES } from "../notion/databases/all.ts";
import { type CommandContext, type ExitCode, printJson, usageError } from "./context.ts";
import { withValues } from "./env-file.ts";

export interface SetupOptions {
  parent: string;
  write?: string;
  dryRun?: boolean;
}

interface Done {
  created: string[];
  /** "Tasks: Key" */
  properties: string[];
  rows: string[];
}

export async function setup(context: CommandContext, options: SetupOptions): Promise<ExitCode> {
  const parent = pageId(options.parent);
  const file = options.write === undefined ? null : envFile(context.folder, options.write);
  const admin = adminFor(context);
  await requirePage(admin, parent);
  const existing = await admin.databasesOn(parent);
  requireNoOther(context, existing, parent);
  if (options.dryRun === true) return plan(context, admin, existing);
  const done: Done = { created: [], properties: [], rows: [] };
  try {
    const ids = await context.terminal.working("Looking at the page …", (step) =>
      build({ context, admin, parent, existing, done }, step),
    );
    return finish(context, file, { ids, done });
  } catch (error) {
    // What was made stays, and the next run goes on from there.
    const { message, code } = isAppError(error)
      ? error
      : { message: String(error), code: "internal" as const };
    throw new AppError(`${message}\n${unfinished(done)}`, { code, retryable: false, cause: error });
  }
}

function pageId(text: string): string {
  const parsed = notionDatabase.safeParse(text.trim());
  if (parsed.success) return parsed.data;
  throw usageError(
    "--parent is not a page: copy the link of a Notion page (••• → Copy link), or write its 32 hex digits",
  );
}

export function adminFor({ env, log, lookupDelaysMs }: CommandContext): NotionAdmin {
  const { sound, problems } = inspectEnvironment(env);
  const { NOTION_API_KEY: apiKey, NOTION_BASE_URL: baseUrl } = sound;
  const problem = problems.find(({ variable }) => /^NOTION_(API_KEY|BASE_URL)$/.test(variable));
  if (!apiKey || !baseUrl || problem) {
    throw new AppError(
      `${problem?.variable ?? "NOTION_API_KEY"} ${problem?.message ?? "is missing"}. Create an internal integration at https://www.notion.so/profile/integrations and put its secret into NOTION_API_KEY`,
      { code: "config_invalid", retryable: false },
    );
  }
  return createNotionAdmin({ apiKey, baseUrl, log, ...(lookupDelaysMs && { lookupDelaysMs }) });
}

async function requirePage(admin: NotionAdmin, parent: string): Promise<void> {
  if ((await admin.findPage(parent)) !== null) return;
  throw new AppError(
    "Notion finds no page under --parent. Check the link, and add the bot's connection to the page (••• → Connections). A database cannot be the parent",
    { code: "notion_not_found", retryable: false },
  );
}

/** A set-up that works elsewhere must not be forgotten by writing new ids over it. */
function requireNoOther({ env }: CommandContext, existing: DatabaseIds, parent: string): void {
  const others = DATABASE_NAMES.filter((name) => {
    const configured = notionDatabase.safeParse(env[`NOTION_DB_${name}`]?.trim() ?? "");
    return configured.success && configured.data !== existing[name];
  });
  if (others.length === 0) return;
  const names = others.map((name) => `NOTION_DB_${name}`).join(", ");
  throw new AppError(
    `${names} already name${others.length === 1 ? "s" : ""} a database that is not on the page ${parent}. To complete those databases run "npm run emm -- doctor --fix"; to make new ones remove these variables first`,
    { code: "config_invalid", retryable: false },
  );
}

interface Build {
  context: CommandContext;
  admin: NotionAdmin;
  parent: string;
  existing: DatabaseIds;
  done: Done;
}

async function build(
  { admin, parent, existing, done }: Build,
  step: (label: string) => void,
): Promise<Record<DatabaseName, string>> {
  const ids: DatabaseIds = { ...existing };
  for (const [index, name] of DATABASE_NAMES.entries()) {
    if (ids[name] !== undefined) continue;
    const { title } = DATABASES[name];
    step(`Creating ${title} (${index + 1} of ${DATABASE_NAMES.length}) …`);
    ids[name] = await admin.createDatabase(name, parent);
    done.created.push(title);
  }
  step("Connecting the databases …");
  const all = complete(ids);
  await admin.addMissing(await admin.dataSources(all), ({ database, property }) => {
    done.properties.push(`${DATABASES[database].title}: ${property}`);
    step(`Added ${DATABASES[database].title}: ${property}`);
  });
  step("Looking at areas and advisers …");
  const firstAdvisers = advisers([]);
  const missing = await admin.missingRows(all, firstAdvisers);
  await admin.writeFirstRows({ ids: all, advisers: firstAdvisers, missing }, (title) => {
    done.rows.push(title);
    step(`Wrote ${title}`);
  });
  return all;
}

function complete(ids: DatabaseIds): Record<DatabaseName, string> {
  const entries = DATABASE_NAMES.map((name) => [name, ids[name] ?? ""]);
  // One entry for each name, all of which were just created or found.
  return Object.fromEntries(entries) as Record<DatabaseName, string>;
}

function unfinished(done: Done): string {
  const made = done.created.length > 0 ? `Made so far: ${done.created.join(", ")}. ` : "";
  return `${made}Run the same command again: it goes on from here and makes nothing twice.`;
}

function finish(
  context: CommandContext,
  file: string | null,
  { ids, done }: { ids: Record<DatabaseName, string>; done: Done },
): ExitCode {
  const { terminal } = context;
  const values = Object.fromEntries(DATABASE_NAMES.map((name) => [`NOTION_DB_${name}`, ids[name]]));
  if (file !== null) writeEnvFile(file, values);
  if (context.json) {
    printJson(context, { ...done, env: values, written: file });
    return 0;
  }
  const line = (words: string) => terminal.note(`${terminal.style("green", "✓")} ${words}`);
  line(
    `${DATABASE_NAMES.length} databases: ${done.created.length} created, ${10 - done.created.length} were there`,
  );
  if (done.properties.length > 0) line(`${done.properties.length} properties added`);
  if (done.rows.length > 0) line(`First rows: ${done.rows.join(", ")}`);
  if (done.rows.some((row) => row.startsWith("The "))) {
    terminal.note(
      "  The advisers speak with their built-in prompts; edit a row of the Agent Registry and tick Active to change one.",
    );
  }
  if (done.created.length + done.properties.length + done.rows.length === 0) line("Nothing was missing");
  if (file !== null) line(`Wrote ten lines to ${file}. Next: npm run emm -- doctor`);
  else {
    terminal.note(
      "\nPut these lines into .env (or run again with --write .env), then: npm run emm -- doctor\n",
    );
    for (const [name, id] of Object.entries(values)) terminal.out(`${name}=${id}`);
  }
  return 0;
}

/** The file itself where .env is a link. Asked for before anything is made. */
function envFile(folder: string, name: string): string {
  const file = resolve(folder, name);
  if (existsSync(file)) return realpathSync(file);
  if (existsSync(dirname(file))) return file;
  throw usageError(`--write: there is no folder ${dirname(file)}`);
}

/** Beside it first: a full disk must not leave half a file. */
function writeEnvFile(file: string, values: Record<string, string>): void {
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  const draft = `${file}.new`;
  // It will hold secrets.
  writeFileSync(draft, withValues(text, values), { mode: 0o600 });
  renameSync(draft, file);
}

async function plan(context: CommandContext, admin: NotionAdmin, existing: DatabaseIds): Promise<ExitCode> {
  const { findings } = await admin.inspect(existing);
  const create = DATABASE_NAMES.filter((name) => existing[name] === undefined).map(
    (name) => DATABASES[name].title,
  );
  const add = findings.flatMap(({ title, gaps }) =>
    gaps
      .filter(({ kind, need }) => kind === "missing" && need !== "welcome")
      .map(({ property }) => `${title}: ${property}`),
  );
  if (context.json) {
    printJson(context, { dryRun: true, create, add });
    return 0;
  }
  const { terminal } = context;
  for (const title of create) terminal.out(`+ would create the database ${title}`);
  for (const property of add) terminal.out(`+ would add ${property}`);
  if (create.length + add.length === 0) terminal.out("✓ Nothing would change");
  else terminal.out("Nothing was changed (--dry-run)");
  return 0;
}
