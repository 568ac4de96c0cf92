// An officer's pages on the touch screen: left alone for a minute, they sign the officer out and show the kiosk.

const LEFT_ALONE_MS = 60_000;
const leave = document.querySelector("[data-leave]");
const back = document.querySelector("[data-back]");
let leaving = 0;

function wait() {
  clearTimeout(leaving);
  leaving = setTimeout(() => (leave ? leave.submit() : location.assign(back.href)), LEFT_ALONE_MS);
}

for (const sign of ["pointerdown", "keydown", "scroll"]) addEventListener(sign, wait, { passive: true });
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
wait();
