/** Asks the bot's public address who answers there and how it is: the truth about a deployment that no API tells. */
import { z } from "zod";
import type { Face } from "../domain/rollback.ts";

const TIMEOUT_MS = 5_000;
const BODY_LIMIT = 64 * 1024;

const Service = z.object({
  commit: z.string().nullish().catch(null),
  deployment: z.string().nullish().catch(null),
});
const Health = z.object({ status: z.string().max(40) });
/** Anything may answer 200 at an address: only these words mean that the bot is well. */
const WELL = new Set(["healthy", "degraded"]);
/** Closed on purpose: who it is cannot be asked, how it is can. */
const Closed = z.object({ error: z.literal("maintenance") });

export async function publicFace(address: string): Promise<Face> {
  try {
    const [service, health, ready] = await Promise.all(
      ["/", "/health", "/ready"].map((path) => get(address, path)),
    );
    if (!service || !health || !ready) return { kind: "no-answer", reason: "no answer" };
    if (service.status >= 500 && !Closed.safeParse(service.body).success)
      return { kind: "no-answer", reason: `HTTP ${service.status} at ${address}` };
    const self = Service.safeParse(service.body);
    const word = Health.safeParse(health.body);
    return {
      kind: "answers",
      deploymentId: self.data?.deployment ?? null,
      commit: self.data?.commit?.toLowerCase() ?? null,
      health: word.success ? word.data.status : `HTTP ${health.status}`,
      isHealthy: health.status === 200 && word.success && WELL.has(word.data.status),
      isReady: ready.status === 200,
    };
  } catch (error) {
    return { kind: "no-answer", reason: reasonOf(error, address) };
  }
}

async function get(address: string, path: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(new URL(path, address), {
    headers: { accept: "application/json" },
    redirect: "manual",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const text = (await response.text()).slice(0, BODY_LIMIT);
  return { status: response.status, body: parseJson(text) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function reasonOf(error: unknown, address: string): string {
  if (error instanceof Error && error.name === "TimeoutError")
    return `nothing within ${TIMEOUT_MS / 1000} seconds at ${address}`;
  return `no connection to ${address}`;
}
