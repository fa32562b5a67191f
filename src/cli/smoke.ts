/** `emm smoke <url> [key]`: whether a running bot answers as it should, from outside. */
import type { z } from "zod";
import { type Finding, findingsOf } from "../checks/finding.ts";
import { Fault } from "../http/bodies.ts";
import { ROUTES, type Route } from "../http/route-table.ts";
import { webhookFindings } from "./check-webhooks.ts";
import type { CommandContext, ExitCode } from "./context.ts";
import { report } from "./doctor.ts";

const TIMEOUT_MS = 15_000;
/** Above this the limit is believed and not tried out. */
const MOST_REQUESTS = 300;
const AT_ONCE = 20;

const REQUIRED_HEADERS: Record<string, RegExp> = {
  "content-security-policy": /default-src/,
  "strict-transport-security": /max-age=\d{7,}/,
  "x-content-type-options": /^nosniff$/,
  "x-frame-options": /^(DENY|SAMEORIGIN)$/i,
  "referrer-policy": /./,
};

export interface SmokeOptions {
  /** Of the bot, without a path. */
  url: string;
  apiKey: string | null;
  apiKeyHeader: string;
}

interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

type Ask = (
  path: string,
  init?: { method?: string; headers?: Record<string, string>; body?: string },
) => Promise<Answer>;

export async function smoke(context: CommandContext, options: SmokeOptions): Promise<ExitCode> {
  const base = options.url.replace(/\/+$/, "");
  const ask: Ask = async (path, init = {}) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const answer = await fetch(`${base}${path}`, { ...init, redirect: "manual", signal });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  };
  const findings = await context.terminal.working(`Asking ${base} …`, async (step) => {
    const first = await reach(ask, base);
    if (first.mark === "problem") return [first];
    const endpoints = await endpointFindings(ask);
    const protection = [await headerFinding(ask), ...(await refusalFindings(ask)), await slackFinding(ask)];
    const polling = [...(await pollFindings(ask, options)), ...(await webhookFindings(ask))];
    step("Trying the rate limit …");
    // Last, because it uses up what this address may ask in a minute.
    const limit = await limitFinding(ask);
    const found = [first, ...endpoints, ...protection, limit, ...polling];
    return found;
  });
  return report(context, findings);
}

async function reach(ask: Ask, base: string): Promise<Finding> {
  const mark = findingsOf("Reachable");
  try {
    const { status, headers } = await ask("/");
    if (status === 429) {
      const wait = headers.get("retry-after") ?? "60";
      return mark.problem(
        "bot",
        "429: this address has used up its requests",
        `run it again in ${wait} seconds`,
      );
    }
    if (status < 500) return mark.ok("bot", `${base} answers`);
    return mark.problem("bot", `${base} answers ${status}`, "look at the deployment's logs");
  } catch (error) {
    const cause =
      error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    return mark.problem(
      "bot",
      `${base} does not answer (${cause})`,
      "check the address, and that the bot runs",
    );
  }
}

async function endpointFindings(ask: Ask): Promise<Finding[]> {
  const routes: Record<string, Route> = ROUTES;
  const found: Finding[] = [];
  for (const [path, route] of Object.entries(routes)) {
    if (route.method === "get") found.push(endpointFinding(path, route, await ask(path)));
  }
  return found;
}

function endpointFinding(path: string, route: Route, answer: Answer): Finding {
  const mark = findingsOf("Endpoints");
  const name = `GET ${path}`;
  const { status, text } = answer;
  const expected = route.answers[status];
  if (expected === undefined) {
    return mark.problem(name, `answers ${status}, which it never should`, "an older version may run there");
  }
  if (status === 503)
    return mark.problem(
      name,
      `503: ${expected.description}`,
      "npm run emm -- doctor, or /emm health, says why",
    );
  if (status === 429)
    return mark.problem(name, "429: others at this address ask as well", "run it again later");
  if (status === 401) return mark.skipped(name, "needs METRICS_TOKEN, and says so");
  if (status === 404) return mark.skipped(name, expected.description);
  if (typeof expected.body === "string") {
    const type = answer.headers.get("content-type") ?? "none";
    if (type.startsWith(expected.body)) return mark.ok(name, `${status}, ${expected.body}`);
    return mark.problem(name, `answers with the content type ${type}, expected ${expected.body}`);
  }
  const problem = bodyProblem(expected.body, text);
  return problem === null ? mark.ok(name, `${status}, as described`) : mark.problem(name, problem);
}

function bodyProblem(schema: z.ZodType, text: string): string | null {
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    if (parsed.success) return null;
    const [issue] = parsed.error.issues;
    return `does not answer as described: ${issue?.path.join(".") || "body"}: ${issue?.message}`;
  } catch {
    return "does not answer with JSON";
  }
}

async function headerFinding(ask: Ask): Promise<Finding> {
  const mark = findingsOf("Protection");
  const { headers } = await ask("/");
  const lacking = Object.entries(REQUIRED_HEADERS)
    .filter(([name, form]) => !form.test(headers.get(name) ?? ""))
    .map(([name]) => name);
  if (headers.has("x-powered-by")) lacking.push("no x-powered-by");
  if (lacking.length === 0)
    return mark.ok("headers", `${Object.keys(REQUIRED_HEADERS).length} security headers`);
  return mark.problem(
    "headers",
    `missing or weak: ${lacking.join(", ")}`,
    "a proxy in between may remove them",
  );
}

async function refusalFindings(ask: Ask): Promise<Finding[]> {
  const nothing = await ask(`/no-such-path-${Date.now()}`);
  const wrongMethod = await ask("/health", { method: "DELETE" });
  return [
    refusalFinding("unknown path", nothing, [404]),
    refusalFinding("wrong method", wrongMethod, [404, 405]),
  ];
}

function refusalFinding(name: string, { status, text }: Answer, allowed: number[]): Finding {
  const mark = findingsOf("Protection");
  const wanted = allowed.join(" or ");
  if (!allowed.includes(status)) return mark.problem(name, `answers ${status} instead of ${wanted}`);
  const problem = bodyProblem(Fault, text);
  return problem === null ? mark.ok(name, `${status} in JSON`) : mark.problem(name, problem);
}

/** Whatever was not signed by Slack must be turned away. */
async function slackFinding(ask: Ask): Promise<Finding> {
  const mark = findingsOf("Protection");
  const { status } = await ask("/slack/events", {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: "command=%2Femm&text=help",
  });
  if (status === 401) return mark.ok("/slack/events", "401 for a request without Slack's signature");
  if (status === 404) return mark.skipped("/slack/events", "not there: the bot uses Socket Mode");
  return mark.problem(
    "/slack/events",
    `answers ${status} to a request without Slack's signature, expected 401`,
  );
}

async function pollFindings(ask: Ask, { apiKey, apiKeyHeader }: SmokeOptions): Promise<Finding[]> {
  const mark = findingsOf("Polling");
  const post = (key: string | null) =>
    ask("/trigger-poll", { method: "POST", headers: key === null ? {} : { [apiKeyHeader]: key } });
  const name = "POST /trigger-poll";
  const closed = await post(null);
  if (closed.status === 503 && /not_configured/.test(closed.text)) {
    return [mark.skipped(name, "off: API_KEY is not set there")];
  }
  const without =
    closed.status === 401
      ? mark.ok(`${name}, no key`, "401")
      : mark.problem(`${name}, no key`, `answers ${closed.status} instead of 401`);
  const wrong = await post("not-the-key");
  const withWrong =
    wrong.status === 401
      ? mark.ok(`${name}, wrong key`, "401")
      : mark.problem(`${name}, wrong key`, `answers ${wrong.status} instead of 401`);
  if (apiKey === null)
    return [without, withWrong, mark.skipped(name, "no key given: npm run emm -- smoke <url> <key>")];
  return [without, withWrong, pollFinding(name, await post(apiKey))];
}

function pollFinding(name: string, { status, text }: Answer): Finding {
  const mark = findingsOf("Polling");
  if (status === 200) {
    const problem = bodyProblem(ROUTES["/trigger-poll"].answers[200].body, text);
    return problem === null ? mark.ok(name, `200 ${text}`) : mark.problem(name, problem);
  }
  if (status === 401) {
    return mark.problem(
      name,
      "401: the key given is not the bot's API_KEY",
      "compare it; name the header with --header",
    );
  }
  return mark.problem(
    name,
    `answers ${status}: ${messageOf(text)}`,
    "npm run emm -- doctor, or /emm health, says why",
  );
}

function messageOf(text: string): string {
  try {
    return Fault.parse(JSON.parse(text)).message;
  } catch {
    return text.slice(0, 200);
  }
}

async function limitFinding(ask: Ask): Promise<Finding> {
  const mark = findingsOf("Protection");
  const { headers, status } = await ask("/");
  const limit = Number(/\bq=(\d+)/.exec(headers.get("ratelimit-policy") ?? "")?.[1] ?? Number.NaN);
  if (status !== 429 && Number.isNaN(limit)) return mark.skipped("rate limit", "off");
  if (limit > MOST_REQUESTS) return mark.skipped("rate limit", `${limit} a minute, not tried out`);
  for (let sent = 0; sent <= limit; sent += AT_ONCE) {
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => ask("/")));
    const refused = answers.find((answer) => answer.status === 429);
    if (!refused) continue;
    if (!refused.headers.has("retry-after")) return mark.problem("rate limit", "429 without Retry-After");
    const problem = bodyProblem(Fault, refused.text);
    if (problem !== null) return mark.problem("rate limit", `429, but ${problem}`);
    return mark.ok("rate limit", `429 with Retry-After ${refused.headers.get("retry-after")} s`);
  }
  return mark.problem("rate limit", `says ${limit} a minute, but more requests were answered`);
}
