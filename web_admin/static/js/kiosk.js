import { keypad } from "./keypad.js";
import { keepShowing, keepTime } from "./screen.js";

const screen = document.querySelector(".screen");
keepShowing(screen, keypad(document.querySelector("[data-open-keypad]"), document.querySelector("[data-keypad]")));
keepTime(screen.querySelector("[data-clock]"));
// what an earlier visit left in the browser's memory is not shown again
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
