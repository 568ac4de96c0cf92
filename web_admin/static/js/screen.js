// The kiosk screen: put what the station says into the page, as text only.

import { follow } from "./follow.js";

const TEXTS = ["vi", "en", "name", "detail_vi", "detail_en", "meeting", "reader", "gone", "lists_vi", "lists_en"];

const NAME_MS = 15_000;
const OWN_YEAR_MS = 10_000;

/** Keep `screen` showing what the station shows; `told(display)` hears each new display. */
export function keepShowing(screen, told = () => {}) {
  const shape = screen.querySelector(".shape use");
  const lists = screen.querySelector("[data-lists]");
  const lost = screen.querySelector("[data-lost]");
  const gone = screen.querySelector("[data-gone]");
  const name = screen.querySelector('[data-text="name"]');
  const year = screen.querySelector("[data-year]");
  let forgetting = 0;
  let shownYear = 0;
  let forgettingYear = 0;
  const forgetName = () => { name.textContent = ""; };
  const forgetYear = () => {
    year.hidden = true;
    for (const figure of year.querySelectorAll("[data-figure]")) figure.textContent = "";
  };
  const showYear = (figures, key) => {
    if (figures === null) {
      clearTimeout(forgettingYear);
      forgetYear();
    } else if (key !== shownYear) {
      clearTimeout(forgettingYear);
      forgettingYear = setTimeout(forgetYear, OWN_YEAR_MS);
      for (const figure of year.querySelectorAll("[data-figure]")) figure.textContent = figures[figure.dataset.figure];
      year.querySelector('[data-figure="away"]').parentElement.hidden = figures.away === 0; // few are, and it is narrow
      year.hidden = false;
    }
    shownYear = key;
  };
  const show = (display) => {
    clearTimeout(forgetting);
    forgetting = setTimeout(forgetName, NAME_MS);
    screen.dataset.state = display.state;
    screen.dataset.colour = display.colour;
    shape.setAttribute("href", `#shape-${display.state}`);
    lists.dataset.lists = display.lists;
    lists.querySelector("use").setAttribute("href", `#shape-${display.lists_shape}`);
    for (const text of TEXTS) {
      const place = screen.querySelector(`[data-text="${text}"]`);
      if (place) place.textContent = display[text] ?? "";
    }
    gone.hidden = !display.gone;
    screen.querySelector(".vi").toggleAttribute("data-long", display.vi.length > 14);
    name.toggleAttribute("data-long", (display.name ?? "").length > 20);
    showYear(display.own_year, display.own_year_key);
    told(display);
  };
  // should the line be lost, or never come up, nobody else would take name and year away
  forgetting = setTimeout(forgetName, NAME_MS);
  forgettingYear = setTimeout(forgetYear, OWN_YEAR_MS);
  addEventListener("pagehide", () => { forgetName(); forgetYear(); });
  follow(screen.dataset.events, show, (up) => { lost.hidden = up; });
}

/** Show the hour, on the minute. */
export function keepTime(clock) {
  const format = new Intl.DateTimeFormat("vi", { hour: "2-digit", minute: "2-digit", timeZone: clock.dataset.timeZone });
  const tick = () => {
    clock.textContent = format.format(new Date());
    setTimeout(tick, 60_000 - (Date.now() % 60_000) + 20);
  };
  tick();
}
