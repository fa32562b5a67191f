/**
 * Railway's project webhook. It is not signed and its settings take nothing but an address, so the secret travels in the
 * address, and what the message says is only a hint: the workflow asks Railway itself. Deliveries are best effort, without
 * order, and may come several times.
 */
import { BODY_LIMITS, credentialsOf, type Reading, type SenderRules, valueAt } from "./sender.ts";
import { digestOf, plainText } from "./text.ts";

export interface RailwayScope {
  projectId: string | null;
  environmentId: string | null;
}

/** `scope`: what the bot belongs to; a webhook tells of every environment of its project. */
export function railwaySender(scope: RailwayScope): SenderRules {
  return {
    secretIn: (head) => head.query("secret") ?? credentialsOf(head),
    refusal: "Add ?secret=… with WEBHOOK_SECRET_RAILWAY to the address of the webhook.",
    limitBytes: BODY_LIMITS.events,
    read: ({ payload }) => readEvent(payload, scope),
  };
}

function readEvent(payload: unknown, scope: RailwayScope): Reading {
  const type = plainText(valueAt(payload, "type"));
  if (type === "") return { kind: "invalid", message: "type: a word such as Deployment.failed is expected." };
  // Monitors and volumes cannot be asked about, and nobody is told what was not confirmed.
  if (!/^deployment\./i.test(type)) return { kind: "ignored", reason: "not about a deployment" };
  const place = (...path: string[]) => plainText(valueAt(payload, "resource", ...path));
  const deploymentId = place("deployment", "id") || plainText(valueAt(payload, "details", "id"));
  if (!/^[\w-]{1,64}$/.test(deploymentId)) {
    return { kind: "invalid", message: "resource.deployment.id: the id of a deployment is expected." };
  }
  const elsewhere = whyElsewhere({ payload, place, scope });
  if (elsewhere !== null) return { kind: "ignored", reason: elsewhere };
  const timestamp = plainText(valueAt(payload, "timestamp"));
  return {
    kind: "work",
    id: digestOf(JSON.stringify([deploymentId, type, timestamp])),
    work: { kind: "deployment", deploymentId },
  };
}

interface Origin {
  payload: unknown;
  place: (...path: string[]) => string;
  scope: RailwayScope;
}

function whyElsewhere({ payload, place, scope }: Origin): string | null {
  const isOther = (given: string, ours: string | null) => ours !== null && given !== "" && given !== ours;
  if (isOther(place("project", "id"), scope.projectId)) return "another project";
  if (isOther(place("environment", "id"), scope.environmentId)) return "another environment";
  const isEphemeral = valueAt(payload, "resource", "environment", "isEphemeral") === true;
  return isEphemeral ? "a temporary environment" : null;
}
