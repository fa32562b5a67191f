/** Which webhooks a running bot takes, seen from outside: a route that is off is not there, one that is on refuses strangers. */

import { type Finding, findingsOf } from "../checks/finding.ts";
import { SENDERS } from "../domain/webhook.ts";

type Ask = (
  path: string,
  init: { method: string; headers: Record<string, string>; body: string },
) => Promise<{ status: number }>;

export async function webhookFindings(ask: Ask): Promise<Finding[]> {
  const mark = findingsOf("Webhooks");
  const found: Finding[] = [];
  for (const sender of SENDERS) {
    const path = `/webhooks/${sender}`;
    const headers = { "content-type": "application/json" };
    const { status } = await ask(path, { method: "POST", headers, body: "{}" });
    const variable = sender === "inbox" ? "API_KEY" : `WEBHOOK_SECRET_${sender.toUpperCase()}`;
    if (status === 404) found.push(mark.skipped(path, `off: ${variable} is not set there`));
    else if (status === 401) found.push(mark.ok(path, "on; 401 for a request without its secret"));
    else found.push(mark.problem(path, `answers ${status} to a request without its secret, expected 401`));
  }
  return found;
}
