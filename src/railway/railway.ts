/**
 * Railway: the deployments of the bot's own service, and going back to one of them. Answers are data, failures
 * included, each with a sentence that names the fix; nothing is retried and nothing is decided here. It knows no Slack
 * and keeps nothing but a list for a few seconds, because Railway counts requests by the hour.
 */
import {
  type Deployment,
  type Deployments,
  type HostingPlan,
  isHostingPlan,
  type PlatformAnswer,
} from "../domain/deployment.ts";
import { type Ask, createApi, type RailwayToken } from "./api.ts";
import {
  EventList,
  type Place,
  ProjectPlan,
  RolledBack,
  readers,
  ServiceSettings,
  TokenPlace,
} from "./decode.ts";
import * as documents from "./documents.ts";

export interface RailwaySettings {
  token: RailwayToken | null;
  apiUrl: string;
  projectId: string | null;
  environmentId: string | null;
  serviceId: string | null;
  /** The deployment that this process is; null = not on Railway. */
  deploymentId: string | null;
  timeoutMs?: number;
}

export interface Railway {
  /** The newest twenty and what serves now. `fresh` asks Railway whatever is remembered. */
  deployments(how?: { fresh: boolean }): Promise<PlatformAnswer<Deployments>>;
  deployment(id: string): Promise<PlatformAnswer<Deployment>>;
  /** Never call it twice for one wish: an answer that was lost says nothing about what happened. */
  rollBack(id: string): Promise<PlatformAnswer<true>>;
  /** Plain words of Railway's; null = it does not say. */
  whyFailed(id: string): Promise<string | null>;
  /** null = Railway does not tell this token. */
  plan(): Promise<HostingPlan | null>;
  /** What a project token is for; works with such a token only. */
  tokenPlace(): Promise<PlatformAnswer<{ projectId: string; environmentId: string; name: string }>>;
  serviceSettings(): Promise<PlatformAnswer<ServiceSettings>>;
}

const LISTED = 20;
const KEEP_LIST_MS = 10_000;

export function createRailway(settings: RailwaySettings): Railway {
  const { token } = settings;
  const api: Ask = token === null ? async () => NO_TOKEN : createApi({ ...settings, token });
  const place = rememberPlace(settings, api);
  const within: Within = async (run) => {
    const found = await place();
    return found.ok ? run(found.value) : found;
  };
  const list = createList({ settings, api, within });
  return {
    deployments: list.read,
    deployment: (id) =>
      within((ids) => api({ document: documents.DEPLOYMENT, variables: { id }, data: readers(ids).one })),
    rollBack: (id) =>
      within(async () => {
        list.forget();
        const answer = await api({ document: documents.ROLL_BACK, variables: { id }, data: RolledBack });
        if (!answer.ok) return answer;
        return answer.value ? { ok: true, value: true } : SAID_NO;
      }),
    async whyFailed(id) {
      const answer = await api({ document: documents.DEPLOYMENT_EVENTS, variables: { id }, data: EventList });
      if (!answer.ok) return null;
      return answer.value.flatMap(({ payload }) => payload?.error ?? payload?.reason ?? []).at(-1) ?? null;
    },
    plan: rememberPlan(api, within),
    tokenPlace: () => api({ document: documents.PROJECT_TOKEN, variables: {}, data: TokenPlace }),
    serviceSettings: () =>
      within(({ environmentId, serviceId }) => {
        const variables = { environmentId, serviceId };
        return api({ document: documents.SERVICE_SETTINGS, variables, data: ServiceSettings });
      }),
  };
}

/** Asks with the three ids at hand, or answers why they are not. */
type Within = <T>(run: (place: Place) => Promise<PlatformAnswer<T>>) => Promise<PlatformAnswer<T>>;

interface Parts {
  settings: RailwaySettings;
  api: Ask;
  within: Within;
}

function createList({ settings, api, within }: Parts) {
  let kept: { at: number; answer: Promise<PlatformAnswer<Deployments>> } | null = null;
  let mayAskForService = true;

  const ask = () =>
    within(async (ids): Promise<PlatformAnswer<Deployments>> => {
      const { environmentId, serviceId } = ids;
      const variables = { input: { ...ids }, first: LISTED };
      const read = readers(ids);
      if (mayAskForService) {
        const document = documents.DEPLOYMENTS_AND_ACTIVE;
        const whole = await api({
          document,
          variables: { ...variables, environmentId, serviceId },
          data: read.listAndActive,
        });
        if (whole.ok || whole.failure.kind !== "not-allowed") return whole;
      }
      // Some project tokens may see deployments and not the service.
      const plain = await api({ document: documents.DEPLOYMENTS, variables, data: read.list });
      if (!plain.ok) return plain;
      mayAskForService = false;
      const own = plain.value.find((one) => one.id === settings.deploymentId);
      return { ok: true, value: { list: plain.value, activeIds: own === undefined ? null : [own.id] } };
    });

  return {
    forget() {
      kept = null;
    },
    async read({ fresh } = { fresh: false }): Promise<PlatformAnswer<Deployments>> {
      if (!fresh && kept !== null && Date.now() - kept.at < KEEP_LIST_MS) return kept.answer;
      const mine = { at: Date.now(), answer: ask() };
      kept = mine;
      const answer = await mine.answer;
      if (!answer.ok && kept === mine) kept = null;
      return answer;
    },
  };
}

/** A refusal to tell stays one; an outage does not. */
function rememberPlan(api: Ask, within: Within): () => Promise<HostingPlan | null> {
  let known: HostingPlan | null | undefined;
  return async () => {
    if (known !== undefined) return known;
    const answer = await within(({ projectId }) =>
      api({ document: documents.PROJECT_PLAN, variables: { id: projectId }, data: ProjectPlan }),
    );
    const word = answer.ok ? answer.value.toLowerCase() : "";
    const plan = isHostingPlan(word) ? word : null;
    if (answer.ok || answer.failure.kind === "not-allowed") known = plan;
    return plan;
  };
}

const SAID_NO = {
  ok: false,
  failure: {
    kind: "rejected",
    message: "Railway answered that it did not roll back, and not why.",
    effect: "unknown",
    retryAfterMs: null,
  },
} as const;

function notSetUp(message: string) {
  return { ok: false, failure: { kind: "not-set-up", message, effect: "none", retryAfterMs: null } } as const;
}

const NO_TOKEN = notSetUp(
  "Deployments are not connected: RAILWAY_TOKEN is not set. Make a project token in Railway under the project's Settings → Tokens and set it for the bot.",
);

/** A project token knows its project and environment; the service it does not. */
function rememberPlace(settings: RailwaySettings, api: Ask): () => Promise<PlatformAnswer<Place>> {
  let known: Place | null = null;
  return async () => {
    if (known !== null) return { ok: true, value: known };
    const { token, serviceId } = settings;
    let { projectId, environmentId } = settings;
    if (token === null) return NO_TOKEN;
    if (serviceId === null) {
      return notSetUp(
        "RAILWAY_SERVICE_ID is not set. Railway sets it for the bot itself; anywhere else copy it from the address of the service's page in Railway.",
      );
    }
    if ((projectId === null || environmentId === null) && token.kind === "project") {
      const found = await api({ document: documents.PROJECT_TOKEN, variables: {}, data: TokenPlace });
      if (!found.ok) return found;
      projectId ??= found.value.projectId;
      environmentId ??= found.value.environmentId;
    }
    if (projectId === null || environmentId === null) {
      const missing = projectId === null ? "RAILWAY_PROJECT_ID" : "RAILWAY_ENVIRONMENT_ID";
      return notSetUp(`${missing} is not set. Copy it from the address of the service's page in Railway.`);
    }
    known = { projectId, environmentId, serviceId };
    return { ok: true, value: known };
  };
}
