/** THE map of the HTTP side: every path, who may call it and what it answers. Handlers and OpenAPI follow it. */
import type { z } from "zod";
import { InboxPost } from "../domain/inbox-post.ts";
import {
  Fault,
  Health,
  Poll,
  Readiness,
  Service,
  Status,
  WebhookHandshake,
  WebhookReceipt,
} from "./bodies.ts";
import { SloDashboard } from "./slo-body.ts";

export interface RouteAnswer {
  description: string;
  /** A schema means JSON; otherwise the media type. */
  body: z.ZodType | string;
  /** Another media type that callers may ask for. */
  alsoAs?: string;
}

export interface Route {
  method: "get" | "post";
  summary: string;
  /** What the caller has to bring along. */
  access:
    | "public"
    | "metrics token"
    | "api key"
    | "webhook bearer"
    | "webhook address"
    | "sentry signature"
    | "notion signature";
  /** What is posted; absent = nothing, or whatever the sender's own pages describe. */
  takes?: z.ZodType;
  answers: Record<number, RouteAnswer>;
}

const fault = (description: string): RouteAnswer => ({ description, body: Fault });

/** Answered during a maintenance too: by these the platform decides whether the bot lives. */
export const ALWAYS_OPEN: readonly string[] = ["/health", "/ready", "/metrics"];

/** Of every other route. */
export const CLOSED = fault("Maintenance; the message says why, Retry-After when it ends");

const TOO_MANY = fault("Too many requests from this caller; Retry-After says when to come back");

function webhook(more: Record<number, RouteAnswer> = {}): Record<number, RouteAnswer> {
  return {
    200: { description: "Understood, and nothing to act on", body: WebhookReceipt },
    202: { description: "Kept, and worked on once, however often it comes", body: WebhookReceipt },
    400: fault("It cannot be read; the message names the field"),
    401: fault("Missing or wrong secret or signature"),
    404: fault("Off: its secret is not set"),
    413: fault("The body is too large"),
    415: fault("Not JSON, or compressed"),
    429: TOO_MANY,
    503: fault("The bot is stopping or its store is unreachable: send it again after Retry-After"),
    ...more,
  };
}

export const ROUTES = {
  "/": {
    method: "get",
    summary: "What runs here",
    access: "public",
    answers: { 200: { description: "Service, version, commit", body: Service }, 429: TOO_MANY },
  },
  "/health": {
    method: "get",
    summary: "How the bot is; never limited",
    access: "public",
    answers: {
      200: { description: "Healthy or degraded", body: Health },
      503: { description: "Unhealthy: it cannot do its job", body: Health },
    },
  },
  "/ready": {
    method: "get",
    summary: "Whether it takes work; never limited",
    access: "public",
    answers: {
      200: { description: "Ready", body: Readiness },
      503: { description: "Starting, draining, or the store is unreachable", body: Readiness },
    },
  },
  "/api/status": {
    method: "get",
    summary: "Version and the state of every component",
    access: "public",
    answers: { 200: { description: "As the bot last saw them", body: Status }, 429: TOO_MANY },
  },
  "/api/slo-dashboard": {
    method: "get",
    summary: "How well the promises were kept; for people with plots, by Accept or ?format=html",
    access: "public",
    answers: {
      200: { description: "Every objective of the last four weeks", body: SloDashboard, alsoAs: "text/html" },
      400: fault("?format is neither json nor html"),
      429: TOO_MANY,
      503: fault("Starting, draining, or the store is unreachable"),
    },
  },
  "/metrics": {
    method: "get",
    summary: "Metrics for Prometheus; needs METRICS_TOKEN as bearer token when that is set",
    access: "metrics token",
    answers: {
      200: { description: "Prometheus text format", body: "text/plain" },
      401: fault("Missing or wrong token"),
      404: fault("Off: ENABLE_METRICS is false"),
      429: TOO_MANY,
    },
  },
  "/trigger-poll": {
    method: "post",
    summary: "Looks into the inbox now",
    access: "api key",
    answers: {
      200: { description: "What the poll did", body: Poll },
      401: fault("Missing or wrong key"),
      409: fault("Polling is paused"),
      413: fault("The body is too large; none is needed"),
      429: TOO_MANY,
      502: fault("The poll failed, usually because Notion did not answer"),
      503: fault("Off because API_KEY is not set, or the bot is starting or stopping"),
    },
  },
  "/webhooks/inbox": {
    method: "post",
    summary: "Adds an item to the inbox: for forms, e-mail bridges and other bots",
    access: "api key",
    takes: InboxPost,
    answers: webhook({ 409: fault("The key was used before, with another text") }),
  },
  "/webhooks/notion": {
    method: "post",
    summary: "Notion says that something changed: the bot looks within seconds",
    access: "notion signature",
    answers: webhook(),
  },
  "/webhooks/notion/handshake": {
    method: "post",
    summary: "Waits a quarter of an hour for Notion's verification token and shows it",
    access: "api key",
    answers: {
      200: { description: "What came so far", body: WebhookHandshake },
      401: fault("Missing or wrong key"),
      404: fault("Off: API_KEY is not set"),
      429: TOO_MANY,
    },
  },
  "/webhooks/alertmanager": {
    method: "post",
    summary: "Alerts of Prometheus Alertmanager (version 4)",
    access: "webhook bearer",
    answers: webhook(),
  },
  "/webhooks/railway": {
    method: "post",
    summary: "Railway says that a deployment changed: told after Railway confirms it",
    access: "webhook address",
    answers: webhook(),
  },
  "/webhooks/sentry": {
    method: "post",
    summary: "Issue alerts, metric alerts and resolved issues of a Sentry integration",
    access: "sentry signature",
    answers: webhook(),
  },
  "/docs": {
    method: "get",
    summary: "This page",
    access: "public",
    answers: { 200: { description: "For people", body: "text/html" }, 429: TOO_MANY },
  },
  "/openapi.json": {
    method: "get",
    summary: "This description, for machines (OpenAPI 3.1)",
    access: "public",
    answers: { 200: { description: "OpenAPI document", body: "application/json" }, 429: TOO_MANY },
  },
} as const satisfies Record<string, Route>;

export type RoutePath = keyof typeof ROUTES;
