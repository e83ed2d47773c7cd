// What makes the back office quicker to use; all of it works without.

for (const box of document.querySelectorAll("[data-all]")) {
  box.hidden = false;
  box.addEventListener("change", () => {
    for (const each of box.closest("table").querySelectorAll("input[name=pks]")) each.checked = box.checked;
  });
}

// On a phone the menu is folded, and filters that nobody uses.
const narrow = (width) => !matchMedia(`(min-width: ${width}rem)`).matches;
if (narrow(64)) document.querySelector(".menu details")?.removeAttribute("open");
if (narrow(46)) document.querySelector(".filters[data-fold]")?.removeAttribute("open");

// A menu closes by Escape, and when somebody goes on elsewhere.
for (const menu of document.querySelectorAll(".more")) {
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  menu.addEventListener("focusout", ({ relatedTarget }) => { if (relatedTarget && !menu.contains(relatedTarget)) menu.open = false; });
  addEventListener("pointerdown", ({ target }) => { if (!menu.contains(target)) menu.open = false; });
}

// Files that are more than is read at all are not sent in vain.
for (const input of document.querySelectorAll("input[type=file][data-most]")) {
  input.addEventListener("change", () => {
    const bytes = [...input.files].reduce((sum, each) => sum + each.size, 0);
    input.setCustomValidity(bytes > input.dataset.most ? input.dataset.told : "");
    input.reportValidity();
  });
  input.form.addEventListener("submit", (event) => { if (!input.reportValidity()) event.stopImmediatePropagation(), event.preventDefault(); });
}

// A form that was sent is not sent again by a second click.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// Whoever leaves with changes that are not saved is asked.
for (const form of document.querySelectorAll("form[data-leave]")) {
  let changed = false;
  form.addEventListener("input", () => { changed = true; });
  form.addEventListener("submit", () => { changed = false; });
  addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
}

// Whose session ended while they typed finds it again after signing in, and whose form was too large for us. A draft goes once something is saved.
const draft = `draft ${location.pathname}${location.pathname.includes("/do/") ? location.search : ""}`;
const editForm = document.querySelector("form[data-leave]");
const fields = () => [...editForm.elements].filter((each) => each.name && !["file", "password", "submit"].includes(each.type) && !["form", "idempotency_key", "list", "pks", "rest", "count", "seen"].includes(each.name));
if (document.querySelector(".told")) {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith("draft ")) sessionStorage.removeItem(key);
}
if (editForm) {
  const kept = JSON.parse(sessionStorage.getItem(draft) ?? "null");
  const isBack = location.hash === "#kept" || (document.referrer && new URL(document.referrer).pathname.startsWith("/account/"));
  if (kept && isBack) {
    fields().forEach((each, n) => {
      const [name, value, ticked] = kept[n] ?? [];
      if (name !== each.name) return;
      if (each.type === "checkbox") each.checked = ticked; else each.value = value;
    });
  }
  editForm.addEventListener("submit", () => {
    sessionStorage.setItem(draft, JSON.stringify(fields().map((each) => [each.name, each.value, each.checked ?? false])));
  });
}

// What "+" beside a chooser adds in another tab is chosen in this one.
const ADDS = "adds ";
for (const link of document.querySelectorAll("[data-adds]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    open(link.href, ADDS + link.dataset.adds);
  });
}
addEventListener("message", ({ origin, data }) => {
  const [id, chosen, words] = document.getElementById(data?.adds ?? "")?.closest(".chooser")?.querySelectorAll("input") ?? [];
  if (origin !== location.origin || !words) return;
  id.value = data.id;
  chosen.value = words.value = data.label;
  words.form.dispatchEvent(new Event("input"));
  words.focus();
});
const made = document.querySelector("[data-made]");
if (made && opener && name.startsWith(ADDS)) {
  opener.postMessage({ adds: name.slice(ADDS.length), id: made.dataset.made, label: made.dataset.label }, location.origin);
  name = "";
  close();
}

// Autocompletion (WAI-ARIA: editable combobox with list). The hidden fields carry the id and the name it belongs to.
for (const chooser of document.querySelectorAll(".chooser")) {
  const [id, chosen, words] = chooser.querySelectorAll("input");
  const list = document.createElement("ul");
  list.id = `${words.id}-list`;
  list.setAttribute("role", "listbox");
  list.hidden = true;
  chooser.append(list);
  words.setAttribute("role", "combobox");
  words.setAttribute("aria-controls", list.id);
  words.setAttribute("aria-autocomplete", "list");
  words.setAttribute("aria-expanded", "false");
  let active = -1, asked = 0, timer;

  const close = () => { list.hidden = true; words.setAttribute("aria-expanded", "false"); words.removeAttribute("aria-activedescendant"); active = -1; };
  const choose = (option) => {
    id.value = option.dataset.id;
    chosen.value = words.value = option.textContent;
    close();
    words.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const mark = (number) => {
    active = (number + list.children.length) % list.children.length;
    [...list.children].forEach((each, n) => each.setAttribute("aria-selected", String(n === active)));
    words.setAttribute("aria-activedescendant", list.children[active].id);
    list.children[active].scrollIntoView({ block: "nearest" });
  };
  const ask = async () => {
    const mine = ++asked;
    const answer = await fetch(`${chooser.dataset.autocomplete}?q=${encodeURIComponent(words.value)}`).catch(() => null);
    if (!answer?.ok || mine !== asked) return;
    const { results } = await answer.json();
    list.replaceChildren(...results.map((each, n) => {
      const option = document.createElement("li");
      option.id = `${list.id}-${n}`;
      option.dataset.id = each.id;
      option.textContent = each.text;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.addEventListener("pointerdown", (event) => { event.preventDefault(); choose(option); });
      return option;
    }));
    list.hidden = !results.length;
    words.setAttribute("aria-expanded", String(!list.hidden));
    active = -1;
  };
  words.addEventListener("input", () => {
    id.value = chosen.value = "";
    clearTimeout(timer);
    timer = setTimeout(ask, 150);
  });
  words.addEventListener("focus", () => { if (!words.value) ask(); });
  words.addEventListener("blur", close);
  words.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    if (list.hidden) { if (event.key === "ArrowDown") ask(); return; }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); mark(active + (event.key === "ArrowDown" ? 1 : -1)); }
    if (event.key === "Enter") { event.preventDefault(); if (active < 0) mark(0); else choose(list.children[active]); }
  });
}
