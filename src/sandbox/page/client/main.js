/** The page: asks for the state whenever something changed, and hands each pane its part. */
import { drawActivity, prepareActivity } from "./activity-pane.js";
import { drawModal, prepareModal } from "./modal.js";
import { drawNotion, prepareNotion } from "./notion-pane.js";
import { prepareMenus } from "./overflow-menu.js";
import {
  act,
  actAs,
  byId,
  currentPerson,
  fetchState,
  followChanges,
  inputById,
  make,
  toast,
} from "./page-api.js";
import { drawSlack, goToEnd, openChannel, prepareSlack } from "./slack-pane.js";

/** @typedef {import("./page-api.js").PageState} PageState */

const EXAMPLES = [
  {
    short: "Buy a competitor?",
    text: "Should we acquire our competitor Fabrikam Ltd for $900,000 before the next funding round?",
  },
  {
    short: "Raise prices?",
    text: "Should we raise prices by 15% for all customers in January? It brings $300,000 a year, but our two largest contracts renew in February.",
  },
  { short: "A routine task", text: "Book the offsite venue for March and send the agenda to the team" },
];

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
    ...(botUrl
      ? [make("a", { href: `${botUrl}/health`, target: "_blank", rel: "noopener" }, "Bot health")]
      : []),
  );
  byId("canned").textContent = real.claude
    ? ""
    : "The offline advisers are stand-ins: their advice is canned (set ANTHROPIC_API_KEY for real ones).";
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
  byId("steps-about").textContent = progress.about ? `The latest question: ${progress.about}` : "";
  byId("steps-about").title = progress.about;
}

/**
 * @param {string} state
 * @param {number} index
 */
function stepSign(state, index) {
  if (state === "done") return "✓";
  if (state === "skipped") return "–";
  return state === "failed" ? "!" : String(index + 1);
}

function prepareAsk() {
  const input = inputById("ask-text");
  byId("ask").addEventListener("submit", (event) => {
    event.preventDefault();
    void ask(input);
  });
  const chips = EXAMPLES.map(({ short, text }) =>
    make(
      "button",
      {
        type: "button",
        class: "chip",
        title: text,
        onclick: () => {
          input.value = text;
          void ask(input);
        },
      },
      short,
    ),
  );
  byId("chips").append(make("span", {}, "Try:"), ...chips);
}

/** @param {HTMLInputElement} input */
async function ask(input) {
  const text = input.value.trim();
  if (!text) {
    toast("Write a question first, or take one of the examples.");
    input.focus();
    return;
  }
  if (!(await act({ act: "ask", text }))) return;
  input.value = "";
  openChannel(null);
  goToEnd();
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

/** @param {string} id */
async function become(id) {
  actAs(id);
  await refresh();
  byId("person").setAttribute("data-me", currentPerson());
}

byId("person").addEventListener("change", (event) => {
  if (event.target instanceof HTMLSelectElement) void become(event.target.value);
});
// Regions that scroll can be reached and scrolled by keyboard.
for (const id of ["messages", "table", "timeline"]) byId(id).tabIndex = 0;

preparePanes();
prepareAsk();
prepareSlack(refresh);
prepareModal();
prepareMenus();
prepareNotion();
prepareActivity();
followChanges(() => void refresh());
