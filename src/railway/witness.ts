/** Whether a deployment that somebody speaks of exists, of which service it is and how it stands: by Railway's own word. */
import { z } from "zod";
import type { PlatformFailure } from "../domain/deployment.ts";
import type { DeploymentTestimony } from "../domain/deployment-alert.ts";
import { AppError } from "../errors.ts";
import { createApi, type RailwayToken } from "./api.ts";
import { readers } from "./decode.ts";
import { DEPLOYMENT_AND_PLACE } from "./documents.ts";

const Placed = z.object({
  deployment: z.looseObject({
    projectId: z.string(),
    environmentId: z.string(),
    serviceId: z.string().nullish(),
    service: z.object({ name: z.string() }),
    environment: z.object({ name: z.string() }),
  }),
});

const Testimony = Placed.transform((data, context) => {
  const { projectId, environmentId, serviceId, service, environment } = data.deployment;
  const place = { projectId, environmentId, serviceId: serviceId ?? "" };
  const read = readers(place).one.safeParse(data);
  if (read.success) {
    const names = { service: service.name, environment: environment.name };
    return { kind: "confirmed" as const, deployment: read.data, ...place, ...names };
  }
  context.addIssue({ code: "custom", message: "not a deployment" });
  return z.NEVER;
});

export type Witness = (deploymentId: string) => Promise<DeploymentTestimony>;

/**
 * Rejects with a retryable error while Railway does not answer. `projectId` and `environmentId`: where deployments are the
 * bot's business; a token of an account sees others too, and where a message says it comes from proves nothing.
 */
export function createWitness(settings: {
  token: RailwayToken | null;
  apiUrl: string;
  projectId?: string | null;
  environmentId?: string | null;
  timeoutMs?: number;
}): Witness {
  const { token, projectId = null, environmentId = null } = settings;
  if (token === null) return async () => ({ kind: "silent", reason: "no token for Railway is set" });
  const ask = createApi({ ...settings, token });
  return async (id) => {
    const answer = await ask({ document: DEPLOYMENT_AND_PLACE, variables: { id }, data: Testimony });
    if (answer.ok) {
      const { value } = answer;
      if (isOther(value.projectId, projectId)) return { kind: "silent", reason: "another project" };
      if (isOther(value.environmentId, environmentId))
        return { kind: "silent", reason: "another environment" };
      return value;
    }
    return { kind: "silent", reason: whyFinal(answer.failure) };
  };
}

function isOther(found: string, ours: string | null): boolean {
  return ours !== null && found !== ours;
}

function whyFinal({ kind, message }: PlatformFailure): string {
  if (kind === "unreachable" || kind === "limited") {
    throw new AppError(message, { code: "railway_unavailable", retryable: true });
  }
  return message;
}
