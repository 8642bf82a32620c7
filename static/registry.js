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

// Names to choose from while one types; the form works the same without them.
for (const input of document.querySelectorAll("input[data-suggest]")) {
  let timer, asked;
  input.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(async () => {
      const text = (asked = input.value.trim());
      if (!text) {
        return;
      }
      const answer = await fetch(`${input.dataset.suggest}?${new URLSearchParams({ q: text, limit: 8 })}`).catch(() => null);
      if (!answer?.ok || asked !== text) {
        return;
      }
      const { suggestions } = await answer.json();
      input.list.replaceChildren(...suggestions.map((each) => new Option("", each.text)));
    }, 200);
  });
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

// A form that answers with a file leaves its page as it is: say what happens.
for (const form of document.querySelectorAll("form[data-reveals]")) {
  form.addEventListener("submit", () => (document.getElementById(form.dataset.reveals).hidden = false));
}

// Progress is fetched anew every few seconds while there is some; a link on the page does the same. The address is
// stated, since that of a refused request answers no GET.
const LIVE_MILLISECONDS = 2000;
const live = document.querySelector("[data-live]");
if (live) {
  const again = async () => {
    const answer = await fetch(live.dataset.live).catch(() => null);
    const page = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page && page.getElementById(live.id);
    if (fresh) {
      live.replaceChildren(...fresh.childNodes);
    }
    if (!fresh || fresh.dataset.live) {
      window.setTimeout(again, LIVE_MILLISECONDS);
    } else {
      document.querySelector(".page-head-actions")?.replaceChildren(...page.querySelector(".page-head-actions").childNodes);
    }
  };
  window.setTimeout(again, LIVE_MILLISECONDS);
}

// What a QR code says after "#" never reaches the server by itself: offer to send it.
for (const form of document.querySelectorAll("form[data-token]")) {
  if (window.location.hash.includes(".")) {
    form.elements.number.value = window.location.href;
    form.hidden = false;
  }
}

document.querySelector(".error-summary")?.focus();

for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
