/** What variables mean together: contradictions that stop the start, and slips that are only warned about. */
import { resolve, sep } from "node:path";
import { distance } from "fastest-levenshtein";
import { EnvironmentSchema, type EnvironmentValues, type VariableName } from "./config-variables.ts";
import { modelWarning } from "./domain/models.ts";

export type Environment = Record<string, string | undefined>;

/** `message` follows the variable's name: what is wrong, and the fix. */
export interface Problem {
  variable: string;
  message: string;
}

/** What is wrong although every variable is right by itself. Variables that could not be read are absent. */
export function jointProblems(values: Partial<EnvironmentValues>): Problem[] {
  return [
    ...transportProblems(values),
    ...repeatedDatabases(values),
    ...railwayProblems(values),
    ...(values.ENVIRONMENT === "production" ? productionProblems(values) : []),
  ];
}

function transportProblems(values: Partial<EnvironmentValues>): Problem[] {
  if (values.SLACK_APP_TOKEN || values.SLACK_SIGNING_SECRET) return [];
  return [
    {
      variable: "SLACK_SIGNING_SECRET",
      message:
        'is missing: copy it from "Basic Information → App Credentials", or set SLACK_APP_TOKEN for Socket Mode',
    },
  ];
}

function repeatedDatabases(values: Partial<EnvironmentValues>): Problem[] {
  const firstHolder = new Map<unknown, string>();
  const problems: Problem[] = [];
  for (const [variable, id] of Object.entries(values)) {
    if (!variable.startsWith("NOTION_DB_")) continue;
    const holder = firstHolder.get(id);
    if (holder === undefined) firstHolder.set(id, variable);
    else problems.push({ variable, message: `names the same database as ${holder}: each needs its own` });
  }
  return problems;
}

function railwayProblems(values: Partial<EnvironmentValues>): Problem[] {
  if (!values.RAILWAY_TOKEN || !values.RAILWAY_API_TOKEN) return [];
  return [{ variable: "RAILWAY_API_TOKEN", message: "is set beside RAILWAY_TOKEN: keep only one of them" }];
}

const SERVICE_ADDRESSES = [
  "SLACK_API_URL",
  "NOTION_BASE_URL",
  "ANTHROPIC_BASE_URL",
  "RAILWAY_API_URL",
] as const satisfies VariableName[];

function productionProblems(values: Partial<EnvironmentValues>): Problem[] {
  const standIns = SERVICE_ADDRESSES.filter((name) => isStandIn(values[name])).map((variable) => ({
    variable,
    message:
      "is a stand-in (not https, or a private address), and ENVIRONMENT=production talks to real services only: remove it",
  }));
  return isStoreSafe(values) ? standIns : [...standIns, EPHEMERAL_STORE];
}

const EPHEMERAL_STORE: Problem = {
  variable: "DATABASE_URL",
  message:
    "is missing: in production set it, or put DATA_DIR on a mounted volume (RAILWAY_VOLUME_MOUNT_PATH), or decisions are lost with the container's disk",
};

function isStoreSafe({ DATABASE_URL, DATA_DIR, RAILWAY_VOLUME_MOUNT_PATH }: Partial<EnvironmentValues>) {
  if (DATABASE_URL) return true;
  if (!DATA_DIR || !RAILWAY_VOLUME_MOUNT_PATH) return false;
  const volume = resolve(RAILWAY_VOLUME_MOUNT_PATH);
  return resolve(DATA_DIR) === volume || resolve(DATA_DIR).startsWith(volume.replace(/\/?$/, sep));
}

/** Loopback, private and link-local ranges (RFC 1918, 3927, 4193, 6762), and names without a public domain. */
const PRIVATE_HOST =
  /^(localhost|0\.|127\.|10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.|\[(::|fc|fd|fe80))|^[^.]+$|\.(local|localhost|internal|test|invalid|lan)\.?$/i;

function isStandIn(url: string | null | undefined): boolean {
  if (!url) return false;
  const { protocol, hostname } = new URL(url);
  return protocol !== "https:" || PRIVATE_HOST.test(hostname);
}

/** Nothing wrong enough to stop, but probably not meant; one sentence each. */
export function warningsFor(read: { env: Environment; values: EnvironmentValues }): string[] {
  const { env, values } = read;
  return [
    ...modelWarnings(values),
    ...webhookWarnings(values),
    ...deciderWarnings(values),
    ...nearMisses(env),
  ];
}

/** One person is named where more than one is needed; how many a group has is for the health checks to say. */
function deciderWarnings(values: EnvironmentValues): string[] {
  const { SLACK_APPROVERS: all, SLACK_APPROVERS_HIGH: few, SELF_APPROVAL: own } = values;
  const isOne = ([first, ...more]: string[]) =>
    first !== undefined && more.length === 0 && !first.startsWith("S");
  const high = few.length > 0 ? few : all;
  const setting = few.length > 0 ? "SLACK_APPROVERS_HIGH" : "SLACK_APPROVERS";
  return [
    ...(values.APPROVALS_REQUIRED_HIGH > 1 && isOne(high)
      ? [
          `APPROVALS_REQUIRED_HIGH=${values.APPROVALS_REQUIRED_HIGH}, and ${setting} names one person: what has a high impact cannot be approved`,
        ]
      : []),
    ...(own === "forbid" && isOne(all)
      ? [
          "SELF_APPROVAL=forbid, and SLACK_APPROVERS names one person: nobody can decide on that person's requests",
        ]
      : []),
  ];
}

function webhookWarnings(values: EnvironmentValues): string[] {
  if (!values.WEBHOOK_SECRET_RAILWAY || values.RAILWAY_TOKEN || values.RAILWAY_API_TOKEN) return [];
  return [
    "WEBHOOK_SECRET_RAILWAY is set without RAILWAY_TOKEN: what Railway's webhook says cannot be confirmed, and nobody is told of it",
  ];
}

/** Prefixes under which an unknown name is probably a slip of the keyboard. */
const OUR_PREFIXES =
  /^(SLACK|NOTION|ANTHROPIC|WEBHOOK|DECISION|POLLING|DIGEST|WEEKLY_DIGEST|HEARTBEAT|METRICS)_/;
const NEAR_MISS = 4;

function nearMisses(env: Environment): string[] {
  const known = Object.keys(EnvironmentSchema.shape);
  return Object.keys(env)
    .filter((name) => OUR_PREFIXES.test(name) && !known.includes(name) && env[name]?.trim())
    .flatMap((name) => {
      const [nearest] = known.map((k) => ({ k, d: distance(name, k) })).sort((a, b) => a.d - b.d);
      return nearest && nearest.d <= NEAR_MISS ? [`${name} is not known; did you mean ${nearest.k}?`] : [];
    });
}

function modelWarnings({ ANTHROPIC_MODEL, ANTHROPIC_TRIAGE_MODEL }: EnvironmentValues): string[] {
  return [...new Set([ANTHROPIC_MODEL, ANTHROPIC_TRIAGE_MODEL])]
    .map((model) => modelWarning(model))
    .filter((warning) => warning !== null);
}
