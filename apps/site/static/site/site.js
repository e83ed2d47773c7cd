/* What pages do better with scripts: time left is counted, and an order that waits is looked at again in place. */

const LANGUAGE = document.documentElement.lang;
const LOOK_AGAIN = 2000;
const MOST_LOOKS = 40;
const LAST_RELOAD = "reloaded-at";

const TWO_DAYS = 2 * 24 * 60 * 60;

function inWords(seconds) {
  const [unit, size] = seconds < 60 ? ["second", 1] : seconds < TWO_DAYS ? ["minute", 60] : ["day", TWO_DAYS / 2];
  const number = Math.floor(seconds / size);
  return new Intl.NumberFormat(LANGUAGE, { style: "unit", unit, unitDisplay: "long" }).format(number);
}

function byOwnClock(moment) {
  const parts = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short" };
  return new Intl.DateTimeFormat(LANGUAGE, parts).format(moment);
}

/* The clock of the device may be wrong; how long it runs is not. When the time is over, the shop says what then. */
function count(timer) {
  const end = Date.now() + Number(timer.dataset.seconds) * 1000;
  const ticking = setInterval(() => {
    const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    if (!timer.isConnected) clearInterval(ticking);
    else if (left > 0) say(timer, inWords(left));
    else {
      clearInterval(ticking);
      setTimeout(reloadOnce, 1500);
    }
  }, 1000);
}

function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function reloadOnce() {
  const before = Number(sessionStorage.getItem(LAST_RELOAD) ?? 0);
  if (Date.now() - before < 60_000) return;
  sessionStorage.setItem(LAST_RELOAD, String(Date.now()));
  location.assign(location.href);
}

function showTimes() {
  document.querySelectorAll("[data-seconds]").forEach(count);
  for (const until of document.querySelectorAll(".until")) {
    const time = until.querySelector("time");
    time.textContent = byOwnClock(new Date(time.dateTime));
    until.hidden = false;
  }
}

/* The page of the order as it is now, put in the place of the old one; what it says is read out by screen readers. */
async function lookAgain(looks) {
  const stage = document.querySelector("[data-again]");
  if (!stage || looks >= MOST_LOOKS) return;
  setTimeout(async () => {
    const found = await load(stage.dataset.again);
    if (found && stageOf(found) !== stageOf(document)) {
      document.title = found.title;
      document.querySelector("main").replaceChildren(...found.querySelector("main").childNodes);
      document.querySelector("#news").textContent = document.querySelector("#stage-title").parentElement.innerText;
      showTimes();
      document.dispatchEvent(new Event("replaced"));
    }
    lookAgain(looks + 1);
  }, LOOK_AGAIN);
}

function stageOf(page) {
  return page.querySelector(".stage")?.className;
}

async function load(address) {
  try {
    const answer = await fetch(address);
    return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  } catch {
    return null;
  }
}

showTimes();
lookAgain(0);
