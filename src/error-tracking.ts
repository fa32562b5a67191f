/**
 * Error reports to Sentry, when SENTRY_DSN is set. Owns what leaves: an event is rebuilt from an allow-list, so that no
 * message, header, body, address, prompt or answer can be in it, whatever the SDK comes to collect. The words of an
 * error are in the log line with the same reference. Without a DSN the SDK is not even loaded.
 */
import type { ErrorEvent, NodeOptions, StackFrame } from "@sentry/node";
import type { Config } from "./config.ts";
import { type Fault, toFailure } from "./errors.ts";
import { createScrub, type Scrub } from "./scrub.ts";

export interface ErrorTracking {
  report(fault: Fault): void;
  /** Sends what waits, for so long at most. */
  close(timeoutMs: number): Promise<void>;
}

const OFF: ErrorTracking = { report: () => undefined, close: async () => undefined };

type Sentry = typeof import("@sentry/node");
type Span = Parameters<NonNullable<NodeOptions["beforeSendSpan"]>>[0];

/** Called by `instrument.ts` before everything else, and by the app, which then finds it running. */
export async function startErrorTracking(
  config: Pick<Config, "sentry" | "environment" | "build" | "secrets">,
): Promise<ErrorTracking> {
  if (config.sentry.dsn === null) return OFF;
  const sentry = await import("@sentry/node");
  if (!sentry.isEnabled()) initialise(sentry, config);
  return {
    report: (fault) => report(sentry, fault),
    close: async (timeoutMs) => {
      await sentry.close(timeoutMs);
    },
  };
}

function initialise(
  sentry: Sentry,
  {
    sentry: { dsn, tracesSampleRate },
    environment,
    build,
    secrets,
  }: Parameters<typeof startErrorTracking>[0],
): void {
  const scrub = createScrub(secrets);
  sentry.initWithoutDefaultIntegrations({
    dsn: dsn ?? undefined,
    environment,
    release: releaseOf(build),
    tracesSampleRate,
    integrations: [
      sentry.dedupeIntegration(),
      // Spans only: a session counts people, a breadcrumb repeats addresses.
      sentry.httpIntegration({ breadcrumbs: false, sessions: false }),
      sentry.nativeNodeFetchIntegration({ breadcrumbs: false }),
      sentry.spanStreamingIntegration(),
    ],
    // Everything is on unless it is switched off here.
    dataCollection: {
      userInfo: false,
      cookies: false,
      httpHeaders: false,
      httpBodies: [],
      urlQueryParams: false,
      graphQL: { document: false, variables: false },
      genAI: { inputs: false, outputs: false },
      mcp: { inputs: false, outputs: false },
      databaseQueryData: false,
      queues: false,
      stackFrameVariables: false,
      frameContextLines: 0,
    },
    maxBreadcrumbs: 0,
    sendClientReports: false,
    // No trace headers to Slack, Notion or Anthropic.
    tracePropagationTargets: [],
    beforeSend: (event) => onlyKnown(event, scrub),
    beforeSendSpan: (span) => withoutAddresses(span),
  });
}

/** "1.0.0+0123abc". */
export function releaseOf({ version, commit }: Config["build"]): string {
  return commit === null ? version : `${version}+${commit.slice(0, 12)}`;
}

/** The message stays here: it may quote what a person wrote. Class, code and stack say where to look. */
function report(sentry: Sentry, { surface, reference, error }: Fault): void {
  const { code, retryable } = toFailure(error);
  const nameless = new Error(code);
  nameless.name = error instanceof Error ? error.name : "Error";
  if (error instanceof Error) nameless.stack = `${nameless.name}: ${code}\n${framesOf(error)}`;
  sentry.captureException(nameless, {
    level: retryable ? "warning" : "error",
    tags: { surface, code, reference },
    fingerprint: ["{{ default }}", surface, code],
  });
}

/** A stack begins with the message, which may have several lines. */
function framesOf({ stack = "" }: Error): string {
  return stack
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .join("\n");
}

function onlyKnown(event: ErrorEvent, scrub: Scrub): ErrorEvent {
  const values = event.exception?.values?.map(({ type, value, stacktrace }) => ({
    type,
    value: scrub(value ?? ""),
    stacktrace: { frames: (stacktrace?.frames ?? []).map(place) },
  }));
  const { event_id, timestamp, platform, level, release, environment, fingerprint, tags } = event;
  const { contexts, sdk } = event;
  const trace = contexts?.trace && { trace_id: contexts.trace.trace_id, span_id: contexts.trace.span_id };
  return {
    type: event.type,
    ...definedOnly({ event_id, timestamp, platform, level, release, environment, fingerprint, tags }),
    ...(sdk && { sdk: { name: sdk.name, version: sdk.version } }),
    ...(values && { exception: { values } }),
    ...(trace && { contexts: { trace } }),
  };
}

function place({ filename, function: name, module, lineno, colno, in_app }: StackFrame): StackFrame {
  return { filename, function: name, module, lineno, colno, in_app };
}

function definedOnly<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}

const SPAN_ATTRIBUTES =
  /^(sentry\.(op|origin|source|release|environment|sample_rate|sdk\.(name|version)|segment\.id|span\.source|kind)|http\.(request\.method|response\.status_code|route)|server\.address|gen_ai\.(request|response)\.model|gen_ai\.usage\..*)$/;

/** A response URL or a webhook's path is a secret, and a page id leads to a text. */
function withoutAddresses(span: Span): Span {
  const attributes = Object.entries(span.attributes ?? {});
  const textOf = (name: string) => String(attributes.find(([key]) => key === name)?.[1] ?? "");
  const method = textOf("http.request.method") || "span";
  const isOurs = textOf("sentry.kind") === "server";
  span.name = `${method} ${isOurs ? ownRoute(textOf("url.path")) : textOf("server.address") || "(other)"}`;
  span.attributes = Object.fromEntries(attributes.filter(([key]) => SPAN_ATTRIBUTES.test(key)));
  return span;
}

const OWN_ROUTES =
  /^\/(slack\/events|health|ready|metrics|api\/status|trigger-poll|docs|openapi\.json|webhooks\/[a-z]+)?(?=$|\/)/;

function ownRoute(path: string): string {
  return OWN_ROUTES.exec(path)?.[0] ?? "(other)";
}
