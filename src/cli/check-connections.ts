/** `emm check-connections`: one real request to each of Slack, Notion, Claude and the store. */

import { type Finding, findingsOf, reasonFor } from "../checks/finding.ts";
import { inspectEnvironment } from "../config.ts";
import type { EnvironmentValues } from "../config-variables.ts";
import { toFailure } from "../errors.ts";
import { createNotionAdmin } from "../notion/admin.ts";
import { createSlackAdmin } from "../slack/admin.ts";
import { claudeFindings, storeFindings } from "./check-services.ts";
import type { CommandContext, ExitCode } from "./context.ts";
import { report } from "./doctor.ts";

const mark = findingsOf("Connections");

export async function checkConnections(context: CommandContext): Promise<ExitCode> {
  const { sound } = inspectEnvironment(context.env);
  const findings = await context.terminal.working("Asking Slack, Notion, Claude and the store …", () =>
    connectionFindings(context, sound),
  );
  return report(context, findings);
}

export async function connectionFindings(
  context: CommandContext,
  sound: Partial<EnvironmentValues>,
): Promise<Finding[]> {
  const [slack, notion, claude, store] = await Promise.all([
    slackConnection(context, sound),
    notionConnection(context, sound),
    claudeFindings(context, sound),
    storeFindings(context, sound),
  ]);
  return [slack, notion, ...[...claude, ...store].map((finding) => ({ ...finding, area: "Connections" }))];
}

function slackConnection(
  { log }: CommandContext,
  { SLACK_BOT_TOKEN: token, SLACK_API_URL: apiUrl }: Partial<EnvironmentValues>,
): Promise<Finding> {
  if (!token || !apiUrl) return Promise.resolve(unset("Slack", "SLACK_BOT_TOKEN"));
  const admin = createSlackAdmin({ token, apiUrl: `${apiUrl}/`, log });
  return connection("Slack", "check SLACK_BOT_TOKEN", async () => {
    const { teamName } = await admin.identity();
    return `answers for the workspace "${teamName}"`;
  });
}

function notionConnection(
  { log }: CommandContext,
  { NOTION_API_KEY: apiKey, NOTION_BASE_URL: baseUrl }: Partial<EnvironmentValues>,
): Promise<Finding> {
  if (!apiKey || !baseUrl) return Promise.resolve(unset("Notion", "NOTION_API_KEY"));
  const admin = createNotionAdmin({ apiKey, baseUrl, log });
  return connection("Notion", "check NOTION_API_KEY", async () => {
    const { name } = await admin.whoAmI();
    return `answers for the connection "${name}"`;
  });
}

function unset(service: string, variable: string): Finding {
  return mark.problem(service, `${variable} is missing or wrong`, "npm run emm -- check-env says what");
}

async function connection(service: string, fix: string, ask: () => Promise<string>): Promise<Finding> {
  const startedAt = performance.now();
  try {
    const answer = await ask();
    return mark.ok(service, `${answer}, in ${Math.round(performance.now() - startedAt)} ms`);
  } catch (error) {
    const { retryable } = toFailure(error);
    return mark.problem(service, reasonFor(error), retryable ? "try again, and check the network" : fix);
  }
}
