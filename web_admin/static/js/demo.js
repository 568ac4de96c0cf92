// The demo's tray: lay a virtual card on the reader without leaving the page, and note what became of it.

import { keepShowing, keepTime } from "./screen.js";

const ON_THE_WAY = new Set(["starting", "ready", "reading", "no-meeting"]);
const MAX_RESULTS = 8;
const PATIENCE_MS = 6000;
const screen = document.querySelector(".screen");
const clock = screen.querySelector("[data-clock]");
const results = document.querySelector("[data-results]");
const template = document.querySelector("#result");
const noMeeting = document.querySelector("[data-no-meeting]");
let waiting = null;
let lastSequence = null;

function note(display) {
  noMeeting.hidden = display.meeting !== "";
  if (lastSequence === null || display.sequence === lastSequence || ON_THE_WAY.has(display.state)) {
    lastSequence = display.sequence;
    return;
  }
  lastSequence = display.sequence;
  const line = template.content.cloneNode(true);
  line.querySelector("use").setAttribute("href", `#shape-${display.state}`);
  line.querySelector("time").textContent = new Date().toLocaleTimeString("vi", { timeZone: clock.dataset.timeZone });
  line.querySelector("[data-said]").textContent = [display.vi, display.name].filter(Boolean).join(" · ");
  results.prepend(line);
  while (results.children.length > MAX_RESULTS) results.lastElementChild.remove();
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
    waiting = form.querySelector("button");
    waiting.setAttribute("aria-busy", "true");
    const body = new URLSearchParams(new FormData(form, waiting));
    const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => null);
    setTimeout(release, PATIENCE_MS);
    if (answer === null || (answer.type !== "opaqueredirect" && !answer.ok)) form.submit();
  });
}

keepShowing(screen, note);
keepTime(clock);
