import { keepShowing, keepTime } from "./screen.js";

const screen = document.querySelector(".screen");
keepShowing(screen);
keepTime(screen.querySelector("[data-clock]"));
