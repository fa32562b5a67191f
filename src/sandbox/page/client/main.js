/** The page: asks for the state whenever something changed, and hands each pane its part. */
import { drawActivity, prepareActivity } from "./activity-pane.js";
import { drawModal, prepareModal } from "./modal.js";
import { drawNotion, prepareNotion } from "./notion-pane.js";
import { act, actAs, byId, currentPerson, fetchState, followChanges, inputById, make, toast } from "./page-api.js";
import { drawSlack, openChannel, prepareSlack } from "./slack-pane.js";

/** @typedef {import("./page-api.js").PageState} PageState */

const EXAMPLES = [
  "Should we raise our prices by 15% in January, although two big customers renew in February?",
  "Should we acquire our smaller competitor Northwind for $2.4M before our next funding round?",
  "Book the offsite venue for March and send the agenda to the team",
];
const SHORT = ["Raise prices 15%?", "Buy our competitor?", "A routine task"];

let loading = false;
let again = false;

async function refresh() {
  if (loading) {
    again = true;
    return;
  }
  loading = true;
  try {
    draw(await fetchState());
  } catch {
    toast("The sandbox does not answer. Is npm run demo still running?");
  }
  loading = false;
  if (again) {
    again = false;
    await refresh();
  }
}

/** @param {PageState} state */
function draw(state) {
  drawPeople(state);
  drawSteps(state);
  drawSlack(state);
  drawModal(state.slack.modals.at(-1) ?? null);
  drawNotion(state);
  drawActivity(state.activity, state.now);
}

let drawnPeople = "";

/** @param {PageState} state */
function drawPeople({ slack, real, botUrl }) {
  const now = JSON.stringify([slack.people, slack.me]);
  if (now === drawnPeople) return;
  drawnPeople = now;
  const options = slack.people.map(({ id, name, role }) =>
    make("option", { value: id, selected: id === slack.me }, `${name} (${role})`),
  );
  byId("person").replaceChildren(...options);
  const genuine = Object.entries(real).filter(([, isReal]) => isReal);
  const note = genuine.length > 0 ? `Real: ${genuine.map(([name]) => name).join(", ")}. ` : "";
  byId("real-note").replaceChildren(
    note,
    ...(botUrl ? [make("a", { href: `${botUrl}/health`, target: "_blank", rel: "noopener" }, "Bot health")] : []),
  );
  byId("ask").hidden = real.slack && real.notion;
  byId("chips").hidden = byId("ask").hidden;
}

let drawnSteps = "";

/** @param {PageState} state */
function drawSteps({ progress }) {
  const now = JSON.stringify(progress);
  if (now === drawnSteps) return;
  drawnSteps = now;
  const steps = progress.steps.map(({ name, state, note }, i) =>
    make(
      "li",
      { class: `step ${state}`, ...(state === "active" ? { "aria-current": "step" } : {}) },
      make("span", { class: "dot", "aria-hidden": "true" }, stepSign(state, i)),
      make("span", { class: "step-words" }, make("strong", {}, name), make("span", { title: note }, note)),
    ),
  );
  byId("steps").replaceChildren(...steps);
}

/**
 * @param {string} state
 * @param {number} index
 */
function stepSign(state, index) {
  if (state === "done") return "✓";
  return state === "failed" ? "!" : String(index + 1);
}

function prepareAsk() {
  const input = inputById("ask-text");
  byId("ask").addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) return;
    if (await act({ act: "ask", text })) {
      input.value = "";
      openChannel(null);
    }
  });
  const chips = EXAMPLES.map((text, i) =>
    make(
      "button",
      {
        type: "button",
        class: "chip",
        title: text,
        onclick: () => {
          input.value = text;
          input.focus();
        },
      },
      SHORT[i] ?? text,
    ),
  );
  byId("chips").append(make("span", {}, "Try:"), ...chips);
}

function preparePanes() {
  byId("pane-tabs").addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (button) showPane(button.dataset["pane"] ?? "slack");
  });
}

/** On a phone, one pane at a time. @param {string} name */
function showPane(name) {
  document.body.dataset["pane"] = name;
  for (const button of byId("pane-tabs").querySelectorAll("button"))
    button.setAttribute("aria-pressed", String(button.dataset["pane"] === name));
}

byId("person").addEventListener("change", async (event) => {
  if (event.target instanceof HTMLSelectElement) actAs(event.target.value);
  await refresh();
  byId("person").setAttribute("data-me", currentPerson());
});

preparePanes();
prepareAsk();
prepareSlack(refresh);
prepareModal();
prepareNotion();
prepareActivity();
followChanges(() => void refresh());
