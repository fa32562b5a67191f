/**
 * The bot on Railway as code, for services that no longer read railway.json; a test keeps the two equal. Replace
 * YOUR-ORG/YOUR-REPO, then `npx railway config plan` and `apply`. The file describes the whole project: what is running
 * there and not written here is planned for deletion, so read the plan before you apply it.
 */
import { defineRailway, github, postgres, preserve, project, service } from "railway/iac";

/**
 * What must be set in Railway; the values stay there and are never written here. Add every other variable that you set:
 * one that is missing in this list is planned for deletion.
 */
const KEPT = [
  "SLACK_BOT_TOKEN",
  "SLACK_SIGNING_SECRET",
  "SLACK_DECISIONS_CHANNEL",
  "SLACK_ALERTS_CHANNEL",
  "SLACK_APPROVERS",
  "SLACK_OPERATORS",
  "NOTION_API_KEY",
  "NOTION_DB_SYSTEM_INBOX",
  "NOTION_DB_EXECUTIVE_INTENTS",
  "NOTION_DB_ACTION_PIPES",
  "NOTION_DB_AGENT_REGISTRY",
  "NOTION_DB_EXECUTION_LOG",
  "NOTION_DB_TRAINING_DATA",
  "NOTION_DB_TASKS",
  "NOTION_DB_PROJECTS",
  "NOTION_DB_AREAS",
  "NOTION_DB_NODES",
  "ANTHROPIC_API_KEY",
  // For /emm deploys and /emm rollback.
  "RAILWAY_TOKEN",
];

const database = postgres("Postgres");

const bot = service("executive-mind-matrix", {
  source: github("YOUR-ORG/YOUR-REPO", { branch: "main" }),
  build: { builder: "DOCKERFILE", dockerfilePath: "Dockerfile" },
  deploy: {
    healthcheckPath: "/health",
    healthcheckTimeout: 100,
    restartPolicyType: "ON_FAILURE",
    restartPolicyMaxRetries: 10,
    drainingSeconds: 30,
  },
  env: {
    ...Object.fromEntries(KEPT.map((name) => [name, preserve()])),
    DATABASE_URL: database.env.DATABASE_URL,
  },
});

export default defineRailway(() => project("executive-mind-matrix", { resources: [database, bot] }));
