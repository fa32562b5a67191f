/** `/api/slo-dashboard`: JSON, or a page for whoever comes with a browser. */
import type { RequestHandler } from "express";
import { refuse } from "./faults.ts";
import type { HttpPorts } from "./ports.ts";
import { sloBody } from "./slo-body.ts";
import { SLO_PAGE_POLICY, sloPage } from "./slo-page.ts";

export function sloDashboard(ports: Pick<HttpPorts, "serviceLevels" | "whyNotReady">): RequestHandler {
  return async (request, response) => {
    const wanted = request.query["format"] ?? request.accepts("json", "html");
    response.vary("Accept");
    if (wanted !== "json" && wanted !== "html") {
      const message = "This is there as ?format=json and ?format=html.";
      return refuse(response, 400, { error: "bad_request", message });
    }
    const reason = await ports.whyNotReady();
    if (reason !== null) {
      const message = `The records cannot be read now: ${reason}.`;
      return refuse(response, 503, { error: "not_ready", message });
    }
    const report = await ports.serviceLevels();
    if (wanted === "json") response.json(sloBody(report));
    else response.set("Content-Security-Policy", SLO_PAGE_POLICY).type("html").send(sloPage(report));
  };
}
