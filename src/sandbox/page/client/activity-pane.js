/** What happened, in sentences or as raw calls, and the switches that break something. */
import { act, byId, inputById, make } from "./page-api.js";

/** @typedef {import("./page-api.js").PageState["activity"]} Activity */
/** @typedef {import("./page-api.js").SwitchState} SwitchState */

/** @type {Activity | null} */
let latest = null;
let drawnLines = "";
let drawnFaults = "";
/** Server clock minus this one, milliseconds. */
let clockOffsetMs = 0;

export function prepareActivity() {
  byId("raw").addEventListener("change", () => latest && drawLines(latest));
  byId("heal").addEventListener("click", () => void act({ act: "heal" }));
  setInterval(() => latest && drawFaults(latest.faults), 1000);
}

/** @param {Activity} activity @param {number} now epoch ms of the server */
export function drawActivity(activity, now) {
  latest = activity;
  clockOffsetMs = now - Date.now();
  drawLines(activity);
  drawFaults(activity.faults);
}

/** @param {Activity} activity */
function drawLines({ entries, calls }) {
  const isRaw = inputById("raw").checked;
  const now = JSON.stringify(isRaw ? calls : entries);
  if (now === drawnLines) return;
  drawnLines = now;
  const lines = isRaw
    ? calls.map((call) =>
        make(
          "li",
          { class: call.status >= 400 || call.status === 0 ? "raw bad" : "raw" },
          timeOf(call.at),
          make(
            "span",
            {},
            `${call.service} ${call.route} → ${call.status || "no answer"} in ${Math.round(call.durationMs)} ms`,
          ),
        ),
      )
    : entries.map((entry) =>
        make(
          "li",
          { class: entry.who },
          timeOf(entry.at),
          make("span", {}, entry.text, entry.count > 1 ? make("b", {}, ` ×${entry.count}`) : null),
        ),
      );
  const empty = make("li", { class: "empty" }, "Nothing yet. Ask something, or click a button.");
  byId("timeline").replaceChildren(...(lines.length > 0 ? lines : [empty]));
}

/** @param {number} at */
function timeOf(at) {
  const date = new Date(at);
  return make("time", { datetime: date.toISOString() }, date.toLocaleTimeString([], { hour12: false }));
}

/** @param {SwitchState[]} faults */
function drawFaults(faults) {
  const shown = faults.map(({ id, label, hint, until }) => {
    const leftS = until === null ? 0 : Math.max(0, Math.ceil((until - Date.now() - clockOffsetMs) / 1000));
    return { id, hint, words: leftS > 0 ? `${label} · ${leftS} s left` : label, isOn: leftS > 0 };
  });
  const now = JSON.stringify(shown);
  if (now === drawnFaults) return;
  drawnFaults = now;
  const focused = document.activeElement?.getAttribute("data-fault");
  const buttons = shown.map(({ id, hint, words, isOn }) =>
    make(
      "button",
      {
        type: "button",
        class: isOn ? "fault on" : "fault",
        "data-fault": id,
        "aria-pressed": String(isOn),
        onclick: () => void act({ act: "fault", id }),
      },
      make("strong", {}, words),
      make("span", {}, hint),
    ),
  );
  const replay = make(
    "button",
    { type: "button", class: "fault", "data-fault": "replay", onclick: () => void act({ act: "replay" }) },
    make("strong", {}, "Replay the last click"),
    make("span", {}, "The same signed Slack request again. Nothing may happen twice."),
  );
  byId("faults").replaceChildren(...buttons, replay);
  if (focused) {
    const again = byId("faults").querySelector(`[data-fault="${focused}"]`);
    if (again instanceof HTMLElement) again.focus();
  }
}
