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

// One click is one act: a button sends nothing more while its own answer is awaited. When an answer comes that is shown,
// the page goes; one that stays for so long has been answered with something else, or not at all.
const SENT_MILLISECONDS = 5000;
const awaited = new Set();
const plain = new Set();
document.addEventListener("submit", (event) => {
  const form = event.target;
  const button = event.submitter ?? form;
  if (event.defaultPrevented || (button.getAttribute("formmethod") ?? form.getAttribute("method")) !== "post") {
    return;
  }
  if (awaited.has(button)) {
    event.preventDefault();
    return;
  }
  awaited.add(button);
  if (plain.delete(button) || !button.closest("[data-file]")) {
    window.setTimeout(() => awaited.delete(button), SENT_MILLISECONDS);
    return;
  }
  event.preventDefault();
  save(form, event.submitter).then((saved) => {
    awaited.delete(button);
    if (!saved) {
      plain.add(button);
      form.requestSubmit(event.submitter);
    }
  });
});
window.addEventListener("pageshow", () => awaited.clear());

// An answer that is a file leaves its page as it is: fetch it, so that the page can say when it has come. Any other answer,
// such as a form with its faults, is not for here: it is asked for again as without this script.
const save = async (form, submitter) => {
  const notice = form.dataset.file && document.getElementById(form.dataset.file);
  const say = (step) => {
    for (const each of notice?.children ?? []) {
      each.hidden = each.dataset.step !== step;
    }
  };
  say("waiting");
  const body = new FormData(form);
  if (submitter?.name) {
    body.append(submitter.name, submitter.value);
  }
  const address = submitter?.getAttribute("formaction") ?? form.getAttribute("action") ?? window.location.href;
  const answer = await fetch(address, { method: "POST", body }).catch(() => null);
  const sent = answer?.headers.get("Content-Disposition") ?? "";
  const file = answer?.ok && sent.startsWith("attachment") && (await answer.blob().catch(() => null));
  if (!file) {
    say("");
    return false;
  }
  const [, encoded] = /filename\*=UTF-8''([^;]+)/i.exec(sent) ?? [];
  const [, ascii] = /filename="?([^";]+)/i.exec(sent) ?? [];
  const name = encoded ? decodeURIComponent(encoded) : ascii ?? "";
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: name });
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  if (notice) {
    tell(notice, name.replace(/\.\w+$/, ""), answer.headers.get("Link"));
    say("done");
    forgive(form);
  }
  return true;
};

// Which certificate it is, and where its record stands for who may see that.
const tell = (notice, number, link) => {
  const [, record] = /<([^>]+)>; rel="describedby"/.exec(link ?? "") ?? [];
  const place = record ? Object.assign(document.createElement("a"), { href: record }) : document.createElement("span");
  place.className = "number";
  place.textContent = number;
  notice.querySelector("[data-number]").replaceChildren(place);
};

// What an earlier attempt was refused for no longer holds.
const forgive = (form) => {
  document.querySelector(".error-summary")?.remove();
  form.querySelectorAll(".field-error").forEach((node) => node.remove());
  form.querySelectorAll(".field-wrong").forEach((node) => node.classList.remove("field-wrong"));
  form.querySelectorAll("[aria-invalid]").forEach((node) => node.removeAttribute("aria-invalid"));
};

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
    form.elements.number.value = window.location.pathname + window.location.hash;
    form.hidden = false;
  }
}

document.querySelector(".error-summary")?.focus();

for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
