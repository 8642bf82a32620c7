// Saves a draft while it is being typed. A convenience: the page's own button does the same without this file.
"use strict";

const PAUSE = 2000; // milliseconds without a key before a save

for (const form of document.querySelectorAll("form[data-autosave]")) {
  const status = form.querySelector("[data-autosave-status]");
  let timer = 0;
  let saving = false;
  let dirty = false;

  const show = (problems) => {
    for (const place of form.querySelectorAll("[data-problems]")) {
      const found = Object.entries(problems).filter(
        ([name]) => name === place.dataset.problems || name.startsWith(`${place.dataset.problems}-`),
      );
      place.replaceChildren(
        ...found.map(([, sentence]) => Object.assign(document.createElement("p"), { textContent: sentence })),
      );
      place.closest(".field").classList.toggle("field-wrong", found.length > 0);
    }
  };

  const save = async () => {
    if (saving) return;
    saving = true;
    dirty = false;
    try {
      const answer = await fetch(form.action || window.location.href, {
        method: "POST",
        body: new FormData(form),
        headers: { Accept: "application/json" },
      });
      if (answer.status === 401) {
        status.textContent = "登录已过期，内容仍在本页。请按“保存”，登录后内容会还给您。";
      } else if (answer.headers.get("Content-Type")?.startsWith("application/json")) {
        const saved = await answer.json();
        if (saved.seen) form.elements.namedItem("seen").value = saved.seen;
        if (saved.problems) show(saved.problems);
        status.textContent = saved.message || `${saved.saved_at}自动保存`;
      } else {
        status.textContent = "自动保存没有成功，请按“保存”。";
      }
    } catch {
      status.textContent = "网络不通，内容仍在本页，恢复后会再试。";
      dirty = true;
    } finally {
      saving = false;
      if (dirty) plan();
    }
  };

  const plan = () => {
    dirty = true;
    window.clearTimeout(timer);
    timer = window.setTimeout(save, PAUSE);
  };

  form.addEventListener("input", plan);
  form.addEventListener("submit", () => window.clearTimeout(timer));
}
