/** Railway's answers as our words. `meta` has no schema: every key is optional, and what looks odd is left out. */
import { z } from "zod";
import type { Commit, Deployment } from "../domain/deployment.ts";

const Loose = z.string().trim().min(1).nullish().catch(null);

const Meta = z
  .object({
    commitHash: z
      .string()
      .regex(/^[0-9a-f]{7,64}$/i)
      .nullish()
      .catch(null),
    commitMessage: Loose,
    commitAuthor: Loose,
    branch: Loose,
    repo: z
      .string()
      .regex(/^[\w.-]+\/[\w.-]+$/)
      .nullish()
      .catch(null),
    image: Loose,
  })
  .catch({});

const DeploymentNode = z.object({
  id: z.string().min(1),
  /** An open list: new words appear. */
  status: z.string().min(1),
  statusUpdatedAt: z.string().nullish(),
  createdAt: z.string(),
  deploymentStopped: z.boolean(),
  canRollback: z.boolean(),
  url: z.string().nullish(),
  staticUrl: z.string().nullish(),
  meta: z.unknown(),
});

const Edges = <T>(node: z.ZodType<T>) =>
  z.object({ edges: z.array(z.object({ node })) }).transform(({ edges }) => edges.map((edge) => edge.node));

export interface Place {
  projectId: string;
  environmentId: string;
  serviceId: string;
}

export function readers(place: Place) {
  const deployment = DeploymentNode.transform((node) => toDeployment(node, place));
  return {
    one: z.object({ deployment }).transform((data) => data.deployment),
    list: z
      .object({ deployments: Edges(deployment) })
      .transform((data) => data.deployments.toSorted(newestFirst)),
    listAndActive: z
      .object({
        deployments: Edges(deployment),
        serviceInstance: z.object({ activeDeployments: z.array(z.object({ id: z.string() })) }),
      })
      .transform((data) => ({
        list: data.deployments.toSorted(newestFirst),
        activeIds: data.serviceInstance.activeDeployments.map(({ id }) => id),
      })),
  };
}

export const EventList = z
  .object({
    deploymentEvents: Edges(
      z.object({
        step: z.string(),
        payload: z.object({ error: Loose, reason: Loose }).nullish().catch(null),
      }),
    ),
  })
  .transform((data) => data.deploymentEvents);

export const RolledBack = z
  .object({ deploymentRollback: z.boolean() })
  .transform((data) => data.deploymentRollback);

export const TokenPlace = z
  .object({ projectToken: z.object({ projectId: z.string(), environmentId: z.string(), name: z.string() }) })
  .transform((data) => data.projectToken);

export const ProjectPlan = z
  .object({ project: z.object({ subscriptionType: z.string() }) })
  .transform((data) => data.project.subscriptionType);

export const ServiceSettings = z
  .object({
    serviceInstance: z.object({
      serviceName: z.string(),
      healthcheckPath: z.string().nullish(),
      healthcheckTimeout: z.number().nullish(),
      restartPolicyType: z.string(),
      restartPolicyMaxRetries: z.number(),
      drainingSeconds: z.number().nullish(),
      dockerfilePath: z.string().nullish(),
    }),
  })
  .transform((data) => data.serviceInstance);
export type ServiceSettings = z.infer<typeof ServiceSettings>;

function toDeployment(node: z.infer<typeof DeploymentNode>, place: Place): Deployment {
  const meta = Meta.parse(node.meta ?? {});
  return {
    id: node.id,
    status: node.status.toUpperCase(),
    statusSince: node.statusUpdatedAt ?? null,
    createdAt: node.createdAt,
    isStopped: node.deploymentStopped,
    canRollBack: node.canRollback,
    commit: toCommit(meta),
    image: meta.image ?? null,
    address: addressOf(node.staticUrl) ?? addressOf(node.url),
    page: dashboardPage(node.id, place),
  };
}

function toCommit(meta: z.infer<typeof Meta>): Commit | null {
  if (!meta.commitHash) return null;
  return {
    hash: meta.commitHash.toLowerCase(),
    message: meta.commitMessage ?? null,
    author: meta.commitAuthor ?? null,
    branch: meta.branch ?? null,
    repo: meta.repo ?? null,
  };
}

/** Railway gives a bare host name. */
function addressOf(url: string | null | undefined): string | null {
  if (!url) return null;
  const whole = /^https?:\/\//.test(url) ? url : `https://${url}`;
  return URL.canParse(whole) ? new URL(whole).origin : null;
}

/** As Railway's command line prints it. */
function dashboardPage(id: string, { projectId, environmentId, serviceId }: Place): string {
  const query = new URLSearchParams({ id, environmentId });
  return `https://railway.com/project/${projectId}/service/${serviceId}?${query.toString()}`;
}

function newestFirst(a: Deployment, b: Deployment): number {
  return b.createdAt.localeCompare(a.createdAt);
}
