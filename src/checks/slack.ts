/** What doctor looks at in Slack: tokens, scopes, channels, and the people and groups that the settings name. */
import type { EnvironmentValues } from "../config-variables.ts";
import type { PersonFacts } from "../domain/approval.ts";
import { type ErrorCode, toFailure } from "../errors.ts";
import type { Log } from "../log.ts";
import { createSlackAdmin, type SlackAdmin } from "../slack/admin.ts";
import { appProblems } from "../slack/installed-app.ts";
import type { Identity } from "../slack/outbound-reads.ts";
import { type Finding, findingsOf, hasProblem, reasonFor } from "./finding.ts";

const mark = findingsOf("Slack");

const REINSTALL =
  'add it under "OAuth & Permissions" (or update the app from manifest.yml), then reinstall the app';

export async function slackFindings(
  { log }: { log: Log },
  sound: Partial<EnvironmentValues>,
): Promise<Finding[]> {
  const { SLACK_BOT_TOKEN: token, SLACK_API_URL: apiUrl } = sound;
  if (!token || !apiUrl) return [mark.skipped("token", "SLACK_BOT_TOKEN is missing or wrong, see above")];
  const admin = createSlackAdmin({ token, apiUrl: `${apiUrl.replace(/\/+$/, "")}/`, log });
  const { finding, identity } = await tokenFinding(admin);
  if (identity === null) return [finding];
  const found = [
    finding,
    ...(await scopeFindings(admin)),
    ...(await appFindings(admin, sound)),
    ...(await socketFindings(admin, sound)),
  ];
  for (const [setting, channel] of channelsOf(sound)) {
    found.push(await channelFinding(admin, setting, channel));
  }
  for (const setting of ["SLACK_APPROVERS", "SLACK_APPROVERS_HIGH", "SLACK_OPERATORS"] as const) {
    found.push(...(await peopleFindings({ admin, identity, setting, ids: idsOf(setting, sound) })));
  }
  return found;
}

const TRY_AGAIN = "try again in a minute; if it lasts, GET /health says more";

const TOKEN_FIX: Partial<Record<ErrorCode, string>> = {
  slack_unauthorized: 'copy the Bot User OAuth Token again from "OAuth & Permissions"',
  slack_unavailable: "check the network and try again; if it lasts, look at https://slack-status.com",
};

async function tokenFinding(admin: SlackAdmin): Promise<{ finding: Finding; identity: Identity | null }> {
  try {
    const identity = await admin.identity();
    return { finding: mark.ok("SLACK_BOT_TOKEN", `workspace "${identity.teamName}"`), identity };
  } catch (error) {
    const { code, message } = toFailure(error);
    const fix = TOKEN_FIX[code] ?? "check SLACK_API_URL: something else than Slack may answer there";
    const words =
      code === "slack_unauthorized" ? `Slack refuses it (${message.split(": ").at(-1)})` : reasonFor(error);
    return { finding: mark.problem("SLACK_BOT_TOKEN", words, fix), identity: null };
  }
}

async function scopeFindings(admin: SlackAdmin): Promise<Finding[]> {
  const missing = await admin.missingScopes();
  if (missing === null)
    return [mark.warning("scopes", "Slack does not say which scopes the token has", SCOPES_BY_EYE)];
  if (missing.length === 0) return [mark.ok("scopes", "all that manifest.yml asks for")];
  return missing.map(({ scope, consequence }) =>
    mark.problem("scopes", `${scope} is missing: ${consequence}`, REINSTALL),
  );
}

const SCOPES_BY_EYE =
  'compare those under "OAuth & Permissions" with manifest.yml; a proxy at SLACK_API_URL may drop the header x-oauth-scopes';
const BY_EYE = "compare https://api.slack.com/apps → App Manifest with manifest.yml";
const CONFIG_TOKEN_FIX = `make a new one under "Your App Configuration Tokens" at https://api.slack.com/apps, or ${BY_EYE}`;

/** Commands, events and addresses. A bot token may not read them, and what was not read is not called fine. */
async function appFindings(admin: SlackAdmin, sound: Partial<EnvironmentValues>): Promise<Finding[]> {
  const token = sound.SLACK_CONFIG_TOKEN;
  if (!token) {
    const why = "commands, events and addresses cannot be read with a bot token";
    return [
      mark.skipped("app settings", why, `${BY_EYE}, or set SLACK_CONFIG_TOKEN and run npm run emm -- doctor`),
    ];
  }
  try {
    const app = await admin.installedApp(token);
    const problems = appProblems(app, { usesSocket: Boolean(sound.SLACK_APP_TOKEN) });
    if (problems.length === 0)
      return [mark.ok("app settings", "commands, events and addresses as in manifest.yml")];
    const fix =
      "paste manifest.yml, with your address in it, at https://api.slack.com/apps → App Manifest; then reinstall";
    return problems.map((problem, index) =>
      mark.problem("app settings", problem, index === problems.length - 1 ? fix : null),
    );
  } catch (error) {
    // A short-lived token that ran out says nothing about the set-up.
    const { code, message } = toFailure(error);
    const words =
      code === "slack_unauthorized"
        ? `SLACK_CONFIG_TOKEN is refused (${message}); it lives 12 hours`
        : message;
    return [mark.warning("app settings", `could not be read: ${words}`, CONFIG_TOKEN_FIX)];
  }
}

async function socketFindings(admin: SlackAdmin, sound: Partial<EnvironmentValues>): Promise<Finding[]> {
  const appToken = sound.SLACK_APP_TOKEN;
  if (!appToken) return [];
  try {
    await admin.checkAppToken(appToken);
    return [mark.ok("SLACK_APP_TOKEN", "Socket Mode can be opened")];
  } catch (error) {
    return [
      mark.problem(
        "SLACK_APP_TOKEN",
        toFailure(error).message,
        'create a token with connections:write under "Basic Information → App-Level Tokens", and switch Socket Mode on',
      ),
    ];
  }
}

function channelsOf(sound: Partial<EnvironmentValues>): [string, string][] {
  const decisions = sound.SLACK_DECISIONS_CHANNEL;
  const alerts = sound.SLACK_ALERTS_CHANNEL;
  return [
    ...(decisions ? [["SLACK_DECISIONS_CHANNEL", decisions] as [string, string]] : []),
    ...(alerts && alerts !== decisions ? [["SLACK_ALERTS_CHANNEL", alerts] as [string, string]] : []),
  ];
}

async function channelFinding(admin: SlackAdmin, setting: string, channel: string): Promise<Finding> {
  try {
    const { name, isArchived, isMember } = await admin.channel(channel);
    if (isArchived) {
      return mark.problem(setting, `#${name} is archived`, `unarchive it, or change ${setting}`);
    }
    if (!isMember) {
      return mark.problem(
        setting,
        `the bot is not in #${name}`,
        `type /invite and the bot's name in #${name}`,
      );
    }
    return mark.ok(setting, `#${name}, and the bot is in it`);
  } catch (error) {
    const { code, message } = toFailure(error);
    if (code !== "slack_channel_gone") return mark.problem(setting, message, TOKEN_FIX[code] ?? TRY_AGAIN);
    return mark.problem(
      setting,
      `there is no channel ${channel} that the bot can see`,
      "copy the id from the foot of the channel's details; invite the bot if it is private",
    );
  }
}

/** null where nobody is meant to be named: an empty list of the few means the approvers. */
function idsOf(setting: Named["setting"], sound: Partial<EnvironmentValues>): readonly string[] | null {
  const ids = sound[setting] ?? null;
  return setting === "SLACK_APPROVERS_HIGH" && ids?.length === 0 ? null : ids;
}

interface Named {
  admin: SlackAdmin;
  identity: Identity;
  setting: "SLACK_APPROVERS" | "SLACK_APPROVERS_HIGH" | "SLACK_OPERATORS";
  /** null = not set or not readable. */
  ids: readonly string[] | null;
}

async function peopleFindings({ admin, identity, setting, ids }: Named): Promise<Finding[]> {
  if (ids === null) return [];
  if (ids.length === 0) {
    const what = setting === "SLACK_APPROVERS" ? "decide" : "poll or roll back";
    return [
      mark.problem(setting, `is empty, so nobody can ${what}`, 'add user ids ("Copy member ID" in Slack)'),
    ];
  }
  const wrong: Finding[] = [];
  const names: string[] = [];
  for (const id of ids) {
    const seen = await (id.startsWith("S") ? groupSeen : personSeen)(admin, identity, id);
    if ("name" in seen) names.push(seen.name);
    else
      wrong.push(
        mark.problem(setting, `${id} ${seen.problem}`, `take ${id} out of ${setting}, or correct it`),
      );
  }
  const all = names.length > 0 ? [mark.ok(setting, names.join(", "))] : [];
  return hasProblem(wrong) ? [...all, ...wrong] : all;
}

type Seen = { name: string } | { problem: string };

/** Of a group, until there is one who can be used. */
const MEMBERS_LOOKED_AT = 20;

async function personSeen(admin: SlackAdmin, identity: Identity, id: string): Promise<Seen> {
  try {
    const person = await admin.person(id);
    if (person === null) return { problem: "is nobody in this workspace" };
    const problem = disqualified(person, identity);
    return problem === null ? { name: person.name } : { problem: `(${person.name}) ${problem}` };
  } catch (error) {
    return { problem: `could not be looked up: ${toFailure(error).message}` };
  }
}

/** The same grounds on which a click is refused. */
function disqualified(person: PersonFacts, { teamId }: Identity): string | null {
  if (person.isDeleted) return "has left, so their clicks are refused";
  if (person.isBot) return "is a bot, and bots cannot decide";
  if (person.teamId !== teamId) return "belongs to another workspace, so their clicks are refused";
  return person.isGuest ? "is a guest, and guests cannot decide" : null;
}

async function groupSeen(admin: SlackAdmin, identity: Identity, id: string): Promise<Seen> {
  try {
    const group = await admin.group(id);
    if (group.kind !== "found") return { problem: `cannot be used: ${group.why}` };
    const { members } = group;
    let why: string | null = null;
    for (const member of members.slice(0, MEMBERS_LOOKED_AT)) {
      const seen = await personSeen(admin, identity, member);
      if ("name" in seen) return { name: `${id} (${members.length} members)` };
      why ??= `${member} ${seen.problem}`;
    }
    if (why === null) return { problem: "is a user group without members" };
    return { problem: `is a user group in which nobody was found who could: ${why}` };
  } catch (error) {
    return { problem: `could not be looked up: ${toFailure(error).message}` };
  }
}
