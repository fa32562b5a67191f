/**
 * One request to Railway's GraphQL API. Success is what the answer says, not its HTTP status: 200 with `errors` is how
 * Railway fails. Nothing is repeated here; `effect` tells whether a request that failed may have done something.
 */
import { z } from "zod";
import type { PlatformAnswer, PlatformFailure } from "../domain/deployment.ts";

export interface RailwayToken {
  /** A project token travels in a header of its own. */
  kind: "project" | "account";
  value: string;
}

export interface ApiOptions {
  apiUrl: string;
  token: RailwayToken;
  timeoutMs?: number;
}

export interface Question<T> {
  document: string;
  variables: Record<string, unknown>;
  /** What the bot needs of `data`; anything more is ignored. */
  data: z.ZodType<T>;
}

export type Ask = <T>(question: Question<T>) => Promise<PlatformAnswer<T>>;

const TIMEOUT_MS = 10_000;
/** Foreign words in a sentence of ours. */
const QUOTE_LENGTH = 200;

export function createApi({ apiUrl, token, timeoutMs = TIMEOUT_MS }: ApiOptions): Ask {
  return async ({ document, variables, data }) => {
    let response: Response;
    let text: string;
    try {
      response = await fetch(apiUrl, {
        method: "POST",
        headers: { "content-type": "application/json", accept: "application/json", ...tokenHeader(token) },
        body: JSON.stringify({ query: document, variables }),
        redirect: "error",
        signal: AbortSignal.timeout(timeoutMs),
      });
      text = await response.text();
    } catch (error) {
      return refusal(unreachable(error, timeoutMs));
    }
    const body = Body.safeParse(parseJson(text));
    const errors = body.success ? (body.data.errors ?? []) : [];
    if (!response.ok) return refusal(httpFailure(response, token, errors));
    if (errors[0] !== undefined) return refusal(errorFailure(errors[0], token));
    const read = body.success ? data.safeParse(body.data.data) : null;
    return read?.success ? { ok: true, value: read.data } : refusal(UNREADABLE);
  };
}

const Body = z.object({
  data: z.unknown().optional(),
  errors: z
    .array(
      z.object({
        message: z.string().catch(""),
        path: z
          .array(z.union([z.string(), z.number()]))
          .nullish()
          .catch(null),
        extensions: z.object({ code: z.string().nullish() }).nullish().catch(null),
      }),
    )
    .nullish(),
});
type GraphqlError = NonNullable<z.infer<typeof Body>["errors"]>[number];

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function tokenHeader({ kind, value }: RailwayToken): Record<string, string> {
  return kind === "project" ? { "Project-Access-Token": value } : { authorization: `Bearer ${value}` };
}

function refusal(failure: PlatformFailure): { ok: false; failure: PlatformFailure } {
  return { ok: false, failure };
}

const UNREADABLE: PlatformFailure = {
  kind: "rejected",
  message: "Railway answered with something that this version of the bot cannot read.",
  effect: "unknown",
  retryAfterMs: null,
};

/** The request never left, so nothing can have happened. */
const NEVER_SENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

function unreachable(error: unknown, timeoutMs: number): PlatformFailure {
  if (error instanceof Error && error.name === "TimeoutError") {
    const message = `Railway did not answer within ${timeoutMs / 1000} seconds.`;
    return { kind: "unreachable", message, effect: "unknown", retryAfterMs: null };
  }
  const code = causeCode(error);
  const message = `Railway cannot be reached (${code}). Its own state: https://status.railway.com`;
  return {
    kind: "unreachable",
    message,
    effect: NEVER_SENT.has(code) ? "none" : "unknown",
    retryAfterMs: null,
  };
}

/** fetch hides the reason in `cause`, and a host with several addresses hides it once more. */
function causeCode(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return causeCode(error.errors[0]);
  if (!(error instanceof Error)) return "unknown";
  if ("code" in error && typeof error.code === "string") return error.code;
  return error.cause === undefined ? "the connection was cut" : causeCode(error.cause);
}

function httpFailure(response: Response, token: RailwayToken, errors: GraphqlError[]): PlatformFailure {
  const { status } = response;
  const said = errors[0]?.message ? `: ${quoted(errors[0].message)}` : "";
  if (status === 401 || status === 403) return notAllowed(token, errors[0]?.message ?? `HTTP ${status}`);
  if (status === 429) return limited(retryAfterMs(response.headers));
  // 408 is a proxy's word: what it waited for may still have been done.
  if (status >= 500 || status === 408) {
    const message = `Railway has a problem of its own (HTTP ${status}${said}). Its state: https://status.railway.com`;
    return { kind: "unreachable", message, effect: "unknown", retryAfterMs: retryAfterMs(response.headers) };
  }
  const message = `Railway refuses the request (HTTP ${status}${said}). Check RAILWAY_API_URL, and whether a newer version of the bot is out.`;
  return { kind: "rejected", message, effect: "none", retryAfterMs: null };
}

const NOT_ALLOWED = /not authorized|unauthori[sz]ed|forbidden|token not found|invalid token/i;
const LIMITED = /rate limit|too many requests/i;
/** Refused before anything was done. */
const REFUSED_EARLY = /^(GRAPHQL_(PARSE|VALIDATION)_FAILED|BAD_USER_INPUT|NOT_FOUND)$/;

function errorFailure({ message, extensions }: GraphqlError, token: RailwayToken): PlatformFailure {
  if (NOT_ALLOWED.test(message)) return notAllowed(token, message);
  if (LIMITED.test(message)) return limited(null);
  const isEarly = REFUSED_EARLY.test(extensions?.code ?? "") || /\bnot found\b/i.test(message);
  return {
    kind: "rejected",
    message: `Railway refuses: ${quoted(message)}.`,
    effect: isEarly ? "none" : "unknown",
    retryAfterMs: null,
  };
}

function notAllowed({ kind }: RailwayToken, said: string): PlatformFailure {
  const fix =
    kind === "project"
      ? "Make a new token in Railway under the project's Settings → Tokens, for this environment, and put it into RAILWAY_TOKEN. If Railway refuses that one too, remove it and set a workspace token as RAILWAY_API_TOKEN"
      : "Make a new token in Railway under Account Settings → Tokens, for the workspace of this project, and put it into RAILWAY_API_TOKEN";
  const message = `Railway does not accept the token (${quoted(said)}). ${fix}.`;
  return { kind: "not-allowed", message, effect: "none", retryAfterMs: null };
}

function limited(waitMs: number | null): PlatformFailure {
  const when = waitMs === null ? "in a few minutes" : `in ${waitWords(waitMs)}`;
  const message = `Railway takes no more requests for now: the hourly limit of its plan is used up. Try again ${when}.`;
  return { kind: "limited", message, effect: "none", retryAfterMs: waitMs };
}

function waitWords(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds === 1) return "1 second";
  return seconds < 120 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
}

/** Seconds or a date (RFC 9110); Railway also says when the window ends. */
function retryAfterMs(headers: Headers): number | null {
  const value = headers.get("retry-after");
  if (value === null) return null;
  const seconds = Number(value);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}

function quoted(text: string): string {
  const line = text.replace(/\s+/g, " ").trim().replace(/\.$/, "");
  return line.length > QUOTE_LENGTH ? `${line.slice(0, QUOTE_LENGTH)}…` : line;
}
