// A button on each example that copies what one types: of a session at the prompt neither prompts nor answers.
"use strict";

function typed(text) {
  const lines = text.trimEnd().split("\n");
  if (!lines.some((line) => line.startsWith(">>>"))) {
    return lines.join("\n") + "\n";
  }
  const kept = lines.filter((line) => /^(>>>|\.\.\.)( |$)/.test(line) || line === "");
  const ended = (line, at) => line.startsWith(">>>") && at > 0 && kept[at - 1].startsWith("...");  // of a loop, say
  return kept.map((line, at) => (ended(line, at) ? "\n" : "") + line.slice(4)).join("\n").trimEnd() + "\n";
}

document.addEventListener("DOMContentLoaded", () => {
  if (!navigator.clipboard) {
    return;
  }
  for (const example of document.querySelectorAll(".highlight > pre")) {
    const text = typed(example.textContent);
    const button = document.createElement("button");
    button.className = "copy";
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    example.parentNode.append(button);
  }
});
