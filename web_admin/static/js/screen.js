// The kiosk screen: put what the station says into the page, as text only.

import { follow } from "./follow.js";

const TEXTS = ["vi", "en", "name", "detail_vi", "detail_en", "meeting", "lists_vi", "lists_en"];

const NAME_MS = 15_000;

/** Keep `screen` showing what the station shows; `told(display)` hears each new display. */
export function keepShowing(screen, told = () => {}) {
  const shape = screen.querySelector(".shape use");
  const lists = screen.querySelector("[data-lists]");
  const lost = screen.querySelector("[data-lost]");
  const name = screen.querySelector('[data-text="name"]');
  let forgetting = 0;
  const show = (display) => {
    // should the line be lost meanwhile, nobody else would take the name away
    clearTimeout(forgetting);
    forgetting = setTimeout(() => { name.textContent = ""; }, NAME_MS);
    screen.dataset.state = display.state;
    shape.setAttribute("href", `#shape-${display.state}`);
    lists.dataset.lists = display.lists;
    lists.querySelector("use").setAttribute("href", `#shape-${display.lists_shape}`);
    for (const text of TEXTS) {
      const place = screen.querySelector(`[data-text="${text}"]`);
      if (place) place.textContent = display[text] ?? "";
    }
    screen.querySelector(".vi").toggleAttribute("data-long", display.vi.length > 14);
    told(display);
  };
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
