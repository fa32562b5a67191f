/** `/emm doctor`: the checks of the command line, asked by the running bot about itself, and what only it can know. */

import { type Finding, reasonFor, SETTINGS_FIX } from "../checks/finding.ts";
import { notionFindings } from "../checks/notion.ts";
import { slackFindings } from "../checks/slack.ts";
import { type Config, DATABASE_NAMES } from "../config.ts";
import type { EnvironmentValues } from "../config-variables.ts";
import type { Check, HealthReport } from "../domain/health.ts";
import { ageSentence, secretAge } from "../domain/secret-age.ts";
import { isAppError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Diagnosis, DoctorDesk } from "../slack/doctor-ports.ts";
import { createSecretBook } from "../store/secrets.ts";
import type { Store } from "../store/store.ts";
import { createWebhookStore } from "../store/webhooks.ts";

interface DoctorParts {
  store: Store;
  /** Looks at everything now; bounded in time. */
  health(): Promise<HealthReport>;
  log: Log;
  now: () => Date;
}

export function createDoctor(config: Config, parts: DoctorParts): DoctorDesk {
  let running: Promise<Diagnosis[]> | null = null;
  return {
    versions: versionsOf(config),
    examine() {
      // Thirty questions to Notion and Slack: asked once for all who want to know.
      running ??= examine(config, parts).finally(() => {
        running = null;
      });
      return running;
    },
  };
}

async function examine(config: Config, { store, health, log, now }: DoctorParts): Promise<Diagnosis[]> {
  const sound = soundOf(config);
  const slack = part("Slack", async () => (await slackFindings({ log }, sound)).map(diagnosisOf));
  const found = await Promise.all([
    part("Settings", async () => config.warnings.map((detail) => warning("Settings", detail))),
    slack,
    part("Notion", async () => (await notionFindings({ log }, sound, { fix: false })).map(diagnosisOf)),
    part("Health", async () => ownOf(await health(), await slack).map(healthDiagnosis)),
    part("Secrets", () => secretAges(config, store, now())),
    part("Webhooks", () => silentWebhooks(config, store)),
  ]);
  return found.flat();
}

/** What could not be looked at is not called fine. */
async function part(area: string, look: () => Promise<Diagnosis[]>): Promise<Diagnosis[]> {
  try {
    return await look();
  } catch (error) {
    if (!isAppError(error)) throw error;
    const detail = `could not be looked at: ${reasonFor(error)}`;
    return [{ area, subject: "check", mark: "unproven", detail, fix: "try again" }];
  }
}

function warning(area: string, detail: string): Diagnosis {
  return { area, subject: "note", mark: "warning", detail, fix: SETTINGS_FIX };
}

function diagnosisOf({ area, subject, mark, detail, fix }: Finding): Diagnosis {
  const marks = {
    ok: "ok",
    added: "ok",
    warning: "warning",
    problem: "problem",
    skipped: "unproven",
  } as const;
  return { area, subject, mark: marks[mark], detail, fix };
}

/** The settings as the command line reads them. */
function soundOf({ slack, notion }: Config): Partial<EnvironmentValues> {
  const databases = DATABASE_NAMES.map((name) => [`NOTION_DB_${name}`, notion.databases[name]]);
  return {
    ...Object.fromEntries(databases),
    ...{ NOTION_API_KEY: notion.apiKey, NOTION_BASE_URL: notion.baseUrl },
    ...{ SLACK_BOT_TOKEN: slack.botToken, SLACK_API_URL: slack.apiUrl },
    ...(slack.appToken === null ? {} : { SLACK_APP_TOKEN: slack.appToken }),
    ...{ SLACK_DECISIONS_CHANNEL: slack.decisionsChannel, SLACK_ALERTS_CHANNEL: slack.alertsChannel },
    ...{ SLACK_APPROVERS: slack.approvers, SLACK_APPROVERS_HIGH: slack.approversHigh },
    SLACK_OPERATORS: slack.operators,
  };
}

/** Slack's channels and Notion's databases are looked at more closely here. */
const LOOKED_AT = new Set(["slack", "notion", "process"]);
const SLACK_PARTS = new Set(["slack_connection", "slack_clock"]);
/** The look at Slack names who is on a list. Whether they are enough, health alone knows. */
const LISTS: Readonly<Record<string, string>> = {
  approvers: "SLACK_APPROVERS",
  approvers_high: "SLACK_APPROVERS_HIGH",
  operators: "SLACK_OPERATORS",
};

function ownOf({ checks }: HealthReport, slack: readonly Diagnosis[]): Check[] {
  const isKnown = (list: string) => slack.some(({ subject, mark }) => subject === list && mark === "problem");
  return checks.filter(({ name, partOf, status }) => {
    if (partOf === "slack") return SLACK_PARTS.has(name);
    const list = LISTS[name];
    return list === undefined ? !LOOKED_AT.has(partOf ?? name) : status !== "ok" && !isKnown(list);
  });
}

function healthDiagnosis({ name, status, detail }: Check): Diagnosis {
  const marks = { ok: "ok", degraded: "warning", down: "problem", unknown: "unproven" } as const;
  const fix = status === "ok" ? null : "docs/runbook.md says under Health checks what to do";
  return { area: "Health", subject: name.replaceAll("_", " "), mark: marks[status], detail, fix };
}

async function secretAges({ namedSecrets }: Config, store: Store, now: Date): Promise<Diagnosis[]> {
  const seen = await createSecretBook(store.db).firstSeen(namedSecrets);
  return [...seen].map(([variable, firstSeen]) => {
    const age = secretAge(variable, firstSeen, now);
    const about = { area: "Secrets", subject: variable, detail: ageSentence(age) };
    return age.isDue
      ? { ...about, mark: "warning", fix: "change it: docs/secrets.md says how for each" }
      : { ...about, mark: "ok", fix: null };
  });
}

/** A webhook with a secret that nobody has ever used proves nothing. */
async function silentWebhooks({ webhookSecrets }: Config, store: Store): Promise<Diagnosis[]> {
  const heard = await createWebhookStore(store.db).deliveries.senders();
  return Object.entries(webhookSecrets).flatMap(([sender, secret]): Diagnosis[] => {
    if (secret === null) return [];
    const subject = `/webhooks/${sender}`;
    if (heard.has(sender)) return [{ area: "Webhooks", subject, mark: "ok", detail: "was used", fix: null }];
    const detail = "its secret is set, but nothing has come this way yet";
    const fix = "send a test from the other side; docs/webhooks.md says how";
    return [{ area: "Webhooks", subject, mark: "unproven", detail, fix }];
  });
}

function versionsOf({ build, claude }: Config): string[] {
  return [
    `Version ${build.version}`,
    build.commit === null ? "commit not known" : `commit ${build.commit.slice(0, 7)}`,
    `Node ${process.version}`,
    `models ${claude.model}, ${claude.triageModel}`,
  ];
}
