/** The shape of the configuration. parseConfig is the only reader of the environment. */
import type { SelfApproval } from "./domain/decision.ts";

export const DATABASE_NAMES = [
  "SYSTEM_INBOX",
  "EXECUTIVE_INTENTS",
  "ACTION_PIPES",
  "AGENT_REGISTRY",
  "EXECUTION_LOG",
  "TRAINING_DATA",
  "TASKS",
  "PROJECTS",
  "AREAS",
  "NODES",
] as const;
export type DatabaseName = (typeof DATABASE_NAMES)[number];

export interface Config {
  environment: string;
  timezone: string;
  log: { level: string; json: boolean };
  slack: {
    botToken: string;
    signingSecret: string | null;
    /** Socket Mode when set. */
    appToken: string | null;
    apiUrl: string;
    decisionsChannel: string;
    alertsChannel: string;
    /** User ids (U…, W…) and user-group ids (S…). */
    approvers: string[];
    operators: string[];
  };
  notion: {
    apiKey: string;
    baseUrl: string;
    requestsPerMinute: number;
    /** Dashed lower-case ids. */
    databases: Record<DatabaseName, string>;
  };
  claude: {
    apiKey: string;
    baseUrl: string | null;
    model: string;
    triageModel: string;
    /** 0 = no cap. */
    dailyBudgetUsd: number;
  };
  store: {
    /** null = embedded. */
    databaseUrl: string | null;
    dataDir: string;
  };
  poll: { intervalSeconds: number; cron: string };
  http: {
    host: string;
    port: number;
    apiKey: string | null;
    apiKeyHeader: string;
    rateLimitEnabled: boolean;
    rateLimitPerMinute: number;
    allowedOrigins: string[];
  };
  decisions: { ttlHours: number; selfApproval: SelfApproval };
  /** Version, commit and where it runs, for `/` and `/emm health`. */
  build: { version: string; commit: string | null };
}
