/**
 * Claude in the bot's words: the only thing the rest of the bot sees of this folder. Owns which model does which step
 * and whether the configured models are there. What is asked lives in triage, frame, advise and synthesise; how, in
 * claude.ts.
 */
import type { CheckStatus } from "../domain/health.ts";
import { modelProblem, modelWarning } from "../domain/models.ts";
import type { Counsel } from "../workflows/ports.ts";
import { advise } from "./advise.ts";
import { answer } from "./answer.ts";
import { type Claude, type ClaudeDeps, createClaude } from "./claude.ts";
import { toAppError } from "./failures.ts";
import { frame } from "./frame.ts";
import { advisers } from "./personas.ts";
import { synthesise } from "./synthesise.ts";
import { triage } from "./triage.ts";

export interface CounselDeps extends ClaudeDeps {
  model: string;
  triageModel: string;
}

export interface ModelCheck {
  model: string;
  status: CheckStatus;
  /** One sentence: what was seen, and the fix when it is not ok. */
  detail: string;
}

export interface ModelChecks {
  /** Asks Anthropic for each configured model; costs nothing and proves the key. Never throws. */
  checkModels(): Promise<ModelCheck[]>;
}

export function createCounsel(deps: CounselDeps): Counsel & ModelChecks {
  const claude = createClaude(deps);
  const { model } = deps;
  return {
    triage: (ask) => triage(claude, { ...ask, model: deps.triageModel }),
    frame: (ask) => frame(claude, { ...ask, model }),
    advise: (ask) => advise(claude, { ...ask, model }),
    synthesise: (ask) => synthesise(claude, { ...ask, model }),
    answer: (ask) => answer(claude, { ...ask, model }),
    advisers,
    checkModels: () =>
      Promise.all([...new Set([model, deps.triageModel])].map((name) => checkModel(claude, name))),
  };
}

async function checkModel(claude: Claude, model: string): Promise<ModelCheck> {
  const problem = modelProblem(model);
  if (problem) return { model, status: "down", detail: problem };
  try {
    const info = await claude.retrieveModel(model);
    // A proxy's page with status 200 passes the SDK unseen.
    if (typeof info !== "object" || !info.id) {
      return {
        model,
        status: "down",
        detail: "Something else than Anthropic answers; check ANTHROPIC_BASE_URL.",
      };
    }
    if (info.lifecycle === "retired") {
      return { model, status: "down", detail: `${model} is retired; configure another model.` };
    }
    if (info.capabilities?.structured_outputs.supported === false) {
      return {
        model,
        status: "down",
        detail: `${model} has no structured outputs; configure another model.`,
      };
    }
    const warning = modelWarning(model) ?? deprecation(info);
    return warning
      ? { model, status: "degraded", detail: warning }
      : { model, status: "ok", detail: `${info.display_name} is available.` };
  } catch (error) {
    const failure = toAppError(error);
    if (failure.code === "claude_invalid") {
      return { model, status: "down", detail: `Anthropic has no model ${model} for this key.` };
    }
    return { model, status: "down", detail: failure.message };
  }
}

function deprecation(info: { id: string; lifecycle: string; retires_at: string | null }): string | null {
  if (info.lifecycle !== "deprecated") return null;
  const when = info.retires_at ? ` and retires on ${info.retires_at.slice(0, 10)}` : "";
  return `${info.id} is deprecated${when}; move to a newer model.`;
}
