/** THE map of the HTTP side: every path, who may call it and what it answers. Handlers and OpenAPI follow it. */
import type { z } from "zod";
import { Fault, Health, Poll, Readiness, Service, Status } from "./bodies.ts";

export interface RouteAnswer {
  description: string;
  /** A schema means JSON; otherwise the media type. */
  body: z.ZodType | string;
}

export interface Route {
  method: "get" | "post";
  summary: string;
  /** What the caller has to bring along. */
  access: "public" | "metrics token" | "api key";
  answers: Record<number, RouteAnswer>;
}

const fault = (description: string): RouteAnswer => ({ description, body: Fault });

const TOO_MANY = fault("Too many requests from this caller; Retry-After says when to come back");

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
      413: fault("The body is too large; none is needed"),
      429: TOO_MANY,
      502: fault("The poll failed, usually because Notion did not answer"),
      503: fault("Off because API_KEY is not set, or the bot is starting or stopping"),
    },
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
