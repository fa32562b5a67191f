/** Claude and the store: the parts of `doctor` and `check-connections` that need one question each. */
import { access, constants, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { createCounsel } from "../agents/counsel.ts";
import type { SpendLedger } from "../agents/ports.ts";
import { type Finding, findingsOf } from "../checks/finding.ts";
import type { EnvironmentValues } from "../config-variables.ts";
import { toFailure } from "../errors.ts";
import { errorCode, openStore, type Store } from "../store/store.ts";
import type { CommandContext } from "./context.ts";

const PING_MS = 5_000;

/** Asks for each configured model: proves the key and costs nothing. */
export async function claudeFindings(
  { log }: CommandContext,
  sound: Partial<EnvironmentValues>,
): Promise<Finding[]> {
  const mark = findingsOf("Claude");
  const { ANTHROPIC_API_KEY: apiKey, ANTHROPIC_MODEL: model, ANTHROPIC_TRIAGE_MODEL: triageModel } = sound;
  if (!apiKey || !model || !triageModel) {
    return [mark.skipped("models", "ANTHROPIC_API_KEY or a model is missing or wrong, see above")];
  }
  const baseUrl = sound.ANTHROPIC_BASE_URL ?? null;
  const counsel = createCounsel({ apiKey, baseUrl, model, triageModel, spend: NO_SPENDING, log });
  const checks = await counsel.checkModels();
  return checks.map(({ model: name, status, detail }) => {
    const variable = name === model ? "ANTHROPIC_MODEL" : "ANTHROPIC_TRIAGE_MODEL";
    if (status === "ok") return mark.ok(variable, detail);
    if (status === "degraded") return mark.warning(variable, detail, `set ${variable} to the newer model`);
    return mark.problem(variable, detail, claudeFix(detail));
  });
}

/** A retired model names the newer one itself. */
function claudeFix(detail: string): string | null {
  if (/key/i.test(detail)) return "create a key at https://platform.claude.com";
  if (!/could not be reached/.test(detail)) return null;
  return "check the network and try again; if it lasts, look at https://status.claude.com";
}

/** Asking for a model is not billed; anything that would be is refused. */
const NO_SPENDING: SpendLedger = {
  reserve: async () => false,
  settle: async () => undefined,
  release: async () => undefined,
};

export async function storeFindings(
  context: CommandContext,
  sound: Partial<EnvironmentValues>,
  lookInside: LookInside = async () => [],
): Promise<Finding[]> {
  const mark = findingsOf("Store");
  const { DATABASE_URL: url, DATA_DIR: dataDir } = sound;
  if (!url && context.env["DATABASE_URL"]?.trim()) {
    return [mark.skipped("DATABASE_URL", "is wrong, see above"), ...(await lookInside(null))];
  }
  if (url) return postgresFindings(context, url, lookInside);
  if (!dataDir) return [mark.skipped("DATA_DIR", "is wrong, see above"), ...(await lookInside(null))];
  return embeddedFindings(context, resolve(context.folder, dataDir), lookInside);
}

/** What else is to be found in the store while it is open, or why it cannot be looked into. */
export type LookInside = (store: Store | null, why?: string) => Promise<Finding[]>;

async function postgresFindings(
  { log }: CommandContext,
  url: string,
  lookInside: LookInside,
): Promise<Finding[]> {
  const mark = findingsOf("Store");
  const store = await openStore({ databaseUrl: url, dataDir: "", log });
  const startedAt = performance.now();
  try {
    await store.ping(PING_MS);
    const answers = `PostgreSQL answers in ${Math.round(performance.now() - startedAt)} ms`;
    return [mark.ok("DATABASE_URL", answers), ...(await lookInside(store))];
  } catch (error) {
    // What PostgreSQL itself says has five characters: class 28 for user and password, 3D for the database.
    const isRefused = /^(28|3D)\w{3}$/.test(errorCode(error));
    const finding = mark.problem(
      "DATABASE_URL",
      `PostgreSQL ${isRefused ? "refuses" : "does not answer"}: ${reasonOf(error)}`,
      isRefused
        ? "check user, password and the name of the database"
        : "check host and port, and that this machine may reach the database",
    );
    return [finding, ...(await lookInside(null))];
  } finally {
    // A pool that never connected has nothing to end, and a broken one cannot.
    await store.close().catch(() => undefined);
  }
}

/** A refused connection to a host with several addresses has no message of its own. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  const { message } = toFailure(error);
  return message === "" ? "no connection" : message;
}

async function embeddedFindings(
  { log }: CommandContext,
  folder: string,
  lookInside: LookInside,
): Promise<Finding[]> {
  const mark = findingsOf("Store");
  try {
    if (await isMissing(folder)) {
      await access(dirname(folder), constants.W_OK);
      const words = `embedded; ${folder} is made at the first start`;
      return [mark.ok("DATA_DIR", words), ...(await lookInside(null, "noted from the first start on"))];
    }
    const store = await openStore({ databaseUrl: null, dataDir: folder, log });
    try {
      await store.ping(PING_MS);
      return [mark.ok("DATA_DIR", `embedded, in ${folder}`), ...(await lookInside(store))];
    } finally {
      await store.close();
    }
  } catch (error) {
    const { code, message } = toFailure(error);
    if (code === "config_invalid") {
      const words = `embedded, in use by the running bot (${folder})`;
      const why = "the running bot holds the embedded store; stop it and ask again";
      return [mark.ok("DATA_DIR", words), ...(await lookInside(null, why))];
    }
    const fix = "choose a folder this user may write to, or set DATABASE_URL";
    return [mark.problem("DATA_DIR", message, fix), ...(await lookInside(null))];
  }
}

async function isMissing(folder: string): Promise<boolean> {
  return stat(folder).then(
    () => false,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return true;
      throw error;
    },
  );
}
