// Conveniences only: every page works without this file.
"use strict";

// What CSS unfolds on wide screens is opened there for browsers that do not know ::details-content.
const wide = window.matchMedia("(min-width: 62rem)");
const unfold = () => {
  for (const details of document.querySelectorAll("details.unfold-wide")) {
    details.open = wide.matches;
  }
};
unfold();
wide.addEventListener("change", unfold);

// A chosen filter applies at once; the button stays for those who choose several by keyboard.
for (const form of document.querySelectorAll("form[data-submit-on-change]")) {
  form.addEventListener("change", () => form.requestSubmit());
}

// One click is one act.
for (const form of document.querySelectorAll('form[method="post"]')) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    window.setTimeout(() => delete form.dataset.sent, 5000);
  });
}
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
  }
});

document.querySelector(".error-summary")?.focus();

for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
