// The demo's tray: lay a virtual card on the reader without leaving the page, and note what became of it.

import { keepShowing, keepTime } from "./screen.js";

const ON_THE_WAY = new Set(["starting", "ready", "reading", "no-meeting"]);
const MAX_RESULTS = 8;
const PATIENCE_MS = 6000;
const ANSWERED_WITHIN_MS = 60_000;
const KEPT = "results";
const language = document.documentElement.lang;
const screen = document.querySelector(".screen");
const clock = screen.querySelector("[data-clock]");
const list = document.querySelector("[data-results]");
const template = document.querySelector("#result");
const noMeeting = document.querySelector("[data-no-meeting]");
let waiting = null;
let lastSequence = null;
let laid = []; // the cards that were clicked here and have no answer yet, the oldest first
let results = kept();

function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT)) ?? [];
  } catch {
    return [];
  }
}

function line({ card, at, state, vi, en, why, name }) {
  const item = template.content.cloneNode(true);
  const title = document.querySelector(`button[name=card][value="${CSS.escape(card)}"] [data-title]`);
  item.querySelector("[data-card]").textContent = title?.textContent ?? "";
  item.querySelector("use").setAttribute("href", `#shape-${state}`);
  item.querySelector("time").textContent = new Date(at).toLocaleTimeString("vi", { timeZone: clock.dataset.timeZone });
  item.querySelector("[data-said]").textContent = [language === "en" ? en : vi, name].filter(Boolean).join(" · ");
  item.querySelector("[data-why]").textContent = why[language] ?? "";
  return item;
}

function tell(result) {
  results = [result, ...results].slice(0, MAX_RESULTS);
  list.replaceChildren(...results.map(line));
  sessionStorage.setItem(KEPT, JSON.stringify(results));
}

/** Take the card off the list that this answer belongs to: the station reads one after another. */
function answered() {
  laid = laid.filter(({ since }) => Date.now() - since < ANSWERED_WITHIN_MS);
  return laid.shift()?.card ?? "";
}

function note(display) {
  noMeeting.hidden = display.meeting !== "";
  const isNew = lastSequence !== null && display.sequence !== lastSequence && !ON_THE_WAY.has(display.state);
  lastSequence = display.sequence;
  if (!isNew) return;
  const { state, vi, en, name } = display;
  tell({ card: answered(), at: Date.now(), state, vi, en, name, why: { vi: display.detail_vi, en: display.detail_en } });
  release();
}

function release() {
  waiting?.removeAttribute("aria-busy");
  waiting = null;
}

for (const form of document.querySelectorAll(".tray form")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    release();
    const button = form.querySelector("button");
    waiting = button;
    button.setAttribute("aria-busy", "true");
    const card = { card: button.value, since: Date.now() };
    laid.push(card);
    const body = new URLSearchParams(new FormData(form, button));
    const headers = { Accept: "text/plain" };
    const answer = await fetch(form.action, { method: "POST", body, headers }).catch(() => null);
    setTimeout(release, PATIENCE_MS);
    if (answer === null || !answer.ok) {
      form.submit();
      return;
    }
    const warning = await answer.text();
    if (warning) {
      laid = laid.filter((one) => one !== card);
      tell({ card: card.card, at: Date.now(), state: "no-meeting", vi: warning, en: warning, why: {} });
      release();
    }
  });
}

list.replaceChildren(...results.map(line));
keepShowing(screen, note);
keepTime(clock);
