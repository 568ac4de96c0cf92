// The keypad on the touch screen: six digits for one tap, seen as dots, sent once, and forgotten after twenty seconds.

const LENGTH = 6;
const FORGOTTEN_AFTER_MS = 20_000;
const BY_KEYBOARD = { Backspace: "erase", Enter: "enter", Escape: "close" };
const NOBODY_IS_SERVED = new Set(["locked", "no-meeting", "reader-gone"]);
const NO_ANSWER_YET = new Set(["starting", "ready", "reading"]);

/** Serve the keypad `panel` that `opener` opens, from a screen that shows `state`; returns who hears each display. */
export function keypad(opener, panel, state) {
  const dots = panel.querySelector("[data-dots]");
  const enter = panel.querySelector('[data-key="enter"]');
  let digits = "";
  let forgetting = 0;
  let sent = false;
  let shown = state;

  const offer = () => {
    opener.hidden = !panel.hidden || NOBODY_IS_SERVED.has(shown);
  };
  const say = (what) => {
    for (const line of panel.querySelectorAll("[data-say]")) line.hidden = line.dataset.say !== what;
  };
  const show = () => {
    dots.textContent = "●".repeat(digits.length) + "○".repeat(LENGTH - digits.length);
    dots.setAttribute("aria-label", `${digits.length} / ${LENGTH}`);
    enter.disabled = digits.length < LENGTH;
  };
  const forget = () => {
    digits = "";
    show();
  };
  const close = () => {
    clearTimeout(forgetting);
    forget();
    sent = false;
    panel.hidden = true;
    offer();
    document.body.classList.remove("typing");
  };
  const wait = () => {
    clearTimeout(forgetting);
    forgetting = setTimeout(close, FORGOTTEN_AFTER_MS);
  };
  const open = () => {
    say("type");
    forget();
    panel.hidden = false;
    offer();
    document.body.classList.add("typing");
    wait();
  };

  async function send() {
    const reader = panel.querySelector("input:checked")?.value ?? panel.dataset.reader;
    const number = digits;
    forget();
    let status = 0;
    try {
      const { token } = await (await fetch(panel.dataset.token, { cache: "no-store" })).json();
      const body = new URLSearchParams({ digits: number, reader, csrf_token: token });
      status = (await fetch(panel.dataset.post, { method: "POST", body })).status;
    } catch {
      // said below
    }
    sent = status === 204;
    say(sent ? "sent" : status === 429 ? "busy" : "failed");
    wait();
  }

  const press = (key) => {
    wait();
    if (key === "close") close();
    else if (key === "enter") {
      if (digits.length === LENGTH) send();
    } else {
      if (key === "erase") digits = digits.slice(0, -1);
      else digits = (digits.length === LENGTH ? "" : digits) + key; // a seventh begins anew, since one was wrong
      sent = false;
      say("type");
      show();
    }
  };

  opener.addEventListener("click", open);
  panel.addEventListener("click", (event) => {
    const key = event.target.closest("[data-key]")?.dataset.key;
    if (key) press(key);
  });
  addEventListener("keydown", (event) => {
    if (panel.hidden || event.ctrlKey || event.altKey || event.metaKey) return;
    const key = /^[0-9]$/.test(event.key) ? event.key : BY_KEYBOARD[event.key];
    if (!key) return;
    event.preventDefault();
    press(key);
  });
  addEventListener("pagehide", close);
  offer();

  // the whole screen again for whoever is answered, unless somebody types meanwhile
  return (display) => {
    shown = display.state;
    if (sent && !NO_ANSWER_YET.has(display.state)) close();
    else offer();
  };
}
