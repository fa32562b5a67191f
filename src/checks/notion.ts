/** What doctor looks at in Notion: the key, the ten databases and every property; `fix` adds what is missing. */
import { DATABASE_NAMES } from "../config.ts";
import type { EnvironmentValues } from "../config-variables.ts";
import { toFailure } from "../errors.ts";
import type { Log } from "../log.ts";
import {
  createNotionAdmin,
  type DatabaseFinding,
  type DatabaseIds,
  type Gap,
  type NotionAdmin,
} from "../notion/admin.ts";
import { DATABASES } from "../notion/databases/all.ts";
import { type Finding, findingsOf, reasonFor } from "./finding.ts";

const mark = findingsOf("Notion");

export async function notionFindings(
  { log, lookupDelaysMs }: { log: Log; lookupDelaysMs?: readonly number[] },
  sound: Partial<EnvironmentValues>,
  { fix }: { fix: boolean },
): Promise<Finding[]> {
  const { NOTION_API_KEY: apiKey, NOTION_BASE_URL: baseUrl } = sound;
  if (!apiKey || !baseUrl) return [mark.skipped("key", "NOTION_API_KEY is missing or wrong, see above")];
  const admin = createNotionAdmin({ apiKey, baseUrl, log, ...(lookupDelaysMs && { lookupDelaysMs }) });
  const key = await keyFinding(admin);
  if (key.mark === "problem") return [key];
  const ids = configuredIds(sound);
  const added = new Map<string, string[]>();
  let { findings, dataSources } = await admin.inspect(ids);
  if (fix) {
    // Nothing is added to a database that is named by mistake.
    for (const { name, looksLike } of findings) if (looksLike !== null) delete dataSources[name];
    await admin.addMissing(dataSources, ({ database, property }) => {
      const { title } = DATABASES[database];
      added.set(title, [...(added.get(title) ?? []), property]);
    });
    ({ findings, dataSources } = await admin.inspect(ids));
  }
  return [key, ...findings.flatMap((finding) => databaseFindings(finding, added.get(finding.title) ?? []))];
}

async function keyFinding(admin: NotionAdmin): Promise<Finding> {
  try {
    const { name, workspace } = await admin.whoAmI();
    return mark.ok(
      "NOTION_API_KEY",
      `connection "${name}"${workspace ? ` of the workspace "${workspace}"` : ""}`,
    );
  } catch (error) {
    const { code } = toFailure(error);
    if (code !== "notion_unauthorized") {
      return mark.problem(
        "NOTION_API_KEY",
        reasonFor(error),
        "check the network and try again; if it lasts, look at https://www.notion-status.com",
      );
    }
    return mark.problem(
      "NOTION_API_KEY",
      "Notion refuses the key",
      "copy the secret again from the integration's page; it may have been rotated",
    );
  }
}

export function configuredIds(sound: Partial<EnvironmentValues>): DatabaseIds {
  const ids: DatabaseIds = {};
  for (const name of DATABASE_NAMES) {
    const id = sound[`NOTION_DB_${name}`];
    if (id) ids[name] = id;
  }
  return ids;
}

function databaseFindings(
  { title, name, problem, looksLike, gaps }: DatabaseFinding,
  added: string[],
): Finding[] {
  const variable = `NOTION_DB_${name}`;
  if (looksLike !== null) {
    const words = `${variable} holds the id of the database "${DATABASES[looksLike].title}"`;
    return [mark.problem(title, words, `write that id into NOTION_DB_${looksLike}, and the right one here`)];
  }
  if (problem !== null) {
    const words = problem.replace(`${title} (${variable}): `, "");
    return [mark.problem(title, words, `correct ${variable}, or share the database with the connection`)];
  }
  const shown = gaps.filter(({ kind, need }) => !(kind === "missing" && need === "welcome"));
  const found = shown.map((gap) => gapFinding(title, gap));
  if (added.length > 0) found.unshift(mark.added(title, `added ${added.join(", ")}`));
  return found.length > 0 ? found : [mark.ok(title, "reachable, every property as expected")];
}

function gapFinding(title: string, { kind, need, detail }: Gap): Finding {
  const level = need === "required" ? mark.problem : mark.warning;
  if (kind === "missing") return level(title, detail, 'run "npm run emm -- doctor --fix" to add it');
  const [what, remedy] = splitAt(detail, ": ");
  // Something of the wrong kind is refused by Notion whenever it is written, however optional it is.
  return mark.problem(title, what, remedy);
}

function splitAt(text: string, separator: string): [string, string | null] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, null] : [text.slice(0, at), text.slice(at + separator.length)];
}
