import { keypad } from "./keypad.js";
import { keepShowing, keepTime } from "./screen.js";

const screen = document.querySelector(".screen");
const isClosed = document.body.hasAttribute("data-closed");
const toldKeypad = isClosed
  ? () => {}
  : keypad(document.querySelector("[data-open-keypad]"), document.querySelector("[data-keypad]"), screen.dataset.state);
keepShowing(screen, (display) => {
  // once the device is unlocked, or locked again, another page is behind this address
  if (display.is_closed === isClosed) toldKeypad(display);
  else location.reload();
});
keepTime(screen.querySelector("[data-clock]"));
// what an earlier visit left in the browser's memory is not shown again
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
