// A page with a live part: replace that part whenever the server says that something changed.

import { follow } from "./follow.js";

const part = document.querySelector("[data-events]");
const state = document.querySelector("[data-link]");
const news = document.querySelector("[data-news]");

// The one place where the server's own markup, escaped there, becomes part of the page.
const policy = window.trustedTypes?.createPolicy("server-fragment", { createHTML: (html) => html });

function show({ html, arrived }) {
  const focused = document.activeElement?.closest("[data-events] [id]")?.id;
  part.innerHTML = policy ? policy.createHTML(html) : html;
  if (focused) document.getElementById(focused)?.focus();
  if (arrived && news.textContent !== arrived) news.textContent = arrived;
}

function link(up) {
  state.dataset.link = up ? "on" : "off";
  state.textContent = up ? state.dataset.on : state.dataset.off;
}

follow(part.dataset.events, show, link);
