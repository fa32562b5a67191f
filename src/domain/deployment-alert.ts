/** What a confirmed deployment means for people: a problem that begins, one that ends, or nothing. */
import { type Deployment, statusClass, statusWords } from "./deployment.ts";
import type { AlertChange } from "./webhook.ts";

/** By the platform's own word. */
export type DeploymentTestimony =
  | {
      kind: "confirmed";
      deployment: Deployment;
      projectId: string;
      environmentId: string;
      /** "" = the platform does not tell. */
      serviceId: string;
      service: string;
      environment: string;
    }
  /** `reason`: why it says nothing; asking again would not help. */
  | { kind: "silent"; reason: string };

type Confirmed = Extract<DeploymentTestimony, { kind: "confirmed" }>;

const SOURCE = "railway";
/** What has stood for longer is history that somebody looks up, not news. */
const NEWS_MS = 24 * 3_600_000;
const COMMIT_LENGTH = 300;

/**
 * One problem per service and environment: a newer deployment that works ends it, an older one says nothing. null = no
 * news, such as a deployment on its way.
 */
export function deploymentChange(testimony: Confirmed, now: Date): AlertChange | null {
  const { deployment, environmentId, serviceId } = testimony;
  const key = `railway:${environmentId}:${serviceId || deployment.id}`;
  const position = `${moment(deployment.createdAt)} ${moment(deployment.statusSince ?? deployment.createdAt)}`;
  switch (statusClass(deployment)) {
    case "failed":
      if (isHistory(deployment, now)) return null;
      return { kind: "raise", position, signal: { key, source: SOURCE, ...wordsFor(testimony) } };
    case "live": {
      const detail = `A deployment that works is online: ${described(deployment)}.`;
      return { kind: "end", position, end: { key, source: SOURCE, detail }, onlyIfKnown: false };
    }
    case "gone":
      return {
        kind: "end",
        position,
        end: { key, source: SOURCE, detail: "The deployment that failed is gone." },
        onlyIfKnown: true,
      };
    default:
      return null;
  }
}

function wordsFor({ deployment, service, environment }: Confirmed) {
  const isCrash = deployment.status === "CRASHED";
  const outcome = isCrash ? "crashed" : "failed";
  const effect = isCrash
    ? "It was running; nothing else takes its place by itself."
    : "What ran before keeps running, if it was healthy.";
  return {
    severity: isCrash ? ("critical" as const) : ("warning" as const),
    title: `Deployment of ${service} (${environment}) ${outcome}`,
    detail: `Railway says: ${statusWords(deployment)}. ${described(deployment)}.\n${effect} Its logs are in Railway; /emm rollback status says what can be restored.`,
    url: deployment.page,
  };
}

function described({ id, commit, image }: Deployment): string {
  if (commit === null) return image === null ? `Deployment ${id.slice(0, 8)}` : `Image ${image}`;
  const [subject = ""] = (commit.message ?? "").split("\n");
  const author = commit.author === null ? "" : ` by ${commit.author}`;
  const about = subject === "" ? "" : `: ${subject.slice(0, COMMIT_LENGTH)}`;
  return `Commit ${commit.hash.slice(0, 7)}${author}${about}`;
}

function isHistory({ statusSince, createdAt }: Deployment, now: Date): boolean {
  return now.getTime() - Date.parse(statusSince ?? createdAt) > NEWS_MS;
}

/** Sorts as text. */
function moment(iso: string): string {
  const time = Date.parse(iso);
  return Number.isNaN(time) ? iso : new Date(time).toISOString();
}
